"""The measures of cells and units: every numeric column of their table."""

from collections.abc import Callable
from typing import Final

import numpy as np

from geo.arrays import Bool, Float
from sales.accounts.blanks import without_blanks
from sales.accounts.headers import plain
from sales.accounts.measures import looks_numeric, measure_of
from sales.accounts.raw import RawTable
from sales.accounts.synonyms import ADDRESS, SINGLE
from sales.accounts.types import RowIssue

_POTENTIAL: Final = frozenset(plain(name) for name in SINGLE["potential"])
_NO_MEASURE: Final = frozenset(
    {plain(name) for part in ("latitude", "longitude") for name in ADDRESS[part]}
    | {"resolution", "res", "h3resolution"}
)


def activity_of(
    raw: RawTable, skip: Callable[[str], bool], ignore: Bool
) -> tuple[tuple[str, ...], Float, list[RowIssue]]:
    """Names of the measures, their values (n, q), finite and ≥ 0, and the doubts.

    Coordinates and the headers that `skip` names are no measures. The first recognised name of
    the potential becomes `potential`, the default of the balance; others keep their header.
    `ignore` (n): rows without a say.
    """
    names: list[str] = []
    values: list[Float] = []
    issues: list[RowIssue] = []
    for header, column in zip(raw.headers, raw.columns, strict=True):
        cleaned = without_blanks(column)
        if skip(header) or plain(header) in _NO_MEASURE or not looks_numeric(cleaned):
            continue
        value, more = measure_of(
            cleaned,
            header,
            raw.row,
            comma_likely=raw.decimal_comma_likely,
            every_blank=False,
            every_doubt=True,
            ignore=ignore,
        )
        renamed = plain(header) in _POTENTIAL and "potential" not in (*raw.headers, *names)
        names.append("potential" if renamed else header)
        values.append(value)
        issues += more
    activity = np.stack(values, axis=1) if values else np.empty((len(raw), 0))
    return tuple(names), activity, issues
