"""Columns of numbers that a plan may be balanced by."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.arrays import Bool, Float, Int
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt, shown
from sales.accounts.numbers import LARGEST, Numbers, numbers_in
from sales.accounts.types import RowIssue

_SAMPLE: Final = 1000
_FEW: Final = 3
_NAMES: Final = {
    IssueCode.MISSING_VALUE: "blank",
    IssueCode.NOT_A_NUMBER: "not a number",
    IssueCode.NEGATIVE_VALUE: "negative",
    IssueCode.ABSURD_VALUE: "too large",
}
_HINT: Final = "Give a number of 0 or more; until then it counts 0."


def looks_numeric(column: pa.ChunkedArray) -> bool:
    """Whether at least half of the values that are there are numbers (judged on a sample)."""
    sample = column
    if len(column) > _SAMPLE:
        places = np.linspace(0, len(column) - 1, _SAMPLE).astype(np.int64)
        sample = column.take(pa.array(places))
        if not pc.any(pc.not_equal(sample, "")).as_py():
            sample = column.filter(pc.not_equal(column, ""))[:_SAMPLE]
    numbers = numbers_in(sample)
    filled = int((~numbers.blank).sum())
    return filled > 0 and 2 * int((~numbers.text & ~numbers.blank).sum()) >= filled


def measure_of(
    column: pa.ChunkedArray,
    header: str,
    row: Int,
    *,
    comma_likely: bool,
    every_blank: bool,
    every_doubt: bool,
    ignore: Bool,
) -> tuple[Float, list[RowIssue]]:
    """The column as finite numbers ≥ 0, shape (n), and the doubts; a doubted value counts 0.

    `every_blank`: a blank is a doubt too. `every_doubt`: each has an issue of its own; else
    columns with many have one for all. `ignore` (n): rows that are no accounts.
    """
    numbers = numbers_in(column, comma_likely=comma_likely)
    value = numbers.value
    doubts = {
        IssueCode.NOT_A_NUMBER: numbers.text,
        IssueCode.NEGATIVE_VALUE: (value < 0) & ~np.isinf(value),
        IssueCode.ABSURD_VALUE: np.isinf(value) | (value > LARGEST),
    }
    if every_blank:
        doubts[IssueCode.MISSING_VALUE] = numbers.blank
    count = sum(int((mask & ~ignore).sum()) for mask in doubts.values())
    each = every_doubt or count <= max(_FEW, 0.1 * len(row))
    issues: list[RowIssue] = []
    for code, mask in doubts.items():
        places = np.flatnonzero(mask & ~ignore)
        if not len(places):
            continue
        mostly = code is IssueCode.MISSING_VALUE and 2 * len(places) > len(row)
        if each and not mostly:
            issues += _each(column, header, row, places, code)
        else:
            issues.append(_together(header, row[places[0]], len(places), code))
    issues += _about_commas(column, header, numbers)
    bad = ~np.isfinite(value) | (value < 0) | (value > LARGEST)
    return np.where(bad, 0.0, value), issues


def _each(
    column: pa.ChunkedArray, header: str, row: Int, places: Int, code: IssueCode
) -> Iterable[RowIssue]:
    for at, text in zip(places, column.take(pa.array(places)).to_pylist(), strict=True):
        what = f"{shown(text)} is {_NAMES[code]}" if text else "There is no value"
        yield doubt(int(row[at]), header, code, f"{what}; it counts 0", _HINT)


def _together(header: str, first: int, count: int, code: IssueCode) -> RowIssue:
    return doubt(
        WHOLE_FILE,
        header,
        code,
        f"{count} values are {_NAMES[code]} (the first in row {first}) and count 0",
        "Clean the column before balancing by it.",
    )


def _about_commas(column: pa.ChunkedArray, header: str, numbers: Numbers) -> list[RowIssue]:
    places = np.flatnonzero(numbers.ambiguous)
    if not len(places):
        return []
    text = column[int(places[0])].as_py()
    sign = "," if numbers.decimal_comma else "."
    return [
        doubt(
            WHOLE_FILE,
            header,
            IssueCode.AMBIGUOUS_NUMBER,
            f"{shown(text)} can be read in two ways; “{sign}” was taken as the decimal sign",
            "Write numbers without thousands separators and with a decimal point.",
        )
    ]
