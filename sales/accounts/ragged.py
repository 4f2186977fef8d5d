"""Rows with more fields than columns: put together what an unquoted delimiter tore apart."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_TORN_NUMBER = 5.0  # how much less likely a delimiter stands in a column without words
_CLEAR_MARGIN = 3.0  # natural log: twenty times as likely as the next best reading


@dataclass(frozen=True, slots=True)
class Profile:
    """What the values of each column look like in the rows that are whole."""

    shapes: tuple[Counter[str], ...]
    values: tuple[Counter[str], ...]
    wordless: tuple[bool, ...]  # columns of numbers and dates
    spaced: bool  # whether a whole row's field begins with a space
    rows: int


def profile_of(rows: Sequence[Sequence[str]], width: int) -> Profile:
    """Learn from up to 500 `rows` of `width` fields each."""
    sample = rows[:500]
    columns = [[row[position] for row in sample] for position in range(width)]
    return Profile(
        tuple(Counter(map(_shape, column)) for column in columns),
        tuple(Counter(column) for column in columns),
        tuple(not any(map(_LETTERS.search, column)) for column in columns),
        any(field.startswith(" ") for row in sample for field in row),
        len(sample),
    )


def rejoined(
    fields: Sequence[str], width: int, delimiter: str, profile: Profile
) -> list[str] | None:
    """The row with neighbouring fields joined to `width`, or None where no reading is clear.

    “24, place Kléber” shows by the space after the comma; else the reading is taken that fits the
    columns far better than every other.
    """
    extra = len(fields) - width
    gaps = [at for at in range(1, len(fields)) if fields[at].startswith(" ")]
    if not profile.spaced and len(gaps) == extra:
        return _joined_at(fields, set(gaps), delimiter)
    if profile.rows < 5:
        return None
    readings = sorted(
        (
            (_likelihood(joined, profile) - _TORN_NUMBER * profile.wordless[start], joined)
            for start in range(width)
            for joined in [_joined_at(fields, set(range(start + 1, start + extra + 1)), delimiter)]
        ),
        key=lambda reading: -reading[0],
    )
    if all(best - other >= _CLEAR_MARGIN for (best, _), (other, _) in pairwise(readings[:2])):
        return readings[0][1]
    return None


def _joined_at(fields: Sequence[str], gaps: set[int], delimiter: str) -> list[str]:
    joined = [fields[0]]
    for at in range(1, len(fields)):
        if at in gaps:
            joined[-1] += delimiter + fields[at]
        else:
            joined.append(fields[at])
    return joined


def _shape(value: str) -> str:
    """“12 Main St” → “9 a a”: what kind of thing it is."""
    return _LETTERS.sub("a", _DIGITS.sub("9", value.strip()))


def _likelihood(fields: Sequence[str], profile: Profile) -> float:
    """Log-likelihood of the fields in their columns: by shape, and by value where values recur."""
    total = 0.0
    for field, shapes, values in zip(fields, profile.shapes, profile.values, strict=True):
        total += log((shapes[_shape(field)] + 0.1) / (profile.rows + 1))
        if len(values) <= 0.2 * profile.rows:
            total += log((values[field] + 0.1) / (profile.rows + 1))
    return total
