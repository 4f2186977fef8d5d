"""What an edited plan measures: loads, deviations, shape, and what it does not keep."""

from typing import Any

import numpy as np

from geo.arrays import Float
from geo.measures.balance import deviations
from geo.measures.compactness import cut_edges, rms_km, weighted_centers
from sales.edits.board import Board, State
from sales.rules.breaches import rule_violations
from sales.violations import violations


def tidy(value: float | np.floating[Any]) -> float:
    """Rounded as plan.json has it."""
    return float(np.round(value, 9))


def centers(board: Board, state: State) -> Float:
    """The centre of each territory, latitude and longitude (p, 2)."""
    weight, p = board.activity[:, 0], len(board.territories)
    found = weighted_centers(board.lat, board.lng, weight, state.labels, p)
    return np.asarray(np.round(found, 7))


def territories(board: Board, state: State) -> list[dict[str, Any]]:
    """The territories of plan.json with their loads, deviations, cells and contiguity."""
    off = deviations(state.load, np.where(np.isnan(board.targets), 1.0, board.targets))
    cells = np.bincount(state.labels, minlength=len(board.territories))
    tolerance = board.bundle.document["tolerance"]
    return [
        dict(was)
        | {m: tidy(state.load[k, j]) for j, m in enumerate(board.measures)}
        | {
            "deviation": tidy(off[k, 0]),
            "deviations": {
                m: tidy(off[k, j]) for j, m in enumerate(board.measures) if m in tolerance
            },
            "cells": int(cells[k]),
            "contiguous": bool(state.pieces[k] == 1),
        }
        for k, was in enumerate(board.bundle.document["territories"])
    ]


def summary(board: Board, state: State, found: list[dict[str, Any]], at: Float) -> dict[str, Any]:
    """`summary` of plan.json; `found` as `territories`, `at` as `centers` give them."""
    base = board.bundle
    off = np.abs([territory["deviation"] for territory in found])
    own = {
        "max_deviation": tidy(off.max()),
        "mean_deviation": tidy(off.mean()),
        "noncontiguous": int((state.pieces > 1).sum()),
        "rms_km": tidy(rms_km(board.lat, board.lng, board.activity[:, 0], state.labels, at)),
        "cut_edges": cut_edges(board.graph, state.labels),
    }
    if base.incumbent is not None:
        own["disruption"] = base.document["summary"]["disruption"] | disruption(board, state)
    return dict(base.document["summary"]) | own


def breaches(
    board: Board, state: State, found: list[dict[str, Any]], totals: dict[str, Any]
) -> list[dict[str, Any]]:
    """`violations` of plan.json."""
    document = board.bundle.document
    proof, rules = document["certificate"], document.get("rules") or {}
    owner: dict[str, str] = {}
    if rules:
        names = [board.territories[k] for k in state.labels.tolist()]
        owner = dict(zip(board.ids, names, strict=True))
    unbalanced = violations(
        found, document["tolerance"], [proof["granularity"], *proof.get("granularities", ())],
        state.pieces.tolist(), proof.get("cruxes", ()),
    )  # fmt: skip
    return unbalanced + rule_violations(rules, owner, found, totals.get("disruption"))


def disruption(board: Board, state: State) -> dict[str, Any]:
    """What changes hands against the incumbent, which the plan has; part of `summary`."""
    incumbent = board.bundle.incumbent
    assert incumbent is not None
    unit = board.unit_of_row if len(board.bundle.assignments) else np.arange(len(board.ids))
    owner = np.where(unit >= 0, state.labels[np.maximum(unit, 0)], -1)
    for account, territory in state.overrides.items():
        owner[board.row_at[account]] = territory
    was = np.array([board.territory_at.get(name, -1) for name in incumbent["territory_id"]])
    weight = incumbent["weight"].to_numpy(np.float64)
    has = (owner >= 0) & (was >= 0)
    moved = has & (was != owner)
    gone, total = float(weight[moved].sum()), float(weight[has].sum())
    return {
        "accounts": int(moved.sum()),
        "potential": tidy(gone),
        "share": tidy(gone / total) if total > 0 else 0.0,
        "account_share": tidy(int(moved.sum()) / max(int(has.sum()), 1)),
    }
