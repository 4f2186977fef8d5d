"""City, state and country to the middle of the city."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from geo.geocode.country import country_code, country_name
from geo.geocode.doubts import Doubt, note
from geo.geocode.gazetteer import Place, centre, places_named
from geo.geocode.position import km_between
from geo.geocode.state import US_TERRITORIES, state_code, state_name
from geo.geocode.text import key
from geo.geocode.types import Address, Geocode, Precision
from geo.geocode.us_zip_table import city_of_zips

SOURCE: Final = "geonames"
SAME_TOWN_KM: Final = 30.0  # entries of one name this near are one town and its quarters
ALTERNATE_WEIGHT: Final = 0.1  # an alternate name counts as a tenth of the population
CLEAR_LEAD: Final = 10.0  # times the next: nobody means the other one
SLIGHT_LEAD: Final = 3.0
_NOT_COUNTED: Final = -1  # population of a city that only the post office knows
_BRACKETS: Final = re.compile(r"[(\[]([^)\]]*)[)\]]?")
_BEFORE: Final = re.compile(
    r"^(city|town|ville|stadt|greater|ciudad|municipality) (of |de )?", re.I
)
_AFTER: Final = re.compile(
    r"[ ,]+(city|town|twp|township|village|cedex|df|d\.f\.?|cdmx|metro|area|[^ ]*\d[^ ]*"
    r"|a\. ?[mdr]\.?.*|a/m|am main)\.?$",
    re.I,
)

_Chosen = tuple[Place, float, tuple[str, ...]]  # with confidence and notes


def forms(city: str) -> Iterator[tuple[str, bool]]:
    """Readings of a written city, likeliest first, and whether the reading left something out."""
    text = " ".join(city.split())
    yield text, False
    for part in (_BRACKETS.sub(" ", text), *_BRACKETS.findall(text), *re.split(r"[/,;|]", text)):
        short = _BEFORE.sub("", part.strip())
        while short and short != (shorter := _AFTER.sub("", short)):
            yield short, True
            short = shorter
        yield short, True


class City:
    """Finds cities by name; state, then country, then population decide between namesakes.

    Source: GeoNames places of 500 people and more; for the US also the post office's cities. A
    state that is understood binds: a city that is not there is not found.
    """

    name = "city"

    def __init__(self) -> None:
        self._look_up = lru_cache(maxsize=1 << 17)(_find)

    def geocode(self, address: Address) -> Geocode | None:
        """Middle of the city, or None where it is unknown or contradicts the state."""
        city, state = address.city.strip(), address.state.strip()
        if not city:
            return None
        return self._look_up(city, state, country_code(address.country))


def km_to_namesake(city: str, country: str, lat: float, lng: float) -> float | None:
    """Distance (km) from a point to the nearest place of this name; None if the name is unknown."""
    found = [n.place for form, _ in forms(city) for n in places_named(key(form), country)]
    if not found:
        return None
    return min(km_between(lat, lng, p.lat, p.lng) for p in found)


def _find(city: str, state: str, country: str | None) -> Geocode | None:
    if "," in city and not state:  # "Austin, TX" in the city column
        head, _, tail = city.rpartition(",")
        if state_code(country or "US", tail):
            in_state = _find(head.strip(), tail.strip(), country or "US")
            if in_state is not None:
                return in_state
    code = state_code(country, state) if country and state else None
    if country == "US" and code in US_TERRITORIES:
        country, code, state = code, None, ""  # GeoNames files Puerto Rico as a country
    for form, shortened in forms(city):
        chosen = _find_form(form, state, code, country)
        if chosen is not None:
            place, confidence, notes = chosen
            return Geocode(
                place.lat,
                place.lng,
                Precision.CITY,
                SOURCE if place.population != _NOT_COUNTED else "zipcodes",
                round(confidence * (0.95 if shortened else 1.0), 3),
                describe(place),
                notes,
            )
    return None


def describe(place: Place) -> str:
    """A place in words: "Munich, Bavaria, Germany"."""
    state = state_name(place.country, place.state) if place.state else ""
    words = (place.name, state, country_name(place.country))
    return ", ".join(w for w in words if w)


def _find_form(form: str, state: str, code: str | None, country: str | None) -> _Chosen | None:
    """The best place of this name with the confidence in it and the doubts about it."""
    wanted = key(form)
    named = [(_weight(n.place, n.alternate), n.place) for n in places_named(wanted, country)]
    if country is None:
        if state:
            named = [(w, p) for w, p in named if state_code(p.country, state) == p.state]
        return _choose(form, named, 0.75 if state else 0.6)
    if code is None:
        unread = f"'{state}' is no state of {country_name(country)}"
        return _choose(form, named, 0.85, *([note(Doubt.STATE_UNKNOWN, unread)] if state else []))
    inside = [(w, p) for w, p in named if p.state == code]
    if inside:
        return _choose(form, inside, 0.9)
    if country == "US":
        return _post_office_city(wanted, code)
    return _choose(form, [(w, p) for w, p in named if _within(p, country, code)], 0.6)


def _post_office_city(wanted: str, code: str) -> _Chosen | None:
    entry = city_of_zips(wanted, code)
    if entry is None:
        return None
    return Place(entry.cities[0], "US", code, entry.lat, entry.lng, _NOT_COUNTED), 0.85, ()


def _weight(place: Place, alternate: bool) -> float:
    return max(place.population, 1) * (ALTERNATE_WEIGHT if alternate else 1.0)


def _within(place: Place, country: str, code: str) -> bool:
    """Whether a place lies where the state's towns are, though it is filed under another code."""
    middle = centre(country, code)
    if middle is None:
        return True
    return km_between(place.lat, place.lng, middle.lat, middle.lng) <= middle.reach_km


def _choose(
    form: str, named: list[tuple[float, Place]], confidence: float, *notes: str
) -> _Chosen | None:
    """The most populous of the places, in doubt where others come near to it."""
    if not named:
        return None
    confidence *= 0.8 ** len(notes)
    named = sorted(named, key=lambda wp: (-wp[0], wp[1]))
    weight, best = named[0]
    rivals = [
        (w, p) for w, p in named if km_between(best.lat, best.lng, p.lat, p.lng) > SAME_TOWN_KM
    ]
    if not rivals:
        return best, confidence, notes
    lead = weight / rivals[0][0]
    if lead >= CLEAR_LEAD:
        return best, confidence * 0.95, notes
    doubt = note(
        Doubt.CITY_AMBIGUOUS,
        f"{len(rivals) + 1} places are called '{form}'; took {describe(best)}, the most populous "
        f"(next: {describe(rivals[0][1])})",
    )
    return best, confidence * (0.65 if lead >= SLIGHT_LEAD else 0.4), (*notes, doubt)
