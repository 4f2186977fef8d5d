"""plan.json: the territories, what they hold, what is violated, and the proof."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.arrays import Float, Int
from geo.cells.graph import BRIDGE
from geo.design.certificate import Certificate
from geo.design.disruption import least_disruption
from geo.design.problem import DesignProblem
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges, rms_km
from geo.measures.contiguity import pieces
from sales.accounts.types import RowIssue
from sales.exact import exact_certificate
from sales.ground import Ground
from sales.naming import measure_names
from sales.plan_schema import FORMAT
from sales.request import BalanceGoal
from sales.roster import Rep
from sales.rules.apply import Ruled
from sales.rules.breaches import rule_violations
from sales.tradeoff import (
    Weighing,
    conflicts_document,
    cruxes_document,
    granularities,
    tradeoffs_document,
)
from sales.violations import violations

if TYPE_CHECKING:
    from geo.exact.solve import ExactPlan


@dataclass(frozen=True, eq=False)
class Facts:
    """What a finished design knows; `labels` (n) already in the order of `ids` (p)."""

    ground: Ground
    problem: DesignProblem
    labels: Int
    certificate: Certificate
    goals: tuple[BalanceGoal, ...]
    ids: list[str]
    names: list[str]
    reps: tuple[Rep, ...]  # by territory, or empty
    roster_issues: tuple[RowIssue, ...]
    accounts: int
    assigned_to: Int  # territory of each account, -1 for none
    ruled: Ruled | None = None
    rules: Mapping[str, Any] | None = None  # as plan.json lists them
    disruption: Mapping[str, Any] | None = None
    weighings: tuple[Weighing, ...] = ()  # tried where the measures could not all be met
    exact: "ExactPlan | None" = None  # where the optimum was asked for


def plan_document(facts: Facts, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The whole of plan.json but the fingerprint."""
    facts, ground = _with_written_measures(facts), facts.ground
    problem, labels = facts.problem, facts.labels.astype(np.int32)
    p = problem.territories
    load = loads(problem.activity, labels, p)
    deviation = deviations(load, problem.targets)
    parts = pieces(ground.graph, labels, p)
    territories = _territories(facts, load, deviation, parts)
    tolerance = {
        name: float(limit)
        for name, limit in zip(problem.measures, problem.tolerance, strict=True)
        if np.isfinite(limit)
    }
    proof = _certificate(facts)
    if facts.exact is not None:
        proof["exact"] = exact_certificate(facts.exact, problem, labels)
    own = np.abs(deviation[:, 0])
    unbalanced = violations(
        territories, tolerance, [proof["granularity"], *proof.get("granularities", ())],
        parts.tolist(), proof.get("cruxes", ()),
    )  # fmt: skip
    if len(tolerance) > 1 and any(entry["kind"] == "balance" for entry in unbalanced):
        proof |= {"conflicts": conflicts_document(problem, ground.ids)}
    _, _, kind = ground.graph.edges()
    assigned = int((facts.assigned_to >= 0).sum())
    certificate = facts.certificate
    return {
        "format": FORMAT,
        "units": "units" if ground.cells is None else "cells",
        "resolution": ground.resolution,
        "measures": list(problem.measures),
        "tolerance": tolerance,
        "territories": territories,
        "reps": [
            {
                "rep_id": rep.rep_id, "name": rep.name, "capacity": rep.capacity,
                "lat": rep.lat, "lng": rep.lng, "territory": facts.ids[k],
            }
            for k, rep in enumerate(facts.reps)
        ],
        "summary": {
            "territories": p,
            "accounts": facts.accounts,
            "assigned": assigned,
            "review": facts.accounts - assigned,
            "max_deviation": _tidy(own.max()),
            "mean_deviation": _tidy(own.mean()),
            "noncontiguous": int((parts > 1).sum()),
            "bridges": int((kind == BRIDGE).sum()),
            "rms_km": _tidy(
                rms_km(
                    problem.lat, problem.lng, problem.activity[:, 0], labels, certificate.centers
                )
            ),
            "cut_edges": cut_edges(ground.graph, labels),
            **({"disruption": dict(facts.disruption)} if facts.disruption else {}),
        },
        **({"rules": dict(facts.rules)} if facts.rules else {}),
        "violations": [
            *unbalanced,
            *_broken_rules(facts, territories),
        ],
        "certificate": proof,
        **({"tradeoffs": tradeoffs_document(problem, facts.weighings)} if facts.weighings else {}),
        "provenance": dict(provenance),
    }  # fmt: skip


def _broken_rules(facts: Facts, territories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = facts.ids
    if not facts.rules and not facts.disruption:
        return []
    owner = {unit: ids[k] for unit, k in zip(facts.ground.ids, facts.labels.tolist(), strict=True)}
    return rule_violations(facts.rules or {}, owner, territories, facts.disruption)


def _with_written_measures(facts: Facts) -> Facts:
    ground, problem = facts.ground, facts.problem
    names = measure_names(ground.measures, ground.activity, ground.accounts)
    written = tuple(names[name] for name in problem.measures)
    return replace(facts, problem=replace(problem, measures=written))


def _tidy(value: float | np.floating[Any]) -> float:
    return float(np.round(value, 9))


def _territories(facts: Facts, load: Float, deviation: Float, parts: Int) -> list[dict[str, Any]]:
    problem = facts.problem
    accounts = np.bincount(facts.assigned_to[facts.assigned_to >= 0], minlength=problem.territories)
    if facts.ground.located is None:
        accounts = np.bincount(facts.labels, facts.ground.accounts, problem.territories)
    cells = np.bincount(facts.labels, minlength=problem.territories)
    found = []
    for k in range(problem.territories):
        territory: dict[str, Any] = {
            "id": facts.ids[k],
            "name": facts.names[k],
            "rep": facts.reps[k].rep_id if facts.reps else "",
            "rep_name": facts.reps[k].name if facts.reps else "",
            "target": _tidy(problem.targets[k, 0]),
        }
        territory |= {m: _tidy(load[k, j]) for j, m in enumerate(problem.measures)}
        territory |= {
            "deviation": _tidy(deviation[k, 0]),
            "deviations": {
                m: _tidy(deviation[k, j])
                for j, m in enumerate(problem.measures)
                if np.isfinite(problem.tolerance[j])
            },
            "accounts": int(accounts[k]),
            "cells": int(cells[k]),
            "contiguous": bool(parts[k] == 1),
            "center": {
                "lat": float(facts.certificate.centers[k, 0]),
                "lng": float(facts.certificate.centers[k, 1]),
            },
        }
        found.append(territory)
    return found


def _certificate(facts: Facts) -> dict[str, Any]:
    certificate = facts.certificate
    least = _least_disruption(facts)
    others = [
        entry | _contents(facts.ground, facts.ground.ids.index(entry["heaviest_unit"]))
        for entry in granularities(facts.problem, facts.ground.ids)
    ]
    some = {"disruption": least} if least else {}
    tight = cruxes_document(facts.problem, facts.labels.astype(np.int32), facts.ground.ids)
    return (
        some
        | ({"cruxes": tight} if tight else {})
        | ({"granularities": others} if others else {})
        | {
            "granularity": {
                "measure": facts.problem.measures[0],
                "heaviest_unit": facts.ground.ids[certificate.heaviest_unit],
                "share_of_target": _tidy(certificate.heaviest_share),
                "least_max_deviation": _tidy(certificate.least_max_deviation),
                **_contents(facts.ground, certificate.heaviest_unit),
            },
            "compactness": {
                "measure": facts.problem.measures[0],
                "band": certificate.band,
                "prices_km2": certificate.prices.tolist(),
                "inertia": certificate.inertia,
                "bound": certificate.inertia_bound,
                "gap": _tidy(certificate.gap) if np.isfinite(certificate.gap) else None,
            },
        }
    )


def _least_disruption(facts: Facts) -> dict[str, Any] | None:
    """What any plan within the tolerance must disrupt; None without an incumbent."""
    kept = facts.ruled.kept if facts.ruled else None
    if kept is None:
        return None
    least = least_disruption(facts.problem, kept)
    return {
        "measures": [facts.problem.measures[j] for j in least.columns.tolist()],
        "prices": least.prices.tolist(),
        "bound": _tidy(least.bound),
        "share": _tidy(least.bound / kept.total) if kept.total > 0 else 0.0,
    }


def _contents(ground: Ground, unit: int) -> dict[str, Any]:
    """How many accounts a unit holds, at how many positions, and the id of one that is alone."""
    if ground.located is None:
        return {"accounts": 0, "positions": 0, "account": ""}
    rows = np.flatnonzero(ground.account_unit == unit)
    at = np.round(np.stack([ground.located.lat[rows], ground.located.lng[rows]], axis=1), 6)
    ids = ground.located.accounts.frame["account_id"]
    return {
        "accounts": len(rows),
        "positions": len(np.unique(at, axis=0)),
        "account": str(ids.iloc[rows[0]]) if len(rows) == 1 else "",
    }
