"""From an input and a request to a finished plan: the main job, end to end."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from geo.arrays import Int, Int32
from geo.cells.outlines import outlines
from geo.design.certificate import certify
from geo.design.contract import contract
from geo.design.identity import renamed
from geo.design.problem import DesignProblem, Plan
from geo.design.solve import never, solve
from geo.formats.geojson import feature, feature_collection
from geo.geocode.types import Geocoder
from geo.measures.compactness import weighted_centers
from geo.polygons import dissolve
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable
from sales.document import Facts, plan_document
from sales.exact import exact_design
from sales.fingerprint import fingerprint
from sales.ground import Ground
from sales.inputs import CellInput, UnitInput
from sales.locate import LocatedAccounts
from sales.matching import match_reps
from sales.naming import kept_names, name_territories
from sales.plan import PlanBundle
from sales.postcodes import postcode_table
from sales.prepare import Prepared, prepare
from sales.request import DesignRequest
from sales.rules.written import disruption_summary, incumbent_table, rules_document
from sales.tables import (
    assignment_table,
    bridge_table,
    edge_table,
    place_table,
    review_table,
    unit_table,
)
from sales.tradeoff import Weighing, weighings

if TYPE_CHECKING:
    from geo.exact.solve import ExactPlan


def design(
    source: AccountTable | CellInput | UnitInput,
    request: DesignRequest,
    *,
    geocoder: Geocoder,
    located: LocatedAccounts | None = None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> PlanBundle:
    """Locate, fill, solve and report. Same input, request and version: the same plan.

    `located` are the positions of accounts where they are known already. Raises InputError or
    OptionError (nothing is written by this function at all). When
    `should_stop` says so, or `request.time_limit` seconds are over, the best plan so far is kept.
    """
    deadline = time.monotonic() + (request.time_limit or np.inf)

    def enough() -> bool:
        return should_stop() or time.monotonic() > deadline

    made = prepare(source, request, geocoder, progress, located)
    exact: ExactPlan | None = None
    tried: tuple[Weighing, ...] = ()
    if request.exact is not None:
        exact, plan = exact_design(made.problem, request, progress, should_stop)
        plan = _kept_by_name(made, plan)
    else:
        plan = _solved(made, made.problem, progress, enough)
        while made.short(plan.labels) and not enough():
            made = made.with_one_more()
            plan = _solved(made, made.problem, progress, enough)
        plan, tried = weighings(
            made.problem, plan, lambda other: _solved(made, other, silent, enough), progress, enough
        )
    progress("report", 0.0)
    facts = replace(_facts(source, made, plan.labels), weighings=tried, exact=exact)
    provenance = {
        "version": version("bailiwick"),
        "seed": request.seed,
        "parameters": dict(request.options),
        "input_sha256": source.sha256,
        "fingerprint": "",
        "stop_reason": plan.stop_reason,
    }
    bundle = _bundle(made, facts, plan_document(facts, provenance))
    progress("report", 1.0)
    return bundle


def _solved(
    made: Prepared, problem: DesignProblem, progress: Progress, should_stop: Callable[[], bool]
) -> Plan:
    """The plan for `problem` with its groups made one unit each, and parted again."""
    small = contract(problem)
    request = made.request
    plan = solve(
        small.problem, seed=request.seed, effort=request.effort, shape=request.shape,
        progress=progress, should_stop=should_stop,
    )  # fmt: skip
    plan = replace(plan, labels=small.expand(plan.labels))
    # A search that starts from the incumbent keeps the names by itself.
    return plan if problem.incumbent is not None else _kept_by_name(made, plan)


def _kept_by_name(made: Prepared, plan: Plan) -> Plan:
    """The plan, renamed to keep most, where territories are somebody's from the start."""
    if not made.ruled.identity.fixed:
        return plan
    return replace(plan, labels=renamed(made.problem, plan.labels))


def _facts(source: AccountTable | CellInput | UnitInput, made: Prepared, labels: Int32) -> Facts:
    """Put the territories in their final order (the roster's, else by name) and name them.

    Territories that are somebody's from the start keep their order, id and name.
    """
    problem, identity = made.problem, made.ruled.identity
    ground = replace(made.ground, issues=(*made.ground.issues, *made.ruled.issues))
    p = problem.territories
    weight = problem.activity[:, 0]
    centers = weighted_centers(problem.lat, problem.lng, weight, labels, p)
    names = _names(source, ground, labels, p)
    if identity.fixed:
        names = kept_names(identity.names, names)
        order = np.arange(p)
    elif identity.reps:
        order = match_reps(identity.reps, centers)
    else:
        order = _alphabetical(names)
    rank = np.empty(p, dtype=np.int64)
    rank[order] = np.arange(p)
    final = rank[labels]
    problem = replace(problem, targets=problem.targets[order].copy())
    unit = ground.account_unit
    owner = np.where(unit >= 0, final[np.maximum(unit, 0)], -1) if len(unit) else unit
    return Facts(
        ground,
        problem,
        final,
        certify(problem, final.astype(np.int32)),
        made.request.balance,
        list(identity.ids),
        [made.request.label + names[k] for k in order],
        identity.reps,
        made.request.roster_issues,
        len(unit),
        owner,
        made.ruled,
        rules_document(made.ruled, made.request.homes, made.barriers),
        disruption_summary(made.ruled, final, made.request.max_disruption),
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


def _bundle(made: Prepared, facts: Facts, document: dict[str, object]) -> PlanBundle:
    ground = facts.ground
    incumbent = incumbent_table(made.ruled)
    barriers = made.barriers.lines if made.barriers else None
    rep_ids = [rep.rep_id for rep in facts.reps] or [""] * len(facts.ids)
    assignments = assignment_table(ground, facts.labels, facts.ids, rep_ids)
    units = unit_table(ground, facts.labels, facts.ids)
    bridges = bridge_table(ground)
    provenance = document["provenance"]
    assert isinstance(provenance, dict)
    provenance["fingerprint"] = fingerprint(
        document, assignments, units, bridges, incumbent, barriers
    )
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
        incumbent,
        barriers,
        postcode_table(ground.located, facts.problem.measures[0]) if ground.located else None,
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
