"""A plan's rules as what makes a map valid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.arrays import Float, Int32
from geo.ensemble.market import Market, bands, free
from geo.errors import OptionError
from sales.edits.board import Board, open_board
from sales.plan import PlanBundle

ACCOUNTS = "accounts"


@dataclass(frozen=True, eq=False)
class Field:
    """A plan laid out: `activity` (n, q) and `targets` (p, q) of `measures`, `market`, `start`.

    The targets of measures that are not balanced are shares like the others: what a territory has
    if it has as much of this as of the first. `tolerance` by balanced measure. `dropped`: rules of
    the plan that the drawn maps do not keep.
    """

    board: Board
    market: Market
    start: Int32
    measures: tuple[str, ...]
    activity: Float
    targets: Float
    tolerance: Mapping[str, float]
    dropped: tuple[str, ...]


def lay_out(bundle: PlanBundle, tolerance: float | None = None) -> Field:
    """The plan as the start of a chain; `tolerance` in the place of the plan's own.

    Raises OptionError where the plan is of one territory, or has none such map to start from.
    """
    if len(bundle.document["territories"]) < 2:
        raise OptionError(
            "a plan of one territory has one map only",
            hint="Name a plan with two territories or more.",
        )
    board, state = open_board(bundle)
    measures, activity = _measured(board)
    share = np.array([t["target"] for t in bundle.document["territories"]], dtype=np.float64)
    targets = np.outer(share / share.sum(), activity.sum(axis=0))
    own = {
        name: float(limit) if tolerance is None else tolerance
        for name, limit in bundle.document["tolerance"].items()
    }
    rules = bundle.document.get("rules") or {}
    market = _market(board, measures, activity, targets, own, rules)
    market.check(state.labels)
    dropped = [name for name in ("together", "apart") if rules.get(name)]
    dropped += ["overrides"] if bundle.document.get("overrides") else []
    return Field(board, market, state.labels, measures, activity, targets, own, tuple(dropped))


def _measured(board: Board) -> tuple[tuple[str, ...], Float]:
    """The plan's measures, and the number of accounts where it has any."""
    if ACCOUNTS in board.measures or not len(board.bundle.assignments):
        return board.measures, board.activity
    unit = board.unit_of_row
    count = np.bincount(unit[unit >= 0], minlength=len(board.ids)).astype(np.float64)
    return (*board.measures, ACCOUNTS), np.column_stack([board.activity, count])


def _market(
    board: Board,
    measures: tuple[str, ...],
    activity: Float,
    targets: Float,
    tolerance: Mapping[str, float],
    rules: Mapping[str, Any],
) -> Market:
    n, p = len(board.ids), len(board.territories)
    limits = {entry["measure"]: entry for entry in rules.get("limits") or ()}
    bound = [j for j, name in enumerate(measures) if name in tolerance or name in limits]
    low, high = np.full((p, len(bound)), -np.inf), np.full((p, len(bound)), np.inf)
    for i, j in enumerate(bound):
        name = measures[j]
        if name in tolerance:
            low[:, i], high[:, i] = bands(targets[:, j], np.array(tolerance[name]))
        if name in limits:
            least, most = limits[name]["min"], limits[name]["max"]
            low[:, i] = np.fmax(low[:, i], -np.inf if least is None else least)
            high[:, i] = np.fmin(high[:, i], np.inf if most is None else most)
    lock, closed = free(n), np.zeros(p, np.bool_)
    for entry in rules.get("locks") or ():
        lock[board.unit_at[entry["unit"]]] = board.territory_at[entry["territory"]]
    for entry in rules.get("closed") or ():
        closed[board.territory_at[entry["territory"]]] = True
    return Market(board.graph, np.ascontiguousarray(activity[:, bound]), low, high, lock, closed)
