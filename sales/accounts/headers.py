"""Column headers: how they compare, where they stand, and how each becomes unique."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PREFIXES: Final = ("properties.", "properties_", "fields.")
_DATA: Final = re.compile(
    r"[-+$€£(]?\d[\d.,\s'%)]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-.*|true|false|null|nan|\S+@\S+\.\S+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Which of the first records is the header, and how many of its names are known."""

    index: int
    recognised: int


@lru_cache(maxsize=100_000)
def plain(header: str) -> str:
    """`header` without case, accents, spaces and punctuation: “Billing Zip/Postal Code” and
    “billingzippostalcode” are the same."""
    lowered = header.casefold().strip()
    for prefix in _PREFIXES:
        lowered = lowered.removeprefix(prefix)
    split = unicodedata.normalize("NFKD", lowered)
    return "".join(char for char in split if char.isalnum())


def best_header(records: Sequence[Sequence[str]], known: Callable[[str], bool]) -> HeaderRow:
    """The first record with two known names or more, else the first of all."""
    for index, record in enumerate(records):
        count = _recognised(record, known)
        if count >= 2:
            return HeaderRow(index, count)
    return HeaderRow(0, _recognised(records[0], known) if records else 0)


def _recognised(record: Sequence[str], known: Callable[[str], bool]) -> int:
    return len({plain(cell) for cell in record if len(cell) <= 100 and known(cell)})


def looks_like_data(record: Sequence[str]) -> bool:
    """Whether a first record without a known name is an account rather than a header.

    Headers are words: not numbers, dates, ids or blanks.
    """
    cells = [cell.strip() for cell in record]
    return any(_DATA.fullmatch(cell) for cell in cells) or len(set(cells)) < len(cells)


def unique_headers(cells: Sequence[str], width: int) -> tuple[tuple[str, ...], list[str]]:
    """`width` headers without a duplicate or a blank, and those that were duplicated."""
    headers: list[str] = []
    taken: set[str] = set()
    doubled: list[str] = []
    for position in range(width):
        name = " ".join(cells[position].split()) if position < len(cells) else ""
        base = name or f"column {position + 1}"
        candidate, number = base, 2
        if base in taken:
            doubled.append(base)
        while candidate in taken:
            candidate, number = f"{base} ({number})", number + 1
        taken.add(candidate)
        headers.append(candidate)
    return tuple(headers), doubled
