"""Markets of H3 cells over countries."""

import numpy as np

from benchmarks.instances.potential import account_potential, with_hot_spot
from benchmarks.instances.types import Instance, equal_targets
from geo.arrays import Float
from geo.cells.adjacency import contiguity_graph
from geo.cells.fill import cells_over
from geo.cells.graph import CellGraph
from geo.cells.index import cell_centers
from geo.cells.islands import join_islands
from geo.cells.land import USA, area_km2, land_of

_LOWER_48_KM2 = 8.1e6


def contiguous_us(
    name: str,
    about: str,
    *,
    resolution: int,
    territories: int,
    accounts: int,
    seed: int,
    dense: float = 1.0,
    hottest: float | None = None,
) -> Instance:
    """The largest piece of the United States, which is the lower 48.

    `hottest` is the share of a target that the heaviest cell is made to hold.
    """
    cells = cells_over(land_of(USA), resolution)
    _, piece = contiguity_graph(cells).components()
    cells = cells[piece == np.bincount(piece).argmax()]
    lat, lng = cell_centers(cells)
    potential = account_potential(
        lat, lng, np.random.default_rng(seed), accounts=accounts, area_km2=_LOWER_48_KM2,
        dense=dense,
    )  # fmt: skip
    if hottest is not None:
        potential = with_hot_spot(potential, territories, hottest)
    graph = contiguity_graph(cells)
    return Instance(name, about, equal_targets(lat, lng, potential, graph, territories))


def country(
    name: str,
    about: str,
    *,
    iso: str,
    resolution: int,
    territories: int,
    accounts: int,
    seed: int,
    dense: float,
) -> Instance:
    """All land of a country, islands joined by bridges."""
    lat, lng, graph = _joined(iso, resolution)
    potential = account_potential(
        lat, lng, np.random.default_rng(seed), accounts=accounts,
        area_km2=area_km2(land_of(iso)), cities=100, dense=dense,
    )  # fmt: skip
    return Instance(name, about, equal_targets(lat, lng, potential, graph, territories))


def _joined(iso: str, resolution: int) -> tuple[Float, Float, CellGraph]:
    cells = cells_over(land_of(iso), resolution)
    lat, lng = cell_centers(cells)
    return lat, lng, join_islands(contiguity_graph(cells), lat, lng)
