"""A plan laid out for edits: what stays as it is, and the state that a step changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from geo.arrays import Float, Int, Int32
from geo.cells.adjacency import contiguity_graph
from geo.cells.barriers import barrier_lines, crossing
from geo.cells.graph import BRIDGE, SHARED_BORDER, CellGraph, graph_from_edges, with_edges
from geo.cells.index import cell_centers, hex_to_cell
from geo.errors import ConflictError
from geo.measures.balance import loads
from geo.measures.contiguity import pieces
from sales.edits.steps import Step
from sales.plan import PlanBundle


@dataclass(frozen=True, eq=False)
class Board:
    """n units, p territories, q measures of a plan; nothing here changes with an edit.

    `activity` (n, q) in the order of `measures`; `targets` (p, q), NaN where a measure is not
    balanced; `worth` (accounts, q) what each row of the assignments is worth.
    """

    bundle: PlanBundle
    ids: tuple[str, ...]
    territories: tuple[str, ...]
    measures: tuple[str, ...]
    lat: Float
    lng: Float
    activity: Float
    targets: Float
    graph: CellGraph
    worth: Float

    @cached_property
    def unit_at(self) -> Mapping[str, int]:
        """Index of each unit."""
        return {unit: i for i, unit in enumerate(self.ids)}

    @cached_property
    def territory_at(self) -> Mapping[str, int]:
        """Index of each territory."""
        return {territory: k for k, territory in enumerate(self.territories)}

    @cached_property
    def row_at(self) -> Mapping[str, int]:
        """Row of each account; of one that is listed twice, the first."""
        names = self.bundle.assignments["account_id"].tolist()
        return {name: row for row, name in reversed(list(enumerate(names)))}

    @cached_property
    def unit_of_row(self) -> Int:
        """The unit of each account, -1 for none."""
        return _places(self.ids, self.bundle.assignments["cell"])


@dataclass(frozen=True, eq=False)
class State:
    """Who has what: `labels` (n), `overrides` account → territory for those that left their unit,
    `load` (p, q) and `pieces` (p) that follow from them.
    """

    labels: Int32
    overrides: Mapping[str, int]
    load: Float
    pieces: Int

    def owner(self, board: Board, account: str) -> int:
        """The territory of an account, -1 for none."""
        if account in self.overrides:
            return self.overrides[account]
        unit = int(board.unit_of_row[board.row_at[account]])
        return int(self.labels[unit]) if unit >= 0 else -1


def open_board(bundle: PlanBundle, accounts: pd.DataFrame | None = None) -> tuple[Board, State]:
    """Lay a plan out; `accounts`, row by row as in the assignments, say what each is worth.

    Without them an account is worth an even share of its unit.
    """
    if bundle.model is not None:
        raise ConflictError(
            "a plan with segments is not moved cell by cell",
            hint="Change its model and design again, or name the account to a rep in the model.",
        )
    document, units = bundle.document, bundle.units
    ids = tuple(units[units.columns[0]].tolist())
    territories = tuple(str(t["id"]) for t in document["territories"])
    measures = tuple(str(m) for m in document["measures"])
    activity = units[list(measures)].to_numpy(dtype=np.float64)
    lat, lng, graph = ground(bundle, ids)
    first = np.array([t["target"] for t in document["territories"]], dtype=np.float64)
    targets = np.outer(first / first.sum(), activity.sum(axis=0))
    targets[:, [m not in document["tolerance"] for m in measures]] = np.nan
    board = Board(
        bundle, ids, territories, measures, lat, lng, activity, targets, graph, np.empty((0, 0))
    )
    board = replace(board, worth=_worth(board, accounts))
    labels = _places(territories, units["territory_id"]).astype(np.int32)
    p = len(territories)
    overrides = {
        entry["account_id"]: board.territory_at[entry["territory"]]
        for entry in document.get("overrides", ())
    }
    load = loads(activity, labels, p)
    for account, to in overrides.items():
        row = board.row_at[account]
        load[labels[board.unit_of_row[row]]] -= board.worth[row]
        load[to] += board.worth[row]
    return board, State(labels, overrides, load, pieces(graph, labels, p))


def after(board: Board, state: State, steps: Iterable[Step]) -> State:
    """The state once the steps are done, one after the other."""
    labels, load = state.labels.copy(), state.load.copy()
    overrides, touched = dict(state.overrides), set()
    strays = _strays(board, overrides)
    for step in steps:
        was, to = board.territory_at[step.was], board.territory_at[step.to]
        if step.unit:
            unit = board.unit_at[step.unit]
            worth = board.activity[unit] - sum(
                (board.worth[row] for row in strays.get(unit, ())), np.zeros(len(board.measures))
            )
            labels[unit] = to
            touched |= {was, to}
        else:
            row = board.row_at[step.account]
            worth = board.worth[row]
            if step.after is None:
                overrides.pop(step.account, None)
            else:
                overrides[step.account] = board.territory_at[step.after]
            strays = _strays(board, overrides)
        load[was] -= worth
        load[to] += worth
    parts = state.pieces.copy()
    for k in touched:
        parts[k] = _pieces_of(board.graph, labels, k)
    return State(labels, overrides, load, parts)


def _strays(board: Board, overrides: Mapping[str, int]) -> dict[int, list[int]]:
    """Rows of the accounts that do not go with their unit, by unit."""
    found: dict[int, list[int]] = {}
    for account in overrides:
        row = board.row_at[account]
        found.setdefault(int(board.unit_of_row[row]), []).append(row)
    return found


def _pieces_of(graph: CellGraph, labels: Int32, k: int) -> int:
    own = np.flatnonzero(labels == k)
    if not len(own):
        return 0
    return int(connected_components(graph.matrix()[own][:, own], directed=False)[0])


def ground(bundle: PlanBundle, ids: tuple[str, ...]) -> tuple[Float, Float, CellGraph]:
    """Positions and graph of the units, bridges included, as the files have them."""
    if bundle.document["units"] == "cells":
        cells = hex_to_cell(list(ids))
        lat, lng = cell_centers(cells)
        order = np.argsort(cells)
        first, second, kind = contiguity_graph(cells[order]).edges()
        a, b = order[first], order[second]
    else:
        assert bundle.edges is not None
        assert bundle.places is not None
        at = bundle.places.set_index("unit_id").loc[list(ids)]
        lat, lng = at["lat"].to_numpy(np.float64), at["lng"].to_numpy(np.float64)
        a, b = _places(ids, bundle.edges["unit_a"]), _places(ids, bundle.edges["unit_b"])
        kind = np.full(len(a), SHARED_BORDER, dtype=np.uint8)
    if bundle.barriers is not None:
        stays = ~crossing(barrier_lines(bundle.barriers), lat, lng, a, b)
        a, b, kind = a[stays], b[stays], kind[stays]
    graph = graph_from_edges(len(ids), a, b, kind)
    ends = [_places(ids, bundle.bridges[end]) for end in ("cell_a", "cell_b")]
    if not len(ends[0]):
        return lat, lng, graph
    bridges = np.full(len(ends[0]), BRIDGE, dtype=np.uint8)
    return lat, lng, with_edges(graph, ends[0], ends[1], bridges)


def _places(names: Sequence[str], wanted: "pd.Series[str]") -> Int:
    """Where each of `wanted` stands among the names, -1 for nowhere."""
    return np.asarray(pd.Index(names).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _worth(board: Board, accounts: pd.DataFrame | None) -> Float:
    """What each account is worth in each measure, (accounts, q)."""
    unit = board.unit_of_row
    held = np.bincount(unit[unit >= 0], minlength=len(board.ids))
    share = np.zeros((len(unit), len(board.measures)))
    inside = unit >= 0
    share[inside] = board.activity[unit[inside]] / held[unit[inside], None]
    if accounts is None or len(accounts) != len(unit):
        return share
    for j, measure in enumerate(board.measures):
        if measure in accounts.columns:
            own = pd.to_numeric(accounts[measure], errors="coerce").to_numpy(np.float64)
            share[inside, j] = np.nan_to_num(own)[inside]
    return np.round(share, 6)
