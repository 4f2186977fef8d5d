"""From an input and a request to a finished plan: the main job, end to end."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

import numpy as np
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from geo.arrays import Int, Int32
from geo.cells.outlines import outlines
from geo.design.certificate import certify
from geo.design.problem import DesignProblem, targets_by_share
from geo.design.solve import never, solve
from geo.errors import OptionError
from geo.formats.geojson import feature, feature_collection
from geo.geocode.types import Geocoder
from geo.measures.compactness import weighted_centers
from geo.polygons import dissolve
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable
from sales.document import Facts, plan_document
from sales.exact import exact_design
from sales.fingerprint import fingerprint
from sales.goals import choose_goals
from sales.ground import Ground, account_measures, prepare_ground
from sales.inputs import CellInput, UnitInput
from sales.matching import homes_of, match_reps
from sales.naming import name_territories
from sales.plan import PlanBundle
from sales.request import BalanceGoal, DesignRequest
from sales.tables import (
    assignment_table,
    bridge_table,
    edge_table,
    place_table,
    review_table,
    unit_table,
)


def design(
    source: AccountTable | CellInput | UnitInput,
    request: DesignRequest,
    *,
    geocoder: Geocoder,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> PlanBundle:
    """Locate, fill, solve and report. Same input, request and version: the same plan.

    Raises InputError or OptionError (nothing is written by this function at all). When
    `should_stop` says so, or `request.time_limit` seconds are over, the best plan so far is kept.
    """
    p = _territory_count(request)
    request = replace(request, balance=_goals(source, request))
    ground = prepare_ground(source, request, p, geocoder, progress)
    problem = _problem(ground, request, p)
    deadline = time.monotonic() + (request.time_limit or np.inf)

    def stop() -> bool:
        return should_stop() or time.monotonic() > deadline

    exact = None
    if request.exact is None:
        plan = solve(problem, seed=request.seed, progress=progress, should_stop=stop)
    else:
        exact, plan = exact_design(problem, request, progress, should_stop)
    progress("report", 0.0)
    facts = replace(_facts(source, ground, problem, plan.labels, request), exact=exact)
    provenance = {
        "version": version("bailiwick"),
        "seed": request.seed,
        "parameters": dict(request.options),
        "input_sha256": source.sha256,
        "fingerprint": "",
        "stop_reason": plan.stop_reason,
    }
    bundle = _bundle(facts, plan_document(facts, provenance))
    progress("report", 1.0)
    return bundle


def _goals(
    source: AccountTable | CellInput | UnitInput, request: DesignRequest
) -> tuple[BalanceGoal, ...]:
    if isinstance(source, AccountTable):
        # "Annual Revenue" may be asked for by its header though it is kept as `revenue`.
        field = {header: name for name, header in source.columns.items()}
        asked = [replace(g, measure=field.get(g.measure, g.measure)) for g in request.balance]
        return choose_goals(asked, list(account_measures(source)))
    measures = source.table.measures if isinstance(source, CellInput) else source.measures
    return choose_goals(request.balance, measures)


def _territory_count(request: DesignRequest) -> int:
    if request.territories is not None and request.reps:
        raise OptionError(
            "both a number of territories and a roster are given",
            hint="Give --territories or --reps, not both.",
        )
    count = len(request.reps) if request.reps else request.territories
    if count is None or count < 1:
        raise OptionError(
            "the number of territories is missing, or below 1",
            hint="Give --territories N, or --reps FILE for one territory per rep.",
        )
    return count


def _problem(ground: Ground, request: DesignRequest, p: int) -> DesignProblem:
    goal = {g.measure: g.tolerance for g in request.balance}
    order = [ground.measures.index(name) for name in goal]
    order += [j for j in range(len(ground.measures)) if j not in order]
    activity = np.ascontiguousarray(ground.activity[:, order])
    names = tuple(ground.measures[j] for j in order)
    share = np.array([rep.capacity for rep in request.reps]) if request.reps else np.ones(p)
    return DesignProblem(
        ground.lat,
        ground.lng,
        activity,
        names,
        ground.graph,
        targets_by_share(activity, share),
        np.array([goal.get(name, np.nan) for name in names]),
        homes_of(request.reps) if request.reps else None,
    )


def _facts(
    source: AccountTable | CellInput | UnitInput,
    ground: Ground,
    problem: DesignProblem,
    labels: Int32,
    request: DesignRequest,
) -> Facts:
    """Put the territories in their final order (the roster's, else by name) and name them."""
    p = problem.territories
    weight = problem.activity[:, 0]
    centers = weighted_centers(problem.lat, problem.lng, weight, labels, p)
    names = _names(source, ground, labels, p)
    order = match_reps(request.reps, centers) if request.reps else _alphabetical(names)
    rank = np.empty(p, dtype=np.int64)
    rank[order] = np.arange(p)
    final = rank[labels]
    problem = replace(problem, targets=problem.targets[order].copy())
    unit = ground.account_unit
    owner = np.where(unit >= 0, final[np.maximum(unit, 0)], -1) if len(unit) else unit
    width = max(2, len(str(p)))
    return Facts(
        ground,
        problem,
        final,
        certify(problem, final.astype(np.int32)),
        request.balance,
        [f"T{k + 1:0{width}d}" for k in range(p)],
        [names[k] for k in order],
        request.reps,
        request.roster_issues,
        len(unit),
        owner,
    )


def _names(
    source: AccountTable | CellInput | UnitInput,
    ground: Ground,
    labels: Int32,
    p: int,
) -> list[str]:
    if not isinstance(source, AccountTable):
        return name_territories([], np.empty(0), np.empty(0, np.int64), p)
    unit = ground.account_unit
    territory: Int = np.where(unit >= 0, labels[np.maximum(unit, 0)], -1)
    cities = source.frame["city"].astype(str).tolist()
    return name_territories(cities, np.ones(len(cities)), territory, p)


def _alphabetical(names: list[str]) -> Int:
    return np.array(sorted(range(len(names)), key=lambda k: (names[k].casefold(), k)), np.int64)


def _bundle(facts: Facts, document: dict[str, object]) -> PlanBundle:
    ground = facts.ground
    rep_ids = [rep.rep_id for rep in facts.reps] or [""] * len(facts.ids)
    assignments = assignment_table(ground, facts.labels, facts.ids, rep_ids)
    units = unit_table(ground, facts.labels, facts.ids)
    bridges = bridge_table(ground)
    provenance = document["provenance"]
    assert isinstance(provenance, dict)
    provenance["fingerprint"] = fingerprint(document, assignments, units, bridges)
    territories = document["territories"]
    assert isinstance(territories, list)
    features = [
        feature(territory["id"], shape, territory)
        for territory, shape in zip(territories, _shapes(facts), strict=True)
    ]
    names = None
    if ground.located is not None:
        names = tuple(ground.located.accounts.frame["name"].astype(str))
    return PlanBundle(
        document,
        assignments,
        units,
        bridges,
        review_table(ground, assignments, facts.roster_issues),
        feature_collection(features),
        names,
        edge_table(ground),
        place_table(ground),
    )


def _shapes(facts: Facts) -> list[BaseGeometry]:
    ground, p = facts.ground, len(facts.ids)
    labels = facts.labels.astype(np.int32)
    if ground.cells is not None:
        return list(outlines(ground.cells, labels, p))
    if ground.geometry is not None:
        return dissolve(ground.geometry, labels, p)
    # Units without polygons: their places, as points.
    return [
        MultiPoint(np.stack([ground.lng[labels == k], ground.lat[labels == k]], axis=1))
        for k in range(p)
    ]
