"""`verify`: every claim in a plan's directory, re-derived from its files by `geo.check`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sales.claims import (
    accounts,
    balance,
    bounds,
    crux,
    disruption,
    optimum,
    outlines,
    rules,
    segments,
    units,
)
from sales.claims.facts import Facts
from sales.fingerprint import fingerprint_of
from sales.plan import PlanBundle
from sales.plan_schema import check_form


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim: what it says, whether it is true, and if not, where."""

    claim: str
    true: bool
    detail: str = ""


def verify(bundle: PlanBundle) -> Iterator[Finding]:
    """Check claim after claim, in the order of a reader's trust: partition first, proof last.

    Raises PlanFilesError where the files do not have the form of a plan.
    """
    check_form(bundle)
    if bundle.members is not None:
        yield from audit_of(bundle)
        for name, part in bundle.parts.items():
            for finding in verify(part):
                yield replace(finding, claim=f"{name}: {finding.claim}")
        return
    plan = Facts(bundle)
    some = {name: problems for name, (stated, problems) in _OF_RULES.items() if stated(plan)}
    for claim, problems in (_CLAIMS | some | _LAST).items():
        wrong = next(problems(plan), "")
        yield Finding(claim, not wrong, wrong)
        if wrong and claim == _FIRST:
            return  # nothing else can be derived from units that are not there
    if bundle.document["certificate"].get("exact") is not None:
        wrong = next(optimum.exact(plan), "")
        yield Finding(_OPTIMUM, not wrong, wrong)


def audit_of(bundle: PlanBundle) -> Iterator[Finding]:
    """Check what a plan with segments claims beyond its parts: no overlap, no orphan, the sums.

    Raises PlanFilesError where it has no segments.
    """
    plan = segments.whole_of(bundle)
    for claim, problems in segments.AUDIT.items():
        wrong = segments.checked(plan, problems)
        yield Finding(claim, not wrong, wrong)
        if wrong and claim == next(iter(segments.AUDIT)):
            return  # rows that do not correspond say nothing of each other


def _fingerprint(plan: Facts) -> Iterator[str]:
    found = fingerprint_of(plan.bundle)
    if found != plan.document["provenance"]["fingerprint"]:
        yield f"the files' fingerprint is {found[:12]}…, not the one in plan.json"


_OPTIMUM = "what is said of the optimum, as far as files can show it"
_FIRST = "every unit belongs to exactly one territory"
_CLAIMS: dict[str, Callable[[Facts], Iterator[str]]] = {
    _FIRST: units.partition,
    "every territory is contiguous, bridges counted": units.contiguity,
    "bridges are clear of other units, the shortest ones among them": units.bridges,
    "the totals of each territory": units.totals,
    "the targets, in proportion to the reps' capacities": balance.targets,
    "the deviations from the targets": balance.deviations,
    "what is out of tolerance or in pieces": balance.violated,
    "every account is assigned by its unit, or in review": accounts.assigned,
    "every account lies in its unit": accounts.located,
    "the outlines are valid, apart, and drawn from the units": outlines.outlined,
    "centres, cut edges and rms distance": bounds.shape,
    "the least deviation that the heaviest unit allows": bounds.granularity,
    "the compactness and its bound": bounds.compactness,
}
# Claims that only some plans make.
_OF_RULES: dict[str, tuple[Callable[[Facts], bool], Callable[[Facts], Iterator[str]]]] = {
    "the rules in force, in units of the plan": (lambda plan: bool(plan.rules), rules.in_force),
    "what the heaviest neighbourhoods make unavoidable": (
        lambda plan: bool(plan.document["certificate"].get("cruxes")),
        crux.cruxes,
    ),
    "measures that conflict, and the weighting chosen": (balance.in_conflict, balance.conflicts),
    "what changes hands against the incumbent": (disruption.stated, disruption.changes),
    "the least that must change hands": (disruption.stated, disruption.least),
}
_LAST: dict[str, Callable[[Facts], Iterator[str]]] = {
    "the fingerprint of input, parameters and seed": _fingerprint
}
