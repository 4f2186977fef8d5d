"""Claims about balance: targets, deviations, and what is out of tolerance."""

from collections.abc import Iterator

import numpy as np

from geo import check
from geo.arrays import Float
from sales.claims.facts import Facts, same
from sales.rules.breaches import rule_violations
from sales.violations import violations

_TARGET = 1e-9  # targets are written with nine decimals


def targets(plan: Facts) -> Iterator[str]:
    """Targets divide the market in proportion to the reps' capacities, or evenly."""
    reps = plan.document["reps"]
    share = np.ones(len(plan.names))
    if reps:
        if [rep["territory"] for rep in reps] != plan.names:
            yield "the reps are not one for each territory, in their order"
            return
        ids = [rep["rep_id"] for rep in reps if rep["rep_id"]]  # "" is a vacancy
        if len(set(ids)) != len(ids):
            yield "a rep is listed twice"
        share = np.array([rep["capacity"] for rep in reps])
    for k, territory in enumerate(plan.territories):
        own = (reps[k]["rep_id"], reps[k]["name"]) if reps else ("", "")
        if (territory["rep"], territory["rep_name"]) != own:
            yield f"{territory['id']} is of {territory['rep']!r}, the list of reps says otherwise"
    wanted = share / share.sum() * plan.weight.sum()
    for territory, value in zip(plan.territories, wanted.tolist(), strict=True):
        if not same(territory["target"], value):
            yield f"the target of {territory['id']} is {value}, not {territory['target']}"


def deviations(plan: Facts) -> Iterator[str]:
    """Signed deviations from the targets, the largest and the mean."""
    first = plan.measures[0]
    for measure in plan.document["tolerance"]:
        found = _deviations(plan, measure)
        floor = 1e-8 + 2 * _TARGET / float(plan.targets.min())
        for territory, value in zip(plan.territories, found.tolist(), strict=True):
            said = territory["deviations"][measure]
            if not same(value, said, floor):
                yield f"{territory['id']} deviates by {value:+.6%} in {measure}, not {said:+.6%}"
    for territory in plan.territories:
        if territory["deviation"] != territory["deviations"][first]:
            yield f"{territory['id']} states two different deviations in {first}"
    size = np.abs([territory["deviation"] for territory in plan.territories])
    for name, value in (("max_deviation", size.max()), ("mean_deviation", size.mean())):
        if not same(float(value), plan.document["summary"][name]):
            yield f"{name} is {value:.6%}, not {plan.document['summary'][name]:.6%}"


def _deviations(plan: Facts, measure: str) -> Float:
    target = plan.targets / plan.targets.sum() * plan.measure(measure).sum()
    load = plan.load(measure)
    positive = target > 0
    return np.where(positive, (load - target) / np.where(positive, target, 1.0), 0.0)


def violated(plan: Facts) -> Iterator[str]:
    """What is out of tolerance or in pieces stands in the list, and nothing else does."""
    pieces = check.pieces(len(plan.ids), [*plan.borders, *plan.bridges], plan.owner)
    wanted = violations(
        plan.territories,
        plan.document["tolerance"],
        plan.granularities,
        [pieces[name] for name in plan.names],
        plan.document["certificate"].get("cruxes", ()),
    )
    wanted += rule_violations(
        plan.rules,
        dict(zip(plan.ids, plan.owner, strict=True)),
        plan.territories,
        plan.document["summary"].get("disruption"),
    )
    said = plan.document["violations"]
    for entry in wanted:
        if entry not in said:
            yield f"not listed so: {entry['message']}"
    for entry in said:
        if entry not in wanted:
            yield f"listed, but not so: {entry['message']}"
    if len(said) != len(wanted):
        yield f"{len(wanted)} violations are to be listed, not {len(said)}"


def in_conflict(plan: Facts) -> bool:
    """Whether the plan says that measures conflict, or what each weighting of them reached."""
    certificate = plan.document["certificate"]
    return bool(certificate.get("conflicts") or plan.document.get("tradeoffs"))


def conflicts(plan: Facts) -> Iterator[str]:
    """Measures that one unit sets against each other, for every plan; and the weighting chosen."""
    share = plan.targets / plan.targets.sum()
    for claim in plan.document["certificate"].get("conflicts", ()):
        if claim["unit"] not in plan.ids:
            yield f"unit {claim['unit']} is not in the plan"
            continue
        first, second = plan.measure(claim["measure"]), plan.measure(claim["other"])
        wanted = {
            (float(a), float(b))
            for a, b in zip(share * first.sum(), share * second.sum(), strict=True)
        }
        at = plan.ids.index(claim["unit"])
        found = check.least_other(first, second, at, wanted, claim["tolerance"])
        if not same(found, claim["least_deviation"]):
            yield f"unit {claim['unit']} makes {found:.4%} of {claim['other']} unavoidable"
        needed = claim["needed_tolerance"]
        limit = plan.document["tolerance"][claim["other"]]
        if needed is not None and not (
            check.least_other(first, second, at, wanted, max(0.0, needed - 1e-6)) > limit
        ):
            yield f"{claim['measure']} need not be allowed {needed:.4%}"
    for tried in plan.document.get("tradeoffs", ()):
        for measure, reached in tried["reached"].items() if tried["chosen"] else ():
            own = max(abs(t["deviations"][measure]) for t in plan.territories)
            if not same(own, reached):
                yield f"the plan reaches {own:.4%} in {measure}, not {reached:.4%}"
