"""Markets of mixed resolutions for the tests."""

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Float, Int
from geo.cells.hierarchy import descendants, resolution_of

PENTAGON = h3.cell_to_latlng(h3.get_pentagons(4)[5])
PLACES = [(50.0, 8.0), (-17.0, 179.9), (66.0, -179.9), (0.0, 0.0), PENTAGON]


def disk(lat: float, lng: float, resolution: int, rings: int) -> Int:
    center = h3.latlng_to_cell(lat, lng, resolution)
    return np.array(sorted(h3.grid_disk(center, rings)), dtype=np.int64)


def split(cells: Int, which: Int) -> Int:
    """The cells at these indexes replaced by their children."""
    which = np.unique(which)
    levels = resolution_of(cells[which])
    fine = [
        descendants(cells[i : i + 1], int(level) + 1)[0]
        for i, level in zip(which, levels, strict=True)
    ]
    return np.sort(np.concatenate([np.delete(cells, which), *fine]))


def mixed_market(
    seed: int, place: tuple[float, float], *, resolution: int = 4, times: int = 3
) -> Int:
    """A disk of cells, some of which have been replaced by their children, and some of those."""
    random = np.random.default_rng(seed)
    cells = disk(*place, resolution, 3)
    for _ in range(times):
        cells = split(cells, random.integers(0, len(cells), 4))
    return cells


def points_around(seed: int, cells: Int, count: int) -> tuple[Float, Float]:
    """Positions in and a little beyond the cells."""
    random = np.random.default_rng(seed)
    center = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()])
    spread = h3.average_hexagon_edge_length(h3.get_resolution(int(cells[0]))) / 111
    at = center[random.integers(0, len(center), count)] + random.normal(0, spread, (count, 2))
    return at[:, 0].copy(), (at[:, 1] + 180) % 360 - 180
