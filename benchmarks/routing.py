"""Whose are a million points? The service's look-up beside four other ways, in one run.

    python -m benchmarks.routing [--points 1000000] [--resolution 6] [--territories 300]
    python -m benchmarks.routing --plan DIR          a plan that `bailiwick design` wrote

The others answer by the territories' outlines, as they are usually asked: a geopandas spatial join,
a shapely STRtree, and PostgreSQL with PostGIS and a spatial index, the points already in a table.
PostGIS is Debian's (postgresql-15-postgis-3), started for the run; without it the row says so. All
must agree. An outline's edge is straight on the map and a cell's is an arc, so a point within
`_BORDER_DEG` of a border may differ; one farther away fails the run.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import geopandas
import numpy as np
import shapely
from scipy.spatial import KDTree

from benchmarks.postgis import postgis, routed_by_postgis
from geo.arrays import Float, Int, Int32
from geo.cells.adjacency import contiguity_graph
from geo.cells.fill import cells_over
from geo.cells.holding import cell_index
from geo.cells.index import cell_centers
from geo.cells.land import USA, land_of
from geo.cells.outlines import outlines
from geo.sphere import to_xyz
from sales.lookup import Lookup, make_lookup
from sales.planfiles import read_plan

_BORDER_DEG = 2e-4  # about 20 m

Way = Callable[[Float, Float], Int32]


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--points", type=int, default=1_000_000)
    asked.add_argument("--plan", type=Path)
    asked.add_argument("--resolution", type=int, default=6)
    asked.add_argument("--territories", type=int, default=300)
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    if given.plan:
        lookup, about = make_lookup(read_plan(given.plan)), str(given.plan)
    else:
        lookup = drawn(given.resolution, given.territories)
        about = f"lower 48, resolution {given.resolution}, drawn around random places"
    assert lookup.index is not None, "a plan of cells is needed"
    shapes = np.array(outlines(lookup.index.cells, lookup.owner, len(lookup.ids)), dtype=object)
    lat, lng = points(shapes, given.points)
    print(f"{about}: {len(lookup.index.cells):,} cells, {len(lookup.ids)} territories")
    began = time.perf_counter()
    lookup.owners_at(lat[:1], lng[:1])
    print(f"{given.points:,} random points; picture made in {time.perf_counter() - began:.1f} s")
    with ExitStack() as stack:
        ways: dict[str, Way | None] = {
            "Bailiwick, with the picture": lookup.owners_at,
            "Bailiwick, cells alone": lambda lat, lng: lookup.territories_at(lat, lng)[0],
            "shapely STRtree": by_tree(shapes),
            "geopandas sjoin": by_join(shapes),
            "PostGIS": stack.enter_context(postgis(shapes)),
        }
        return compared(ways, shapes, lat, lng, given.repeats)


def drawn(resolution: int, territories: int) -> Lookup:
    """Territories of the lower 48 around random cells: as ragged as a plan's, and quick to make."""
    cells = cells_over(land_of(USA), resolution)
    _, piece = contiguity_graph(cells).components()
    cells = cells[piece == np.bincount(piece).argmax()]
    xyz = to_xyz(*cell_centers(cells))
    chosen = np.random.default_rng(0).choice(len(cells), territories, replace=False)
    owner = np.asarray(KDTree(xyz[chosen]).query(xyz)[1], dtype=np.int32)
    names = tuple(f"T{i:03}" for i in range(territories))
    return Lookup(cell_index(cells), owner, (), names, names, ("",) * territories, names)


def points(shapes: np.ndarray, count: int) -> tuple[Float, Float]:
    """Even over the box around the market: some lie outside."""
    west, south, east, north = shapely.total_bounds(shapes)
    rng = np.random.default_rng(1)
    return rng.uniform(south, north, count), rng.uniform(west, east, count)


def by_tree(shapes: np.ndarray) -> Way:
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)

    def way(lat: Float, lng: Float) -> Int32:
        found = np.full(len(lat), -1, dtype=np.int32)
        at, shape = tree.query(shapely.points(lng, lat), predicate="intersects")
        found[at[::-1]] = shape[::-1]
        return found

    return way


def by_join(shapes: np.ndarray) -> Way:
    frame = geopandas.GeoDataFrame({"t": np.arange(len(shapes))}, geometry=shapes, crs="EPSG:4326")

    def way(lat: Float, lng: Float) -> Int32:
        places = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(lng, lat), crs="EPSG:4326"
        )
        joined = geopandas.sjoin(places, frame, how="inner", predicate="intersects")
        found = np.full(len(lat), -1, dtype=np.int32)
        at: Int = joined.index.to_numpy()
        found[at[::-1]] = joined["t"].to_numpy()[::-1]
        return found

    return way


def compared(
    ways: dict[str, Way | None],
    shapes: np.ndarray,
    lat: Float,
    lng: Float,
    repeats: int,
) -> int:
    """Print the table; 1 where two ways disagree away from borders."""
    expected: Int32 | None = None
    first, wrong = 0.0, 0
    print(f"{'':30}{'points/s':>14}{'ratio':>9}  differing, of these not at a border")
    for name, way in ways.items():
        if way is None:
            print(f"{name:30}{'not installed':>14}")
            continue
        best = np.inf
        for _ in range(repeats if name.startswith("Bail") else 1):
            if name == "PostGIS":
                seconds, found = routed_by_postgis(way, lat, lng)
            else:
                began = time.perf_counter()
                found = way(lat, lng)
                seconds = time.perf_counter() - began
            best = min(best, seconds)
        expected, first = (found, best) if expected is None else (expected, first)
        differ = np.flatnonzero(found != expected)
        away = far_from_borders(shapes, lat[differ], lng[differ])
        wrong += away
        rate = len(lat) / best
        print(f"{name:30}{rate:>14,.0f}{best / first:>8.1f}×  {len(differ)}, {away}")
    return 1 if wrong else 0


def far_from_borders(shapes: np.ndarray, lat: Float, lng: Float) -> int:
    if not len(lat):
        return 0
    borders = shapely.STRtree(shapely.boundary(shapes))
    near = borders.query(shapely.points(lng, lat), predicate="dwithin", distance=_BORDER_DEG)[0]
    return len(lat) - len(np.unique(near))


if __name__ == "__main__":
    sys.exit(main())
