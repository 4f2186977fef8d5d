"""Whose are these points and accounts? Many at once, all by the same rules and the same plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from geo.geocode.types import Address, Geocode, Precision
from sales.lookup import Lookup
from sales.owners import Outside
from sales.routing_rules import Answer, Assigned, Case, World, decide

Geocoding = Callable[[Address], Geocode | None]


@dataclass(frozen=True, slots=True)
class Question:
    """A place, given as an address or found before, and the account that it is of, if known.

    `account` is its canonical id or "", `segment` the one it says to belong to or "". `known` is
    what the plan says of the account: with it, and without a place, the plan's word decides.
    `nowhere` is the answer where it was found out before that there is no place. `facts` are what
    else is known of it, by field or header: a plan with segments goes by them.
    """

    place: Address | Geocode | None
    account: str = ""
    segment: str = ""
    known: Assigned | None = None
    nowhere: Answer | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def route(lookup: Lookup, geocode: Geocoding, questions: Sequence[Question]) -> list[Answer]:
    """Answer each question, in order, by the plan alone."""
    return ask(World(lookup, Outside(), {}, datetime.now(UTC)), geocode, questions)


def ask(world: World, geocode: Geocoding, questions: Sequence[Question]) -> list[Answer]:
    """Answer each question, in order."""
    cases = [_case(geocode, question) for question in questions]
    chooser = world.lookup.chooser
    if chooser is None:
        _place(world, world.lookup, cases)
        return [decide(case, world) for case in cases]
    for case, question in zip(cases, questions, strict=True):
        case.chosen = chooser.choose(question.account, question.segment, question.facts)
    for segment, layer in world.lookup.layers.items():
        _place(world, layer, [c for c in cases if c.chosen and c.chosen.segment == segment])
    return [decide(case, world) for case in cases]


def _place(world: World, lookup: Lookup, cases: Sequence[Case]) -> None:
    """Find the territories of the cases that have a place, and what is nearest to it."""
    located = [case for case in cases if case.place is not None]
    lat = np.array([case.place.lat for case in located if case.place], dtype=np.float64)
    lng = np.array([case.place.lng for case in located if case.place], dtype=np.float64)
    found, cells = lookup.territories_at(lat, lng)
    for case, territory, cell in zip(located, found.tolist(), cells.tolist(), strict=True):
        case.territory, case.cell = territory, cell
    out = np.flatnonzero(found < 0)
    if len(out) and world.outside.rule == "nearest" and lookup.nearest is not None:
        near, km = lookup.nearest.to(lat[out], lng[out])
        for at, territory, far in zip(out.tolist(), near.tolist(), km.tolist(), strict=True):
            located[at].near = (territory, far)


def _case(geocode: Geocoding, question: Question) -> Case:
    case = Case(question.account, question.segment, question.known, nowhere=question.nowhere)
    if question.place is None:
        if question.known is None and question.nowhere is None and question.account:
            reason = f"there is no account {question.account}, and no place is given"
            case.nowhere = Answer("account_unknown", reason)
        return case
    found = locate(geocode, question.place)
    if isinstance(found, Answer):
        case.nowhere = found
    else:
        case.place, case.known = found, None
    return case


def locate(geocode: Geocoding, place: Address | Geocode) -> Geocode | Answer:
    """Where the place is, or the answer that this is not known."""
    if isinstance(place, Geocode):
        return place
    if place.lat is not None or place.lng is not None:
        return _given(place.lat, place.lng)
    if place == Address():
        return Answer("nothing_given", "neither a position nor an address is given")
    found = geocode(place)
    if found is None or found.precision is Precision.NONE:
        return Answer("address_unknown", "the address could not be found on the map")
    return found


def _given(lat: float | None, lng: float | None) -> Geocode | Answer:
    if lat is None or lng is None:
        return Answer("bad_position", "a position needs both lat and lng")
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return Answer("bad_position", f"latitude {lat:g}, longitude {lng:g} is not on Earth")
    return Geocode(lat, lng, Precision.GIVEN, "given", 1.0, "the position given")
