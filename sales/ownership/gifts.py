"""The counterfactual: what it costs to give an account to another territory, figure by figure."""

from typing import Any

import numpy as np

from sales.edits.board import after
from sales.edits.measures import disruption, tidy
from sales.edits.steps import Step
from sales.ownership.delta import Change, Weighed, largest
from sales.ownership.facts import Account


def gift(
    weighed: Weighed, change: Change, account: Account | None, among: list[int] | None = None
) -> dict[str, Any]:
    """A change as JSON: balance of both territories, shape, and disruption.

    `among`: the largest deviation is of these territories only, and figures of the whole plan are
    left out, for somebody who may not see the rest.
    """
    board = weighed.board
    limit = board.bundle.document["tolerance"]
    before, now = largest(weighed.off, among), largest(change.off, among)
    balance = {
        "giving": _side(weighed, change, change.was),
        "taking": _side(weighed, change, change.to),
        "max_deviation": {"before": tidy(before), "after": tidy(now)},
        "within_tolerance": all(
            abs(change.off[k, j]) <= limit[m] + 1e-9
            for k in (change.was, change.to)
            for j, m in enumerate(board.measures)
            if m in limit
        ),
    }
    shape: dict[str, Any] = {
        "exclave": change.way == "account"
        and int(weighed.state.labels[_unit(weighed, change)]) != change.to,
        "pieces": {
            "giving": {"before": int(weighed.state.pieces[change.was]), "after": change.pieces[0]},
            "taking": {"before": int(weighed.state.pieces[change.to]), "after": change.pieces[1]},
        },
        "rms_km": {
            "giving": _pair(weighed.rms_of(change.was), change.rms_of[0]),
            "taking": _pair(weighed.rms_of(change.to), change.rms_of[1]),
        },
        "more_cut_edges": change.cut_edges - weighed.cut_edges,
    }
    shape["contiguous"] = not shape["exclave"] and change.pieces == (1, 1)
    if among is None:
        shape["rms_km"]["plan"] = _pair(weighed.rms_km, change.rms_km)
        shape["cut_edges"] = {"before": weighed.cut_edges, "after": change.cut_edges}
    return {
        "way": change.way,
        "balance": balance,
        "shape": shape,
        "disruption": _disrupted(weighed, change, account, whole=among is None),
    }


def _unit(weighed: Weighed, change: Change) -> int:
    return int(weighed.board.unit_of_row[change.accounts[0]])


def _pair(before: float, now: float) -> dict[str, float]:
    return {"before": tidy(before), "after": tidy(now)}


def _side(weighed: Weighed, change: Change, k: int) -> dict[str, Any]:
    board = weighed.board
    return {
        "territory": board.territories[k],
        "deviation": {
            m: _pair(weighed.off[k, j], change.off[k, j])
            for j, m in enumerate(board.measures)
            if not np.isnan(weighed.off[k, j])
        },
        "load": {
            m: _pair(weighed.state.load[k, j], change.load[k, j])
            for j, m in enumerate(board.measures)
        },
    }


def _disrupted(
    weighed: Weighed, change: Change, account: Account | None, *, whole: bool
) -> dict[str, Any]:
    """Who changes hands against the plan as it is; against the incumbent too, where it has one."""
    board = weighed.board
    total = float(board.activity[:, 0].sum())
    weight = float(change.worth[0])
    found: dict[str, Any] = {
        "accounts": len(change.accounts),
        "measure": board.measures[0],
        "weight": tidy(weight),
    }
    if whole:
        found["share"] = tidy(weight / total) if total > 0 else 0.0
    if account is not None and account.holdings:
        rep = str(board.bundle.document["territories"][change.to].get("rep") or "")
        held = {holding.rep for holding in account.holdings} | {
            holding.territory for holding in account.holdings if not holding.rep
        }
        found["stays_with_holder"] = (rep or board.territories[change.to]) in held
    if whole and board.bundle.incumbent is not None:
        states = weighed.state, after(board, weighed.state, [_step(weighed, change)])
        was, now = (disruption(board, state) for state in states)
        found["against_incumbent"] = {
            "accounts": {"before": was["accounts"], "after": now["accounts"]},
            "share": {"before": was["share"], "after": now["share"]},
        }
    return found


def _step(weighed: Weighed, change: Change) -> Step:
    names = weighed.board.territories
    unit = _unit(weighed, change)
    if change.way == "cell":
        return Step(names[change.was], names[change.to], unit=weighed.board.ids[unit])
    account = str(weighed.board.bundle.assignments["account_id"].iloc[change.accounts[0]])
    home = int(weighed.state.labels[unit])
    return Step(
        names[change.was], names[change.to], account=account,
        after=None if home == change.to else names[change.to],
    )  # fmt: skip
