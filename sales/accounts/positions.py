"""Latitude and longitude as given: what is possible, what can be mended, what is missing."""

from collections.abc import Callable
from typing import Final

import numpy as np

from geo.arrays import Bool, Float
from sales.accounts.codes import IssueCode, doubt
from sales.accounts.numbers import Numbers
from sales.accounts.types import RowIssue

Where = Callable[[int], int]

_BY_ADDRESS: Final = "Correct the coordinates; until then the account is placed by its address."


def checked_positions(
    lat: Numbers, lng: Numbers, row_of: Where, lat_header: str, lng_header: str
) -> tuple[Float, Float, list[RowIssue]]:
    """Degrees, NaN where absent or impossible, shape (n) each, and the doubts.

    Latitude and longitude that were exchanged are put right where only that is possible;
    (0, 0) counts as missing.
    """
    issues: list[RowIssue] = []
    both = f"{lat_header}, {lng_header}"

    def note(
        mask: Bool, column: str, code: IssueCode, say: Callable[[int], str], hint: str
    ) -> None:
        issues.extend(
            doubt(row_of(int(at)), column, code, say(int(at)), hint) for at in np.flatnonzero(mask)
        )

    a, b = lat.value.copy(), lng.value.copy()
    text = lat.text | lng.text
    note(text, both, IssueCode.BAD_COORDINATE,
         lambda _: "The coordinates are not numbers", _BY_ADDRESS)  # fmt: skip
    half = (np.isnan(a) != np.isnan(b)) & ~text
    note(half, both, IssueCode.HALF_COORDINATE,
         lambda at: f"There is {'no latitude' if np.isnan(a[at]) else 'no longitude'}",
         _BY_ADDRESS)  # fmt: skip
    whole = ~np.isnan(a) & ~np.isnan(b)
    zero = whole & (a == 0) & (b == 0)
    note(zero, both, IssueCode.ZERO_COORDINATE,
         lambda _: "The position 0, 0 lies in the ocean and means that none is known",
         _BY_ADDRESS)  # fmt: skip
    exchanged = whole & (np.abs(a) > 90) & (np.abs(a) <= 180) & (np.abs(b) <= 90)
    note(exchanged, both, IssueCode.SWAPPED_COORDINATES,
         lambda at: f"Latitude {a[at]:g} and longitude {b[at]:g} were exchanged, and put right",
         "Check the position, and exchange the two values in the file.")  # fmt: skip
    outside = whole & ~exchanged & ((np.abs(a) > 90) | (np.abs(b) > 180))
    note(outside, both, IssueCode.IMPOSSIBLE_COORDINATE,
         lambda at: f"Latitude {a[at]:g}, longitude {b[at]:g} is nowhere on Earth",
         _BY_ADDRESS)  # fmt: skip
    a[exchanged], b[exchanged] = b[exchanged], a[exchanged]
    lost = ~whole | zero | outside
    a[lost], b[lost] = np.nan, np.nan
    return a, b, issues
