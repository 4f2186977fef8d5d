"""Where a rep joins: “Denver, CO”, “Aarhus, Denmark”, a postal code, or latitude and longitude."""

import re
from collections.abc import Iterator
from dataclasses import replace

from geo.errors import OptionError
from geo.geocode.types import Address, Geocoder
from sales.realign.scenario import Join

_POSITION = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[,;]\s*(-?\d+(?:\.\d+)?)\s*$")
_CODE = re.compile(r"^(.*?)\s*\b(\d{4,5}(?:-\d{4})?)$")
_HINT = "Write the city with its state or country, a postal code, or “latitude, longitude”."


def located(join: Join, geocoder: Geocoder) -> Join:
    """The rep with a position; raises OptionError where the place is not found."""
    if join.lat is not None and join.lng is not None:
        return _checked(join)
    if not join.place.strip():
        return join  # anywhere
    given = _POSITION.match(join.place)
    if given:
        return _checked(replace(join, lat=float(given[1]), lng=float(given[2])))
    for address in _readings(join.place):
        found = geocoder.geocode(address)
        if found is not None and found.precision.places_account:
            return replace(join, lat=round(found.lat, 6), lng=round(found.lng, 6))
    raise OptionError(f"the place “{join.place}” of a rep who joins was not found", hint=_HINT)


def _checked(join: Join) -> Join:
    assert join.lat is not None
    assert join.lng is not None
    if not (-90 <= join.lat <= 90 and -180 <= join.lng <= 180):
        raise OptionError(f"{join.lat:g}, {join.lng:g} is no position on the Earth", hint=_HINT)
    return join


def _readings(place: str) -> Iterator[Address]:
    """What the words may mean, the likeliest first."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    last = _CODE.match(parts[-1])
    code = last[2] if last else ""
    if last:
        parts = [*parts[:-1], *([last[1]] if last[1] else [])]
    city, rest = (parts[0] if parts else ""), parts[1:]
    if len(rest) >= 2:
        yield Address(city=city, state=rest[0], country=rest[-1], postal_code=code)
    if rest:
        yield Address(city=city, state=rest[0], postal_code=code)
        yield Address(city=city, country=rest[-1], postal_code=code)
    else:
        yield Address(city=city, postal_code=code)
