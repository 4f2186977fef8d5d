"""The rules of routing in the order in which they are asked: the first that knows an owner wins.

A rule takes a case and the world and answers, or says in a word or two why it does not. A further
territory model is a further rule in `RULES`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from geo.geocode.types import Geocode, Precision
from sales.lookup import Lookup
from sales.owners import Outside, Override, Overrides
from sales.segments.choose import Chosen


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose a point is, and why. `territory`, `territory_name`, `rep` are None where nobody's.

    `code` is in_territory, named, override, segment, nearest, queued, or why nobody has it:
    outside_market, unassigned, imprecise, address_unknown, nothing_given, bad_position,
    account_unknown. `rule` decided; `trace` has each rule asked and what it said. `lat`, `lng` in
    degrees and `cell`, None where not known.
    """

    code: str
    reason: str
    territory: str | None = None
    territory_name: str | None = None
    rep: str | None = None
    precision: str = str(Precision.NONE)
    cell: str | None = None
    lat: float | None = None
    lng: float | None = None
    rule: str = "none"
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """What the plan says of one of its accounts; `territory` "" where it is in the review."""

    territory: str
    rep: str
    rule: str
    precision: str
    cell: str
    lat: float | None
    lng: float | None


@dataclass(frozen=True)
class World:
    """What decides, at one moment: a plan, the planner's rules, the owners by name."""

    lookup: Lookup
    outside: Outside
    overrides: Overrides
    at: datetime


@dataclass(slots=True)
class Case:
    """What is known of a point: `nowhere` is the answer where it has no place on the map.

    `account` is its id or "", `known` what the plan says of that account. `territory` is an index
    into the look-up, −1 outside; `near` the nearest territory there and its distance in km. In a
    plan with segments `chosen` says of which it is and why, or why of none.
    """

    account: str
    segment: str
    known: Assigned | None
    place: Geocode | None = None
    nowhere: Answer | None = None
    territory: int = -1
    cell: int = 0
    near: tuple[int, float] | None = None
    chosen: Chosen | None = None


Rule = Callable[[Case, World], Answer | str]


def by_name(case: Case, world: World) -> Answer | str:
    """Named accounts and overrides: an owner whatever the geography."""
    entries = world.overrides.get(case.account, ()) if case.account else ()
    holding = [entry for entry in entries if entry.holds(world.at)]
    if not holding:
        return "not named" if not entries else "named, but not at this time"
    entry, lookup = holding[-1], world.lookup
    if entry.territory:
        at = lookup.at.get(entry.territory)
        if at is None:
            return f"named to territory {entry.territory}, which the plan does not have"
    else:
        own = lookup.by_rep.get(entry.rep, ())
        at = own[0] if len(own) == 1 else None
    return _named(case, lookup, entry, at)


def _named(case: Case, lookup: Lookup, entry: Override, at: int | None) -> Answer:
    rep = entry.rep or (lookup.reps[at] if at is not None else "")
    owner = rep or (lookup.names[at] if at is not None else "")
    words = "is a named account of" if entry.kind == "named" else "is given to"
    reason = f"{case.account} {words} {owner}" + (f": {entry.reason}" if entry.reason else "")
    return replace(
        _somewhere(case),
        code=entry.kind,
        reason=reason,
        territory=lookup.ids[at] if at is not None else None,
        territory_name=lookup.names[at] if at is not None else None,
        rep=rep or None,
    )


def by_segment(case: Case, world: World) -> Answer | str:
    """In a plan with segments, the segment comes first: a list has its own, others their map.

    Otherwise a segment that is one territory has all that say they belong to it.
    """
    if case.chosen is not None:
        return _chosen(case, case.chosen, world.lookup)
    if not case.segment:
        return "no segment given"
    found = world.lookup.by_segment.get(case.segment, ())
    if len(found) != 1:
        count = "no territory" if not found else f"{len(found)} territories"
        return f"{case.segment} has {count} in this plan"
    reason = f"the segment {case.segment} is {world.lookup.names[found[0]]}"
    return _owned(_somewhere(case), world.lookup, found[0], "segment", reason)


def _chosen(case: Case, chosen: Chosen, lookup: Lookup) -> Answer | str:
    """What the territory model says of a case: an owner, nobody, or on whose map to look."""
    if chosen.territory >= 0:
        reason = f"{chosen.why}: {lookup.names[chosen.territory]}"
        return _owned(_somewhere(case), lookup, chosen.territory, "segment", reason)
    if case.known is None and (not chosen.segment or chosen.segment not in lookup.layers):
        said = f"{chosen.segment}: {chosen.why}" if chosen.segment else chosen.why
        hint = "name it to a rep" if chosen.segment else "say more of it"
        return replace(_somewhere(case), code="unassigned", reason=f"{said}; {hint}")
    return f"{chosen.segment or 'no segment'}, as {chosen.why}"


def by_plan(case: Case, world: World) -> Answer | str:
    """An account of the plan: what the plan says of it."""
    known, lookup = case.known, world.lookup
    if known is None:
        return "not an account of the plan"
    at = lookup.at.get(known.territory)
    if at is None:
        reason = f"{case.account} is in the plan's review, without a territory"
        return replace(_somewhere(case), code="unassigned", reason=reason)
    reason = f"the plan has {case.account} in {lookup.names[at]}, by {known.rule}"
    answer = _owned(_somewhere(case), lookup, at, "in_territory", reason)
    return replace(answer, rep=known.rep or None)


def by_cell(case: Case, world: World) -> Answer | str:
    """The cell in which it lies."""
    place = case.place
    if place is None:
        return replace(case.nowhere or Answer("nothing_given", "no place is known"))
    if not place.precision.places_account:
        reason = (
            f"only the {place.precision} is known ({place.matched}); add a city or a postal code"
        )
        return replace(_somewhere(case), code="imprecise", reason=reason)
    if case.territory < 0:
        return "in no cell of the plan"
    reason = f"{place.matched} is in {world.lookup.names[case.territory]}"
    if case.chosen is not None:
        reason = f"{case.chosen.segment} ({case.chosen.why}): {reason}"
    return _owned(_somewhere(case), world.lookup, case.territory, "in_territory", reason)


def by_outside(case: Case, world: World) -> Answer | str:
    """What the planner set for places outside the market."""
    outside, what = world.outside, case.place.matched if case.place else case.account
    nobody = replace(
        _somewhere(case),
        code="outside_market",
        reason=f"{what} is outside the market of this plan",
    )
    if outside.rule == "queue":
        reason = f"{nobody.reason}, and goes to the queue {outside.queue}"
        return replace(nobody, code="queued", reason=reason, rep=outside.queue)
    if outside.rule == "none" or case.near is None:
        return nobody
    territory, km = case.near
    name = world.lookup.names[territory]
    if outside.nearest_km is not None and km > outside.nearest_km:
        reason = f"{nobody.reason}; the nearest territory, {name}, is {km:.0f} km away"
        return replace(nobody, reason=reason)
    reason = f"{nobody.reason}; {name} is the nearest, {km:.0f} km away"
    return _owned(nobody, world.lookup, territory, "nearest", reason)


RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("named", by_name),
    ("segment", by_segment),
    ("plan", by_plan),
    ("cell", by_cell),
    ("outside", by_outside),
)


def decide(case: Case, world: World) -> Answer:
    """Ask the rules one after the other."""
    trace: list[str] = []
    for name, rule in RULES:
        said = rule(case, world)
        if isinstance(said, Answer):
            trace.append(f"{name}: {said.code}")
            return replace(said, rule=name, trace=tuple(trace))
        trace.append(f"{name}: {said}")
    raise AssertionError("the last rule always answers")


def _owned(answer: Answer, lookup: Lookup, territory: int, code: str, reason: str) -> Answer:
    return replace(
        answer,
        code=code,
        reason=reason,
        territory=lookup.ids[territory],
        territory_name=lookup.names[territory],
        rep=lookup.reps[territory] or None,
    )


def _somewhere(case: Case) -> Answer:
    """An answer that says where, and nothing else yet."""
    known, place = case.known, case.place
    if place is not None:
        cell = format(case.cell, "x") if case.cell else None
        return Answer("", "", None, None, None, str(place.precision), cell, place.lat, place.lng)
    if known is not None:
        at = (known.cell or None, known.lat, known.lng)
        return Answer("", "", None, None, None, known.precision, *at)
    return Answer("", "")
