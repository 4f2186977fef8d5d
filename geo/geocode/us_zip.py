"""US ZIP codes and ZIP+4, checked against the city and state beside them."""

from functools import lru_cache
from typing import Final

from geo.geocode.city import km_to_namesake
from geo.geocode.country import country_code
from geo.geocode.doubts import Doubt, note
from geo.geocode.position import km_between
from geo.geocode.state import US_TERRITORIES, state_code, state_name
from geo.geocode.text import key, keys_of_name
from geo.geocode.types import Address, Geocode, Geocoder, Precision
from geo.geocode.us_zip_table import Zip, city_of_zips, read_zip, zips

SOURCE: Final = "zipcodes"
US_POST: Final = frozenset({"US", *US_TERRITORIES})
NEAR_KM: Final = 40.0  # a ZIP this near to the city bears a neighbour's or a quarter's name


class UsZip:
    """Finds ZIP codes of addresses whose country is the US or one of its territories.

    `city` decides where the ZIP and the state contradict each other. A code without a country is
    never looked up here: 14480 is Potsdam as well as Jamesville, New York.
    """

    name = "us-zip"

    def __init__(self, city: Geocoder) -> None:
        self._city = city
        self._look_up = lru_cache(maxsize=1 << 17)(self._find)

    def geocode(self, address: Address) -> Geocode | None:
        """Middle of the ZIP code area, or None where there is no such ZIP."""
        if not address.postal_code.strip() or country_code(address.country) not in US_POST:
            return None
        return self._look_up(address.postal_code.strip(), address.city, address.state)

    def _find(self, postal_code: str, city: str, state: str) -> Geocode | None:
        written = read_zip(postal_code)
        entry = zips().get(written.code) if written else None
        if written is None or entry is None:
            return None
        stated = state_code("US", state)
        if stated is not None and stated != entry.state:
            return self._contradicted(entry, city, state, stated)
        confidence, notes = _agreement(entry, city, stated)
        if written.restored:
            if not stated and not _names(entry, city):
                confidence *= 0.7
            read = f"{postal_code} read as {entry.code}"
            notes = (note(Doubt.LEADING_ZERO, read), *notes)
        return _result(entry, confidence, notes)

    def _contradicted(self, entry: Zip, city: str, state: str, stated: str) -> Geocode:
        """The ZIP lies in another state than the one given: the city has the casting vote."""
        words = f"{entry.code} is in {state_name('US', entry.state)}, the row says {state}"
        doubt = note(Doubt.POSTCODE_STATE, words)
        if _names(entry, city) and city_of_zips(key(city), stated) is None:
            return _result(entry, 0.6, (doubt,))
        rival = self._city.geocode(Address(city=city, state=state, country="US"))
        if rival is None:
            # either may be wrong: known no better than as one of two states
            return _result(entry, 0.2, (doubt,), Precision.STATE)
        if _km(entry, rival.lat, rival.lng) <= NEAR_KM:  # a ZIP that crosses the state line
            return _result(entry, 0.7, (doubt,))
        return Geocode(
            rival.lat, rival.lng, rival.precision, rival.source, 0.5, rival.matched,
            (doubt, *rival.notes),
        )  # fmt: skip


@lru_cache(maxsize=1 << 16)
def _names(entry: Zip, city: str) -> bool:
    return bool(city) and key(city) in {k for name in entry.cities for k in keys_of_name(name)}


def _km(entry: Zip, lat: float, lng: float) -> float:
    return km_between(entry.lat, entry.lng, lat, lng)


def _agreement(entry: Zip, city: str, stated: str | None) -> tuple[float, tuple[str, ...]]:
    """Confidence in a ZIP that no state contradicts, and doubts."""
    if not city.strip():
        return (0.95 if stated else 0.9), ()
    if _names(entry, city):
        return 0.97, ()
    namesake = city_of_zips(key(city), entry.state)
    if namesake is not None and _km(entry, namesake.lat, namesake.lng) <= NEAR_KM:
        return 0.9, ()
    away = km_to_namesake(city, "US", entry.lat, entry.lng)
    if away is None and namesake is None:
        return (0.85 if stated else 0.7), ()  # a city nobody knows contradicts nothing
    if away is not None and away <= NEAR_KM:
        return 0.9, ()
    words = f"{entry.code} is {entry.cities[0]} {entry.state}, the row says {city}; took the ZIP"
    return (0.6 if stated else 0.4), (note(Doubt.POSTCODE_CITY, words),)


def _result(
    entry: Zip,
    confidence: float,
    notes: tuple[str, ...],
    precision: Precision = Precision.POSTCODE,
) -> Geocode:
    matched = f"ZIP {entry.code}, {entry.cities[0]} {entry.state}"
    return Geocode(entry.lat, entry.lng, precision, SOURCE, round(confidence, 3), matched, notes)
