"""From located accounts to the market: a table of cells and the graph that joins them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely

from geo.arrays import Bool, Float, Int, frozen
from geo.cells.adjacency import contiguity_graph, positions_in, shore_of
from geo.cells.graph import CellGraph, bridge_lengths
from geo.cells.ground import Ground, derived_ground, given_ground
from geo.cells.hierarchy import resolution_of
from geo.cells.holding import cell_index
from geo.cells.index import cell_centers, cells_at, check_positions, check_resolution
from geo.cells.islands import join_islands
from geo.cells.refine import refine, share_limit
from geo.cells.resolution import resolution_for
from geo.cells.table import CellTable
from geo.errors import GeometryError, NothingLocatedError
from geo.progress import Progress, silent

MOST_CELLS = 2_000_000
MOST_FINE = 0.5  # cells more, as a fraction, that the replacement of heavy ones may make,
MOST_FINE_PER_TERRITORY = 600  # or so many for each territory, whichever is more
_USUAL_TOLERANCE = 0.05
_DECIMALS = 6  # of a degree, as positions are written: whoever reads them finds the same cell


@dataclass(frozen=True, eq=False)
class Market:
    """All ground that is to be shared out, with the accounts in it.

    `graph` is connected, islands by bridges; `resolution` None where cells of several resolutions
    are mixed; `account_cell` (accounts) index into `table`, −1 for an account outside the given
    boundary, and then `outside` is set; `notes` in words for people.
    """

    table: CellTable
    graph: CellGraph
    resolution: int | None
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
    tolerance: Float | None = None,
    smallest_share: float | None = None,
    cells: Int | None = None,
    progress: Progress = silent,
) -> Market:
    """The market of accounts at `lat`, `lng` degrees, shape (n), with `activity` (n, q) ≥ 0.

    `boundary` is GeoJSON polygons; without it the ground is derived from the accounts, see
    `derived_ground`. With `resolution` all cells are of that one. None is chosen for that many
    `territories`, and cells that hold much are then replaced by finer ones (`geo.cells.refine`):
    `tolerance` (q) says how closely each measure is to be balanced, a fraction, NaN for not at all
    (default: the first within 5 %); `smallest_share` is the smallest territory's part of the
    market (default: all alike). With `cells`, those of a market made before (ascending, none within
    another), the ground is just these, and accounts elsewhere lie outside. Raises
    NothingLocatedError without accounts, GeometryError for impossible positions, an unusable
    boundary, one that holds no account, and a market of more than 2,000,000 cells.
    """
    lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
    if not len(lat):
        raise NothingLocatedError(
            "no account has a position", hint="See the review for why each could not be located."
        )
    check_positions(lat, lng)
    lat, lng = np.round(lat, _DECIMALS), np.round(lng, _DECIMALS)
    if cells is not None:
        return _market_of(cells, lat, lng, activity, measures)
    progress("market", 0.0, "finding the ground")
    if boundary is None:
        ground, outside = derived_ground(lat, lng), np.zeros(len(lat), dtype=np.bool_)
    else:
        ground = given_ground(boundary)
        outside = _outside(ground, lat, lng)
    inside = np.flatnonzero(~outside)
    base = resolution_for(territories, ground.area_km2) if resolution is None else resolution
    _check_size(ground, base)

    progress("market", 0.2, "filling it with cells")
    spot, place = _places(lat[inside], lng[inside])
    occupied = cells_at(*spot, base)
    cells = np.union1d(ground.cells(base), occupied)
    if boundary is None:
        cells = _without_empty_fragments(cells, occupied)
    progress("market", 0.5, "parting heavy cells")
    held = positions_in(cells, occupied)
    if resolution is None:
        share = activity[inside] * _per_target(activity[inside], territories, smallest_share)
        limit = share_limit(_tolerances(tolerance, len(measures)))
        load = np.stack([np.bincount(place, column) for column in (share / limit).T], axis=1)
        extra = max(MOST_FINE * len(cells), MOST_FINE_PER_TERRITORY * territories)
        fine = refine(cells, *spot, load.astype(np.float64), len(cells) + int(extra))
        cells, held = fine.cells, fine.holder
    account_cell = np.full(len(lat), -1, dtype=np.int64)
    account_cell[inside] = held[place]

    progress("market", 0.7, "finding which cells touch")
    graph = contiguity_graph(cells)
    table = _table(cells, account_cell, activity, measures)
    progress("market", 0.9, "joining islands")
    graph = join_islands(graph, table.lat, table.lng, shore_of(cells))
    notes = _notes(ground, table, graph, outside)
    progress("market", 1.0)
    levels = np.unique(resolution_of(cells))
    one = int(levels[0]) if len(levels) == 1 else None
    return Market(table, graph, one, account_cell, outside, notes)


def _market_of(
    cells: Int, lat: Float, lng: Float, activity: Float, measures: tuple[str, ...]
) -> Market:
    """The market on the ground of these `cells`."""
    spot, place = _places(lat, lng)
    held = cell_index(cells).holders(*spot)
    account_cell = held[place]
    outside = np.asarray(account_cell < 0)
    if outside.all():
        raise GeometryError(
            "no account lies in the cells of the plan",
            hint="Give the accounts that the plan was designed from.",
        )
    table = _table(cells, account_cell, activity, measures)
    graph = join_islands(contiguity_graph(cells), table.lat, table.lng, shore_of(cells))
    levels = np.unique(resolution_of(cells))
    one = int(levels[0]) if len(levels) == 1 else None
    notes = (f"{len(cells):,} cells as in the plan before",)
    return Market(table, graph, one, account_cell, outside, notes)


def _places(lat: Float, lng: Float) -> tuple[tuple[Float, Float], Int]:
    """The distinct positions, and which of them each account has."""
    distinct, place = np.unique(np.stack([lat, lng], axis=1), axis=0, return_inverse=True)
    return (distinct[:, 0].copy(), distinct[:, 1].copy()), place.ravel().astype(np.int64)


def _per_target(activity: Float, territories: int, smallest_share: float | None) -> Float:
    """By measure: 1 over the smallest territory's target, 0 where there is nothing to share."""
    target = activity.sum(axis=0) * (smallest_share or 1.0 / territories)
    return np.asarray(np.divide(1.0, target, out=np.zeros_like(target), where=target > 0))


def _tolerances(tolerance: Float | None, count: int) -> Float:
    if tolerance is not None:
        return np.asarray(tolerance, dtype=np.float64)
    return np.concatenate([[_USUAL_TOLERANCE], np.full(count - 1, np.nan)])


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


def _without_empty_fragments(cells: Int, occupied: Int) -> Int:
    """Drop the pieces of derived ground on which there is no account."""
    count, component = contiguity_graph(cells).components()
    kept = np.zeros(count, dtype=np.bool_)
    kept[component[positions_in(cells, occupied)]] = True
    return np.asarray(cells[kept[component]])


def _table(cells: Int, account_cell: Int, activity: Float, measures: tuple[str, ...]) -> CellTable:
    placed = account_cell >= 0
    sums = [
        np.bincount(account_cell[placed], weights=column[placed], minlength=len(cells))
        for column in np.asarray(activity, dtype=np.float64).T
    ]
    lat, lng = cell_centers(cells)
    count = np.bincount(account_cell[placed], minlength=len(cells)).astype(np.int64)
    return CellTable(cells, np.column_stack(sums), measures, lat, lng, count)


def _notes(ground: Ground, table: CellTable, graph: CellGraph, outside: Bool) -> tuple[str, ...]:
    level = resolution_of(table.cell)
    coarsest, finest = int(level.min()), int(level.max())
    notes = [f"{len(table):,} cells of H3 resolution {coarsest}"]
    if finest > coarsest:
        fine = int((level > coarsest).sum())
        notes[0] += f" to {finest}, {fine:,} of them in place of heavy ones"
    if ground.near is not None:
        where = ", ".join(ground.countries) or "no country of the basemap"
        notes.append(f"market derived from where the accounts are ({where})")
    if outside.any():
        notes.append(f"{int(outside.sum()):,} accounts lie outside the boundary")
    km = bridge_lengths(graph, table.lat, table.lng)[2]
    if len(km):
        notes.append(f"{len(km):,} bridges join islands, the longest {km.max():,.0f} km")
    return tuple(notes)
