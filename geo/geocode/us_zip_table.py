"""The ZIP codes of the United States, from the package `zipcodes`, ready to be looked up."""

import re
from collections import defaultdict
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
import zipcodes

from geo.geocode.position import is_position
from geo.geocode.text import keys_of_name
from geo.sphere import to_lat_lng, to_xyz

_FIVE: Final = re.compile(r"(\d{5})(?:[\s-]?\d{4})?")
_LOST_ZERO: Final = re.compile(r"(\d{3,4})(?:-(\d{4}))?")
_BROKEN_PLUS4: Final = re.compile(r"\d{7,8}")
_AS_FLOAT: Final = re.compile(r"(\d+)\.0+")


class Zip(NamedTuple):
    """A ZIP code with the post office's cities for it, the usual one first; degrees."""

    code: str
    cities: tuple[str, ...]
    state: str
    lat: float
    lng: float


class WrittenZip(NamedTuple):
    """Five digits, and whether leading zeros had to be put back."""

    code: str
    restored: bool


@cache
def zips() -> dict[str, Zip]:
    """Every ZIP code that has a position (872 rows of the source have none)."""
    table = {}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
        lat, lng = float(row["lat"]), float(row["long"])
        if is_position(lat, lng):
            cities = (row["city"], *row["acceptable_cities"])
            table[row["zip_code"]] = Zip(row["zip_code"], cities, row["state"], lat, lng)
    return table


@lru_cache(maxsize=1 << 16)
def read_zip(text: str) -> WrittenZip | None:
    """The ZIP code in a value that may be ZIP+4, a number, or short of its leading zeros."""
    text = text.strip()
    if number := _AS_FLOAT.fullmatch(text):  # "2134.0", as spreadsheets export it
        text = number[1]
    if whole := _FIVE.fullmatch(text):
        return WrittenZip(whole[1], restored=False)
    if short := _LOST_ZERO.fullmatch(text):
        return WrittenZip(short[1].zfill(5), restored=True)
    if _BROKEN_PLUS4.fullmatch(text):  # a ZIP+4 without its zeros, or cut short at the end
        padded = text.zfill(9)[:5]
        return WrittenZip(padded if padded in zips() else text[:5], padded in zips())
    return None


@cache
def _by_city() -> dict[tuple[str, str], tuple[Zip, ...]]:
    found: dict[tuple[str, str], list[Zip]] = defaultdict(list)
    for entry in zips().values():
        for key in {key for name in entry.cities for key in keys_of_name(name)}:
            found[key, entry.state].append(entry)
    return {where: tuple(entries) for where, entries in found.items()}


def city_of_zips(key: str, state: str) -> Zip | None:
    """A post-office city of a state (two letters) at the mean of its ZIP codes, or None."""
    entries = _by_city().get((key, state))
    if not entries:
        return None
    xyz = to_xyz(np.array([e.lat for e in entries]), np.array([e.lng for e in entries]))
    lat, lng = to_lat_lng(xyz.mean(axis=0))
    name = next(n for e in entries for n in e.cities if key in keys_of_name(n))
    return Zip("", (name,), state, float(lat), float(lng))
