"""Which column is which in a file without header, told by the values."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import pycountry

from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt
from sales.accounts.raw import RawTable
from sales.accounts.types import RowIssue

_SAMPLE: Final = 500
_DECIMAL: Final = re.compile(r"-?\d{1,3}\.\d{2,}")
_POSTAL: Final = re.compile(  # no date, no word
    r"(?=.*\d)(?!\d{4}-\d\d-\d\d)(?!.*[A-Z]{3})[A-Z0-9][A-Z0-9 -]{2,9}", re.IGNORECASE
)
_STREET: Final = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{2}).*\s.*")
_WORDS: Final = re.compile(r"[^\d@]*[^\W\d_]{2}[^\d@]*")
_SHORT_ID: Final = re.compile(r"[\w.-]{1,40}")

Values = list[str]


def fields_by_content(raw: RawTable) -> tuple[dict[str, str], list[RowIssue]]:
    """Field → column number for a table without header, and the warning that says so.

    Taken only where at least 80 % of a sample agree; potential is never guessed.
    """
    columns = {h: _values(raw, at) for at, h in enumerate(raw.headers)}
    free = {header: values for header, values in columns.items() if values}
    found: dict[str, str] = {}

    def take(field: str, header: str | None) -> None:
        if header is not None:
            found[field] = header
            free.pop(header)

    first = next(iter(raw.headers), "")
    if first in free and _unique_ids(free[first], len(raw)):
        take("account_id", first)
    _take_position(free, take)
    take("country", _best(free, lambda v: v.casefold() in _countries()))
    take("state", _best(free, lambda v: v.casefold() in _states()))
    take("postal_code", _best(free, lambda v: _POSTAL.fullmatch(v) is not None))
    take("street", _best(free, lambda v: _STREET.fullmatch(v) is not None, share=0.6))
    place = [int(found[f]) for f in ("state", "postal_code", "country") if f in found]
    words = {h: v for h, v in free.items() if _share(v, lambda t: bool(_WORDS.fullmatch(t))) >= 0.8}
    near = [h for h in words if place and abs(int(h) - min(place)) <= 2 and int(h) < max(place)]
    take("city", max(near, key=int, default=None))
    take("name", next((h for h in words if h in free), None))
    return found, [_about(found)]


def _values(raw: RawTable, position: int) -> Values:
    return [v for v in raw.columns[position][:_SAMPLE].to_pylist() if v]


def _unique_ids(values: Values, rows: int) -> bool:
    return (
        len(set(values)) == len(values) >= min(rows, _SAMPLE)
        and _share(values, lambda v: bool(_SHORT_ID.fullmatch(v))) == 1
    )


def _take_position(free: Mapping[str, Values], take: Callable[[str, str | None], None]) -> None:
    decimal = [h for h, v in free.items() if _share(v, lambda t: bool(_DECIMAL.fullmatch(t))) > 0.9]
    for header in decimal:
        following = str(int(header) + 1)
        if following in decimal and _within(free[header], 90) and _within(free[following], 180):
            take("latitude", header)
            take("longitude", following)
            return


def _within(values: Values, limit: float) -> bool:
    return all(abs(float(v)) <= limit for v in values if _DECIMAL.fullmatch(v))


def _share(values: Values, test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def _best(
    free: Mapping[str, Values], test: Callable[[str], bool], share: float = 0.8
) -> str | None:
    """The column of which most values pass, if it is at least `share` of them."""
    shares = {header: _share(values, test) for header, values in free.items()}
    best = max(shares, key=lambda header: shares[header], default=None)
    return best if best is not None and shares[best] >= share else None


@cache
def _countries() -> frozenset[str]:
    names = {"usa", "us", "u.s.", "u.s.a.", "uk", "great britain", "deutschland", "russia"}
    for country in pycountry.countries:
        for key in ("name", "common_name", "official_name", "alpha_2", "alpha_3"):
            if value := getattr(country, key, None):
                names.add(str(value).casefold())
    return frozenset(names)


@cache
def _states() -> frozenset[str]:
    names = set()
    for part in pycountry.subdivisions:
        names.add(part.name.casefold())
        if part.country_code in ("US", "CA", "AU", "BR", "DE"):
            names.add(part.code.partition("-")[2].casefold())
    return frozenset(names)


def _about(found: Mapping[str, str]) -> RowIssue:
    taken = ", ".join(f"column {number} as {field}" for field, number in found.items())
    return doubt(
        WHOLE_FILE,
        "",
        IssueCode.NO_HEADER,
        f"The file has no header; by their values were taken: {taken or 'no columns'}",
        "Add a header row, or name columns by their number: --column city=4.",
    )
