"""Postal codes of any country, from the file that an operator brings."""

import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from geo.geocode.country import country_code
from geo.geocode.doubts import Doubt, note
from geo.geocode.position import km_between
from geo.geocode.postcode_table import compact, read_postcodes
from geo.geocode.state import state_code
from geo.geocode.text import key, keys_of_name
from geo.geocode.types import Address, Geocode, Geocoder, Precision
from geo.geocode.us_zip_table import read_zip
from geo.sphere import to_lat_lng, to_xyz

SOURCE: Final = "postcode file"
NEAR_KM: Final = 50.0  # a code this near to the middle of the city belongs to it
# how much of a code names its district; files often stop there
_DISTRICT: Final = {"CA": slice(3), "IE": slice(3), "NL": slice(4), "GB": slice(-3), "PT": slice(4)}


class _Row(NamedTuple):
    place: str
    state: str
    lat: float
    lng: float


class PostcodeFile:
    """Finds postal codes of the countries in a GeoNames-format file.

    Raises UnreadableInputError if the file cannot be used. `city` decides where the code and the
    state contradict each other.
    """

    name = "postcode-file"

    def __init__(self, path: Path, city: Geocoder) -> None:
        self._tables = read_postcodes(path)
        self._city = city
        self._codes = lru_cache(maxsize=None)(self._index)
        self._look_up = lru_cache(maxsize=1 << 17)(self._find)

    def geocode(self, address: Address) -> Geocode | None:
        """Middle of the code's places (of the city's, where it is among them), or None."""
        country = country_code(address.country)
        if country not in self._tables or country is None or not address.postal_code.strip():
            return None
        return self._look_up(country, address.postal_code.strip(), address.city, address.state)

    def _index(self, country: str) -> dict[str, list[_Row]]:
        table = self._tables[country]
        index: dict[str, list[_Row]] = defaultdict(list)
        columns = (table[c].tolist() for c in ("code", "place", "state", "lat", "lng"))
        for code, place, state, lat, lng in zip(*columns, strict=True):
            index[code].append(_Row(place, state, lat, lng))
        return dict(index)

    def _find(self, country: str, postal_code: str, city: str, state: str) -> Geocode | None:
        codes = self._codes(country)
        code, notes = _written(country, postal_code, codes)
        precision = Precision.POSTCODE
        if code not in codes and country in _DISTRICT:
            code, precision = code[_DISTRICT[country]], Precision.DISTRICT
        rows = codes.get(code)
        if not rows:
            return None
        rows = [r for r in rows if key(city) in keys_of_name(r.place)] or rows
        xyz = to_xyz(np.array([r.lat for r in rows]), np.array([r.lng for r in rows]))
        lat, lng = (float(x) for x in to_lat_lng(xyz.mean(axis=0)))
        matched = f"{country} {postal_code}, {rows[0].place}"
        stated = state_code(country, state) if state.strip() else None
        own = {state_code(country, r.state) for r in rows}
        if stated is not None and None not in own and stated not in own:
            words = f"{postal_code} is in {rows[0].state}, the row says {state}"
            doubt = note(Doubt.POSTCODE_STATE, words)
            rival = self._city.geocode(Address(city=city, state=state, country=country))
            if rival is None:
                return Geocode(lat, lng, Precision.STATE, SOURCE, 0.2, matched, (doubt,))
            notes = (doubt, *rival.notes)
            return Geocode(
                rival.lat, rival.lng, rival.precision, rival.source, 0.5, rival.matched, notes
            )
        confidence = 0.95 if stated is not None else 0.9
        if city.strip() and key(city) not in keys_of_name(rows[0].place):
            near = self._city.geocode(Address(city=city, state=state, country=country))
            if near is not None and _km(lat, lng, near) > NEAR_KM:
                words = f"{postal_code} is {rows[0].place}, the row says {city}; took the code"
                notes = (*notes, note(Doubt.POSTCODE_CITY, words))
                confidence = 0.5
        return Geocode(lat, lng, precision, SOURCE, confidence, matched, notes)


def _km(lat: float, lng: float, other: Geocode) -> float:
    return km_between(lat, lng, other.lat, other.lng)


def _written(
    country: str, postal_code: str, codes: dict[str, list[_Row]]
) -> tuple[str, tuple[str, ...]]:
    """The code as the file writes it: "D-14480" → 14480, "1067" → 01067 (Dresden) with a note."""
    if country == "US" and (zip_code := read_zip(postal_code)):
        restored = (note(Doubt.LEADING_ZERO, f"{postal_code} read as {zip_code.code}"),)
        return zip_code.code, restored if zip_code.restored else ()
    text = re.sub(rf"^({country}|{country[0]})\s*-\s*", "", postal_code.upper())
    code = compact(re.sub(r"\.0+$", "", text))
    if code not in codes and code.isdigit() and code.zfill(5) in codes:
        return code.zfill(5), (note(Doubt.LEADING_ZERO, f"{postal_code} read as {code.zfill(5)}"),)
    return code, ()
