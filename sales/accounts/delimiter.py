"""Which delimiter a text uses."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sales.accounts.headers import best_header
from sales.accounts.records import Records

_SEVERAL: Final = ("|+|", "|~|", "|^|", "|#|", "|$|", "||", "~|~", "^|^", "::", ";;")
_SINGLE: Final = (",", ";", "\t", "|", "\x1f", "\x01", "~", "^")
_LEAST_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Shape:
    """A delimiter, the usual number of fields, and how well they fit the sample."""

    delimiter: str
    width: int
    share: float  # of the records that have `width` fields
    recognised: int  # headers known to us in the best row


def shape_of(lines: Sequence[str], known: Callable[[str], bool]) -> Shape:
    """The delimiter that makes the most of the sample `lines` (the last may be incomplete).

    Known headers count most, then regular width, then more columns. A delimiter of several
    characters wins over its own characters where it splits the text cleanly.
    """
    first = lines[0].strip().lower() if lines else ""
    if first.startswith("sep=") and len(first) == 5:
        return _tried(lines[1:], lines[0].strip()[4], known)
    for delimiter in _SEVERAL:
        if sum(line.count(delimiter) >= 2 for line in lines) < _LEAST_SHARE * len(lines):
            continue
        shape = _tried(lines, delimiter, known)
        rest = set(delimiter)
        clean = not any(set(field) & rest for field in lines[0].split(delimiter))
        if shape.width > 2 and shape.share >= _LEAST_SHARE and clean:
            return shape
    shapes = [_tried(lines, delimiter, known) for delimiter in _SINGLE if _occurs(lines, delimiter)]
    return max(shapes, key=_merit, default=Shape(",", 1, 1.0, 0))


def _merit(shape: Shape) -> tuple[int, bool, float]:
    return shape.recognised, shape.share >= 0.5, shape.share * (shape.width - 1)


def _occurs(lines: Sequence[str], delimiter: str) -> bool:
    return any(delimiter in line for line in lines)


def _tried(lines: Sequence[str], delimiter: str, known: Callable[[str], bool]) -> Shape:
    guess = max((line.count(delimiter) for line in lines[:1]), default=0) + 1
    records = [fields for _, fields in Records(lines, delimiter, guess) if len(fields) > 0]
    widths = Counter(len(fields) for fields in records if len(fields) > 1) or Counter({1: 1})
    best = best_header(records[:50], known)
    header_width = len(records[best.index]) if records else 1
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    # the header's width holds unless hardly a row has it (a delimiter at the end of each row)
    regular = widths[header_width] >= 0.2 * sum(widths.values())
    width = header_width if best.recognised and regular else max(usual, header_width)
    share = sum(len(fields) == width for fields in records) / max(len(records), 1)
    return Shape(delimiter, width, share, best.recognised)
