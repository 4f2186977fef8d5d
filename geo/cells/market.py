"""From located accounts to the market: a table of cells and the graph that joins them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely

from geo.arrays import Bool, Float, Int, frozen
from geo.cells.adjacency import contiguity_graph, positions_in
from geo.cells.graph import CellGraph, bridge_lengths
from geo.cells.ground import Ground, derived_ground, given_ground
from geo.cells.index import cell_centers, cells_at, check_positions, check_resolution
from geo.cells.islands import join_islands
from geo.cells.resolution import resolution_for
from geo.cells.table import CellTable
from geo.errors import GeometryError, NothingLocatedError
from geo.progress import Progress, silent

MOST_CELLS = 2_000_000


@dataclass(frozen=True, eq=False)
class Market:
    """All ground that is to be shared out, with the accounts in it.

    `graph` is connected, islands by bridges; `account_cell` (accounts) index into `table`, −1 for
    an account outside the given boundary, and then `outside` is set; `notes` in words for people.
    """

    table: CellTable
    graph: CellGraph
    resolution: int
    account_cell: Int
    outside: Bool
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        frozen(self.account_cell)
        frozen(self.outside)


def build_market(
    lat: Float,
    lng: Float,
    activity: Float,
    measures: tuple[str, ...],
    *,
    territories: int,
    resolution: int | None = None,
    boundary: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Market:
    """The market of accounts at `lat`, `lng` degrees, shape (n), with `activity` (n, q) ≥ 0.

    `boundary` is GeoJSON polygons; without it the ground is derived from the accounts, see
    `derived_ground`. `resolution` None is chosen for that many `territories`, by the first
    measure. Raises NothingLocatedError without accounts, GeometryError for impossible positions,
    an unusable boundary, one that holds no account, and a market of more than 2,000,000 cells.
    """
    lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
    if not len(lat):
        raise NothingLocatedError(
            "no account has a position", hint="See the review for why each could not be located."
        )
    check_positions(lat, lng)
    progress("market", 0.0, "finding the ground")
    if boundary is None:
        ground, outside = derived_ground(lat, lng), np.zeros(len(lat), dtype=np.bool_)
    else:
        ground = given_ground(boundary)
        outside = _outside(ground, lat, lng)
    inside = np.flatnonzero(~outside)
    if resolution is None:
        weight = activity[inside, 0]
        resolution = resolution_for(lat[inside], lng[inside], weight, territories, ground.area_km2)
    _check_size(ground, resolution)

    progress("market", 0.2, "filling it with cells")
    occupied = cells_at(lat[inside], lng[inside], resolution)
    cells = np.union1d(ground.cells(resolution), occupied)
    progress("market", 0.6, "finding which cells touch")
    graph = contiguity_graph(cells)
    if boundary is None:
        cells, graph = _without_empty_fragments(cells, graph, occupied)

    account_cell = np.full(len(lat), -1, dtype=np.int64)
    account_cell[inside] = positions_in(cells, occupied)
    table = _table(cells, account_cell, activity, measures)
    progress("market", 0.9, "joining islands")
    graph = join_islands(graph, table.lat, table.lng)
    notes = _notes(ground, table, graph, resolution, outside)
    progress("market", 1.0)
    return Market(table, graph, resolution, account_cell, outside, notes)


def _outside(ground: Ground, lat: Float, lng: Float) -> Bool:
    shapely.prepare(ground.whole)
    inside = np.asarray(shapely.intersects_xy(ground.whole, lng, lat), dtype=np.bool_)
    if not inside.any():
        hint = "Check that boundary and accounts are of the same part of the world."
        possible = np.abs(lng) <= 90
        if shapely.intersects_xy(ground.whole, lat[possible], lng[possible]).any():
            hint = "Latitude and longitude look swapped: GeoJSON wants [longitude, latitude]."
        raise GeometryError("no account lies within the boundary", hint=hint)
    return ~inside


def _check_size(ground: Ground, resolution: int) -> None:
    check_resolution(resolution)
    count = ground.area_km2 / h3.average_hexagon_area(resolution)
    if count > MOST_CELLS:
        raise GeometryError(
            f"about {count:,.0f} cells at resolution {resolution} are too many",
            hint=f"Choose a coarser resolution or a smaller market: at most {MOST_CELLS:,} cells.",
        )


def _without_empty_fragments(cells: Int, graph: CellGraph, occupied: Int) -> tuple[Int, CellGraph]:
    """Drop the pieces of derived ground on which there is no account."""
    count, component = graph.components()
    kept = np.zeros(count, dtype=np.bool_)
    kept[component[positions_in(cells, occupied)]] = True
    if kept.all():
        return cells, graph
    cells = cells[kept[component]]
    return cells, contiguity_graph(cells)


def _table(cells: Int, account_cell: Int, activity: Float, measures: tuple[str, ...]) -> CellTable:
    placed = account_cell >= 0
    sums = [
        np.bincount(account_cell[placed], weights=column[placed], minlength=len(cells))
        for column in np.asarray(activity, dtype=np.float64).T
    ]
    lat, lng = cell_centers(cells)
    count = np.bincount(account_cell[placed], minlength=len(cells)).astype(np.int64)
    return CellTable(cells, np.column_stack(sums), measures, lat, lng, count)


def _notes(
    ground: Ground, table: CellTable, graph: CellGraph, resolution: int, outside: Bool
) -> tuple[str, ...]:
    notes = [f"{len(table):,} cells of H3 resolution {resolution}"]
    if ground.near is not None:
        where = ", ".join(ground.countries) or "no country of the basemap"
        notes.append(f"market derived from where the accounts are ({where})")
    if outside.any():
        notes.append(f"{int(outside.sum()):,} accounts lie outside the boundary")
    km = bridge_lengths(graph, table.lat, table.lng)[2]
    if len(km):
        notes.append(f"{len(km):,} bridges join islands, the longest {km.max():,.0f} km")
    return tuple(notes)
