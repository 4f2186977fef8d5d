"""The units of one market, whatever they are: H3 cells or polygons that the user brings."""

from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.arrays import Bool, Float, Int
from geo.cells.adjacency import contiguity_graph, shore_of
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.cells.index import cell_to_hex, hex_to_cell
from geo.cells.islands import join_islands
from geo.cells.market import build_market
from geo.errors import NothingLocatedError
from geo.geocode.types import Geocoder
from geo.polygons import border_edges
from geo.progress import Progress
from sales.accounts.types import NUMBER_FIELDS, AccountTable, RowIssue, Severity
from sales.inputs import CellInput, UnitInput
from sales.locate import LocatedAccounts, locate
from sales.outposts import far_abroad
from sales.request import DesignRequest


@dataclass(frozen=True, eq=False)
class Ground:
    """n units with what they are worth and how they hang together.

    `ids` hex cell indexes or unit ids (n); `cells` int64 (n), None for polygon units; `activity`
    (n, q); `accounts` per unit (n); `resolution` None where mixed or not cells; `account_unit` the
    unit of each account, -1 where it has none; `located` None unless the input is accounts.
    """

    ids: tuple[str, ...]
    cells: Int | None
    lat: Float
    lng: Float
    activity: Float
    measures: tuple[str, ...]
    accounts: Int
    graph: CellGraph
    resolution: int | None
    geometry: tuple[BaseGeometry, ...] | None
    located: LocatedAccounts | None
    account_unit: Int
    issues: tuple[RowIssue, ...]


def prepare_ground(
    source: AccountTable | CellInput | UnitInput,
    request: DesignRequest,
    territories: int,
    geocoder: Geocoder,
    progress: Progress,
    located: LocatedAccounts | None = None,
) -> Ground:
    """Turn any input into units with a connected graph; raises InputError where it cannot.

    `located` are the positions of accounts where they are known already.
    """
    if isinstance(source, AccountTable):
        located = located or locate(source, geocoder, progress=progress)
        ground = _of_accounts(located, request, territories, progress)
    elif isinstance(source, CellInput):
        ground = _of_cells(source)
    else:
        ground = _of_units(source)
    # As the files will say it, so that whoever reads them computes with the same numbers.
    return replace(ground, activity=np.round(ground.activity, 6))


def account_measures(table: AccountTable) -> dict[str, Float]:
    """Numeric columns that can be balanced, with `accounts`, and `potential` in any case.

    Without a potential column every account counts 1.
    """
    frame = table.frame
    ones = np.ones(len(frame))
    fixed = {"row", "usable", "latitude", "longitude"}
    numeric = {
        str(name): frame[name].to_numpy(dtype=np.float64)
        for name in frame.columns
        if name not in fixed and frame[name].dtype.kind in "fi"
    }
    return {"potential": ones, "accounts": ones} | numeric


def _of_accounts(
    located: LocatedAccounts, request: DesignRequest, territories: int, progress: Progress
) -> Ground:
    table = located.accounts
    columns = account_measures(table)
    wanted = [goal.measure for goal in request.balance if goal.measure in columns]
    wanted += [limit.measure for limit in request.limits if limit.measure in columns]
    wanted += ["accounts"] if request.disruption_by == "accounts" else []
    reported = [name for name in NUMBER_FIELDS if name in columns]
    measures = tuple(dict.fromkeys([*wanted, "potential", *reported]))
    derived = request.market is None and not request.same_cells
    abroad, far_issues = far_abroad(located) if derived else (None, [])
    stays = located.placed if abroad is None else located.placed & ~abroad
    placed = np.flatnonzero(stays)
    if len(placed) == 0:
        raise NothingLocatedError(
            f"none of the {len(table)} accounts could be placed on the map",
            hint="Fill in a postal code, or city and state, or latitude and longitude; if the"
            " columns have other names, say which with --column.",
        )
    activity = np.stack([columns[name][placed] for name in measures], axis=1)
    goal = {g.measure: g.tolerance for g in request.balance}
    capacity = [rep.capacity for rep in request.reps]
    market = build_market(
        located.lat[placed], located.lng[placed], activity, measures,
        territories=territories, resolution=request.resolution, boundary=request.market,
        tolerance=np.array([goal.get(name, np.nan) for name in measures]),
        smallest_share=min(capacity) / sum(capacity) if capacity else None,
        cells=_cells_before(request),
        progress=progress,
    )  # fmt: skip
    unit = np.full(len(table), -1, dtype=np.int64)
    unit[placed] = market.account_cell
    cells = market.table
    return Ground(
        tuple(cell_to_hex(cells.cell)), cells.cell, cells.lat, cells.lng, cells.activity, measures,
        cells.accounts, market.graph, market.resolution, None, located, unit,
        (*_about_potential(table), *far_issues, *_outside(located, stays, unit)),
    )  # fmt: skip


def _cells_before(request: DesignRequest) -> Int | None:
    """The cells of the incumbent, ascending, where its ground is to be kept."""
    incumbent = request.incumbent
    if not request.same_cells or incumbent is None or not incumbent.exact:
        return None
    return np.sort(hex_to_cell(list(incumbent.units)))


def _about_potential(table: AccountTable) -> tuple[RowIssue, ...]:
    if "potential" in table.frame.columns:
        return ()
    return (
        RowIssue(
            0, "", "", "no_potential", "the file has no potential: every account counts 1",
            "Name the column with --column potential=HEADER, or balance another measure.",
        ),
    )  # fmt: skip


def _outside(located: LocatedAccounts, stays: Bool, unit: Int) -> list[RowIssue]:
    frame = located.accounts.frame
    row, account = frame["row"].tolist(), frame["account_id"].tolist()
    return [
        RowIssue(
            row[i], account[i], "", "outside_market",
            "the account lies outside the market's boundary",
            "Widen the boundary given with --market, or assign the account by name.",
            Severity.ERROR,
        )
        for i in np.flatnonzero(stays & (unit < 0)).tolist()
    ]  # fmt: skip


def _of_cells(source: CellInput) -> Ground:
    table = source.table
    graph = join_islands(contiguity_graph(table.cell), table.lat, table.lng, shore_of(table.cell))
    levels = np.unique((table.cell >> 52) & 15)
    return Ground(
        tuple(cell_to_hex(table.cell)), table.cell, table.lat, table.lng, table.activity,
        table.measures, table.accounts, graph, int(levels[0]) if len(levels) == 1 else None, None,
        None, np.empty(0, np.int64), source.issues,
    )  # fmt: skip


def _of_units(source: UnitInput) -> Ground:
    if source.edges is not None:
        edges = source.edges
    elif source.geometry is not None:
        edges = border_edges(source.geometry)
    else:
        edges = np.empty((0, 2), np.int64)
    n = len(source.ids)
    kind = np.full(len(edges), SHARED_BORDER, dtype=np.uint8)
    graph = join_islands(
        graph_from_edges(n, edges[:, 0], edges[:, 1], kind), source.lat, source.lng
    )
    return Ground(
        source.ids, None, source.lat, source.lng, source.activity, source.measures,
        np.zeros(n, np.int64), graph, None, source.geometry, None, np.empty(0, np.int64),
        source.issues,
    )  # fmt: skip
