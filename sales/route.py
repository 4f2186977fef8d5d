"""Whose is a point? Territory, rep and reason, by a plan's look-up and a geocoder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.geocode.types import Address, Geocode, Precision
from sales.lookup import Lookup

Geocoding = Callable[[Address], Geocode | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose a point is, and why. `territory`, `territory_name`, `rep` are None where nobody's.

    `code` is in_territory, outside_market, imprecise, address_unknown, nothing_given or
    bad_position; `lat`, `lng` in degrees and `cell`, None where not known.
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


def route(lookup: Lookup, geocode: Geocoding, points: Sequence[Address]) -> list[Answer]:
    """Answer each point, in order: by its position where it has one, else by its address."""
    places = [_place(geocode, point) for point in points]
    known = [place for place in places if isinstance(place, Geocode)]
    found, cells = lookup.territories_at(
        np.array([place.lat for place in known], dtype=np.float64),
        np.array([place.lng for place in known], dtype=np.float64),
    )
    owners = zip(found.tolist(), cells.tolist(), strict=True)
    return [
        place if isinstance(place, Answer) else _located(lookup, place, *next(owners))
        for place in places
    ]


def _place(geocode: Geocoding, point: Address) -> Geocode | Answer:
    """Where the point is, or the answer that this is not known."""
    lat, lng = point.lat, point.lng
    if lat is not None and lng is not None:
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            return Answer("bad_position", f"latitude {lat:g}, longitude {lng:g} is not on Earth")
        return Geocode(lat, lng, Precision.GIVEN, "given", 1.0, "the position given")
    if lat is not None or lng is not None:
        return Answer("bad_position", "a position needs both lat and lng")
    if point == Address():
        return Answer("nothing_given", "neither a position nor an address is given")
    found = geocode(point)
    if found is None or found.precision is Precision.NONE:
        return Answer("address_unknown", "the address could not be found on the map")
    return found


def _located(lookup: Lookup, place: Geocode, territory: int, cell: int) -> Answer:
    precision = str(place.precision)
    nobody = Answer(
        "outside_market",
        f"{place.matched} is outside the market of this plan",
        precision=precision,
        cell=format(cell, "x") if cell else None,
        lat=place.lat,
        lng=place.lng,
    )
    if not place.precision.places_account:
        reason = f"only the {precision} is known ({place.matched}); add a city or a postal code"
        return replace(nobody, code="imprecise", reason=reason)
    if territory < 0:
        return nobody
    name = lookup.names[territory]
    return replace(
        nobody,
        code="in_territory",
        reason=f"{place.matched} is in {name}",
        territory=lookup.ids[territory],
        territory_name=name,
        rep=lookup.reps[territory] or None,
    )
