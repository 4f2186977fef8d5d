"""One scenario: from the plan in force to the plan that would follow it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from geo.design.solve import never
from geo.errors import BailiwickError, OptionError
from geo.geocode.types import Geocoder
from geo.progress import Progress, silent
from sales.accounts.types import AccountTable
from sales.design import design
from sales.ground import account_measures
from sales.plan import PlanBundle
from sales.prepare import Source
from sales.realign.budget import as_fraction
from sales.realign.force import InForce, in_force
from sales.realign.market import of_both
from sales.realign.people import Change, Team, changed, team_of
from sales.realign.place import located
from sales.realign.potential import with_potential
from sales.realign.scenario import Scenario
from sales.realign.standing import standing, standing_of_both
from sales.realign.told import told
from sales.realign.vacated import vacated
from sales.request import BalanceGoal, DesignRequest
from sales.rules.alignment import Alignment, Held, alignment_of, keys_of


@dataclass(frozen=True, eq=False)
class Base:
    """The plan in force, called `name`, and its market; `seed` of all that is searched."""

    bundle: PlanBundle
    source: Source
    name: str
    geocoder: Geocoder
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Made:
    """A scenario made: its plan, who left and joined, and who has what `before` and `after`.

    `worth` account key → potential in the scenario; `vacant` territories; `budget` as a fraction.
    """

    scenario: Scenario
    bundle: PlanBundle
    source: Source
    left: tuple[str, ...]
    joined: tuple[str, ...]
    before: pd.DataFrame
    after: pd.DataFrame
    worth: dict[str, float]
    vacant: tuple[str, ...] = ()
    budget: float | None = None


def run(
    base: Base,
    scenario: Scenario,
    *,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> Made:
    """Make the plan of a scenario. Same base, scenario, seed and version: the same plan.

    Raises BailiwickError whose message begins with the scenario's name.
    """
    try:
        return _made(base, scenario, progress, should_stop)
    except BailiwickError as error:
        raise told(error, scenario.name) from error.__cause__


def _made(
    base: Base, scenario: Scenario, progress: Progress, should_stop: Callable[[], bool]
) -> Made:
    _check(scenario)
    joins = tuple(located(join, base.geocoder) for join in scenario.joins)
    scenario = replace(scenario, joins=joins)
    team, before = team_of(base.bundle), standing(base.bundle)
    worth = worth_of(base.source)
    share = before["key"].map(worth).fillna(0.0).groupby(before["territory"]).sum()
    change = changed(team, scenario, {str(k): float(v) for k, v in share.items()})
    left = tuple(team.reps[k].rep_id for k in change.left)
    options = _options(base, scenario, change, team)
    if scenario.respond == "orphans":
        ended = tuple(team.territories[k] for k in change.left)
        bundle = vacated(base.bundle, ended, options)
        after = standing(bundle, ended)
        return Made(scenario, bundle, base.source, left, (), before, after, worth, ended)
    source = base.source
    if scenario.merger is not None:
        source = of_both(source, scenario.merger.accounts)
    if scenario.potential is not None:
        source = with_potential(source, scenario.potential)
    worth = worth_of(source)
    alignment = _alignment(base, team, scenario)
    budget = _budget(scenario, alignment, before, left, worth)
    request = _request(base, scenario, team, change, alignment, budget, options)
    bundle = design(
        source, request, geocoder=base.geocoder, progress=progress, should_stop=should_stop
    )
    after = standing(bundle)
    if scenario.merger is not None and scenario.merger.alignment is not None:
        before = standing_of_both(before, scenario.merger.alignment, after)
    joined = tuple(rep.rep_id for rep in change.joined)
    return Made(scenario, bundle, source, left, joined, before, after, worth, (), budget)


def _check(scenario: Scenario) -> None:
    changes = scenario.joins or scenario.headcount > 0 or scenario.merger or scenario.potential
    if scenario.respond != "realign" and (changes or not (scenario.leaves or scenario.headcount)):
        raise OptionError(
            f"to respond with “{scenario.respond}” is for reps who leave, and for nothing else",
            hint="Name who leaves, or leave `respond` out.",
        )
    if scenario.tolerance is not None and not 0 < scenario.tolerance < 1:
        raise OptionError(
            f"the tolerance {scenario.tolerance:g} is no fraction between 0 and 1",
            hint="Write 0.05 for 5 %.",
        )


def worth_of(source: Source) -> dict[str, float]:
    """Account key (or unit) → potential, else the first measure."""
    if isinstance(source, AccountTable):
        keys = keys_of(source.frame["account_id"].astype(str).tolist())
        pairs = zip(keys, account_measures(source)["potential"].tolist(), strict=True)
        worth: dict[str, float] = {}
        for (key, value), usable in zip(pairs, source.frame["usable"].tolist(), strict=True):
            if usable:
                worth.setdefault(key, value)
        return worth
    if hasattr(source, "table"):
        table = source.table
        ids = [format(cell, "x") for cell in table.cell.tolist()]
        j = table.measures.index("potential") if "potential" in table.measures else 0
        return dict(zip(keys_of(ids), table.activity[:, j].tolist(), strict=True))
    j = source.measures.index("potential") if "potential" in source.measures else 0
    return dict(zip(keys_of(list(source.ids)), source.activity[:, j].tolist(), strict=True))


def _alignment(base: Base, team: Team, scenario: Scenario) -> Alignment:
    """Who has what now, territories by their reps; the other team's after ours."""
    own = alignment_of(base.bundle, base.name)
    reps = zip(own.territories, team.reps, strict=True)
    held = [Held(t.territory_id, t.name, rep) for t, rep in reps]
    other = scenario.merger.alignment if scenario.merger is not None else None
    if scenario.merger is None or other is None:
        return replace(own, territories=tuple(held))
    taken = {t.territory_id for t in held}
    for territory in other.territories:
        name = territory.territory_id or territory.name
        while name in taken:
            name += " (joined)"
        taken.add(name)
        held.append(Held(name, territory.name, territory.rep))
    theirs = {key: k + len(own.territories) for key, k in other.accounts.items()}
    # Not exact: where both teams are, a cell goes to whose accounts weigh most.
    return Alignment(tuple(held), theirs | dict(own.accounts), {}, own.source)


def _budget(
    scenario: Scenario,
    alignment: Alignment,
    before: pd.DataFrame,
    left: tuple[str, ...],
    worth: dict[str, float],
) -> float | None:
    """The move budget as a fraction of what reps have who stay."""
    if scenario.max_disruption is None:
        return None
    placed = set(before["key"][before["territory"] != ""])
    gone = {k for k, t in enumerate(alignment.territories) if t.rep and t.rep.rep_id in left}
    merged = scenario.merger is not None
    kept = [
        key for key, k in alignment.accounts.items() if k not in gone and (merged or key in placed)
    ]
    if not alignment.accounts:  # cells
        kept = [key for key, k in alignment.units.items() if k not in gone]
    total = sum(worth.get(key, 0.0) for key in kept)
    return as_fraction(scenario.max_disruption, len(kept), total)


def _request(
    base: Base,
    scenario: Scenario,
    team: Team,
    change: Change,
    alignment: Alignment,
    budget: float | None,
    options: dict[str, Any],
) -> DesignRequest:
    document = base.bundle.document
    merged = scenario.merger is not None
    staying = {team.territories[k] for k in change.stays}
    rules = InForce(None, None, None, ()) if merged else in_force(base.bundle, staying)
    of_accounts = scenario.max_disruption is not None and scenario.max_disruption.unit == "accounts"
    first = document["measures"][0]
    goals = [BalanceGoal(name, limit) for name, limit in document["tolerance"].items()]
    if scenario.tolerance is not None:
        goals = [
            replace(g, tolerance=scenario.tolerance) if g.measure == first else g for g in goals
        ]
    goals.sort(key=lambda goal: document["measures"].index(goal.measure))
    return DesignRequest(
        reps=(
            *(team.reps[k] for k in change.stays),
            *(scenario.merger.reps if scenario.merger is not None else ()),
            *change.joined,
        ),
        balance=tuple(goals),
        resolution=document["resolution"] if not merged else None,
        seed=base.seed,
        effort="none" if scenario.respond == "nearest" else scenario.effort,
        incumbent=alignment,
        max_disruption=budget,
        disruption_by="accounts" if of_accounts else "potential",
        same_cells=not merged,
        locks=rules.locks,
        together=rules.together,
        apart=rules.apart,
        limits=rules.limits,
        barriers=base.bundle.barriers,
        options=options,
    )


def _options(base: Base, scenario: Scenario, change: Change, team: Team) -> dict[str, Any]:
    """For the provenance: what was changed, and in which plan."""
    asked: dict[str, Any] = {
        "scenario": scenario.name,
        "plan": base.bundle.document["provenance"]["fingerprint"],
        "leaves": [team.reps[k].rep_id for k in change.left],
        "joins": [
            {"rep": rep.rep_id, "capacity": rep.capacity, "lat": rep.lat, "lng": rep.lng}
            for rep in change.joined
        ],
        "merger": scenario.merger.source if scenario.merger is not None else None,
        "new_potential": scenario.potential is not None or None,
        "max_disruption": str(scenario.max_disruption) if scenario.max_disruption else None,
        "tolerance": scenario.tolerance,
        "respond": None if scenario.respond == "realign" else scenario.respond,
        "effort": None if scenario.effort == "default" else scenario.effort,
    }
    return {name: value for name, value in asked.items() if value not in (None, [])}
