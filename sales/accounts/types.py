"""Accounts as read, and every doubt about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pandas as pd

TEXT_FIELDS: Final = (
    "name", "street", "city", "state", "postal_code", "country", "owner", "industry", "parent",
)  # fmt: skip
NUMBER_FIELDS: Final = (
    "latitude", "longitude", "potential", "workload", "revenue", "employees", "pipeline",
)  # fmt: skip


class Severity(StrEnum):
    """`error` keeps the account out of every territory; `warning` is a doubt to look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One doubt about one value.

    `row` is the line a spreadsheet shows (the header is row 1, so the first account is row 2);
    0 means the file as a whole. `code` has a section in `docs/errors.md`.
    """

    row: int
    account_id: str
    column: str
    code: str
    message: str
    hint: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, eq=False)
class AccountTable:
    """All rows of an account file, in the order of the file; none is ever dropped.

    `frame` has one line per input row and these columns:
      row          int64, as in RowIssue
      account_id   str, unique and not empty among the usable rows ("row-17" where none was given)
      usable       bool; False: not to be assigned (totals row, second row with the same id, …),
                   and then an ERROR issue says why
      TEXT_FIELDS  str, "" where absent
      latitude, longitude  float64 degrees; NaN where absent or impossible
      the other NUMBER_FIELDS that the file has: float64, finite and ≥ 0 (a doubted value counts 0)
      further numeric columns, under their own header, so that `--balance HEADER` finds them.
    `attributes` has the other columns that the file has, as text, under their own headers.
    `columns` maps field → header found in the file.
    """

    frame: pd.DataFrame
    attributes: pd.DataFrame
    issues: tuple[RowIssue, ...]
    columns: Mapping[str, str]
    source: str  # file name, for messages
    sha256: str  # of the file's bytes

    def __len__(self) -> int:
        return len(self.frame)
