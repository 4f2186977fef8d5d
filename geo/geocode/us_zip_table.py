"""The ZIP codes of the United States and the post office's cities, ready to be looked up.

Source: the package `zipcodes` (see data/README.md).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

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


class _Zips(Mapping[str, Zip]):
    """Made of the table's columns when asked for, most being never asked for."""

    def __init__(self, columns: Mapping[str, list[Any]]) -> None:
        self._columns = columns
        self._row = {code: row for row, code in enumerate(columns["code"])}

    def __getitem__(self, code: str) -> Zip:
        row = self._row[code]
        cities, state, lat, lng = (self._columns[n][row] for n in ("cities", "state", "lat", "lng"))
        return Zip(code, tuple(cities.split("|")), state, lat, lng)

    def __contains__(self, code: object) -> bool:
        return code in self._row

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


def _columns(name: str) -> dict[str, list[Any]]:
    data = resources.files("geo.geocode").joinpath("data", name).read_bytes()
    columns: dict[str, list[Any]] = pq.ParquetFile(pa.BufferReader(data)).read().to_pydict()
    return columns


@cache
def zips() -> Mapping[str, Zip]:
    """Every ZIP code that has a position (872 rows of the source have none)."""
    return _Zips(_columns("zips.parquet"))


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
def _cities() -> tuple[dict[tuple[str, str], int], Mapping[str, list[Any]]]:
    columns = _columns("zip_cities.parquet")
    where = zip(columns["key"], columns["state"], strict=True)
    return {key_and_state: row for row, key_and_state in enumerate(where)}, columns


def city_of_zips(key: str, state: str) -> Zip | None:
    """A post-office city of a state (two letters) at the mean of its ZIP codes, or None."""
    rows, columns = _cities()
    row = rows.get((key, state))
    if row is None:
        return None
    return Zip("", (columns["name"][row],), state, columns["lat"][row], columns["lng"][row])
