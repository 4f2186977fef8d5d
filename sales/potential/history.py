"""Deals that were won: what each account bought, and in which stretch of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import Bool, Float, Int
from geo.errors import InputError, MissingColumnError
from sales.accounts.content import content_of
from sales.accounts.fields import checked_field, listed, named_header
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in, record_keys
from sales.accounts.numbers import numbers_in
from sales.accounts.raw import RawTable
from sales.accounts.sources import read_table
from sales.accounts.synonyms import SINGLE
from sales.accounts.types import AccountTable

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "account_id": SINGLE["account_id"],
    "close_date": ("close date", "closed", "date", "won date", "booking date", "order date"),
    "amount": ("amount", "booked", "bookings", "value", "deal value", "acv", "arr", "revenue"),
}
_DATES: Final = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%Y")
YEAR_D: Final = 365.25


@dataclass(frozen=True, eq=False)
class History:
    """Deals won. `account` (m): keys of accounts, `day` (m): datetime64[D], `amount` (m) > 0."""

    account: "np.ndarray[tuple[int], np.dtype[np.object_]]"
    day: "np.ndarray[tuple[int], np.dtype[np.datetime64]]"
    amount: Float
    source: str
    left_out: int = 0  # rows whose amount is not above 0

    def __len__(self) -> int:
        return len(self.amount)


@dataclass(frozen=True, eq=False)
class Bought:
    """What each usable account bought in whole years back from the last day of the history.

    `rows` (n): lines of the account table; `years` (n, k): bought in each year; `halves` (n, 2):
    in the first and the second half of that stretch; `unknown`: share of the deals' money whose
    account is not in the file.
    """

    rows: Int
    years: Float
    halves: Float
    unknown: float
    first: str
    last: str


def read_history(path: Path, *, columns: Mapping[str, str] | None = None) -> History:
    """Read a table of deals won. Raises MissingColumnError, and InputError for a bad date."""
    chosen = {checked_field(f, tuple(FIELDS)): h for f, h in (columns or {}).items()}
    wanted = {plain(name) for names in FIELDS.values() for name in names}
    wanted |= {plain(header) for header in chosen.values()}
    raw = read_table(path, content_of(path), lambda header: plain(header) in wanted)
    found = {field: _header(raw, field, chosen, path.name) for field in FIELDS}
    ids = ids_in(raw.column(found["account_id"]))
    numbers = numbers_in(raw.column(found["amount"]), comma_likely=raw.decimal_comma_likely).value
    named = np.array([bool(i) for i in ids])
    good: Bool = np.isfinite(numbers) & (numbers > 0.0) & named
    if not good.any():
        raise InputError(
            f"{path.name} has no deal with an account and an amount above 0",
            hint="Give one row per deal won: account_id, close_date, amount.",
        )
    texts = np.array(raw.column(found["close_date"]).to_pylist(), dtype=object)[good]
    day = _dates(texts, raw.row[good], found["close_date"], path.name)
    keys = np.array(record_keys(np.array(ids, dtype=object)), dtype=object)[good]
    return History(keys, day, numbers[good], path.name, int((~good).sum()))


def bought(table: AccountTable, history: History) -> Bought:
    """Sums by account and year. Raises InputError where the history is under a year."""
    last = history.day.max()
    span = int((last - history.day.min()) / np.timedelta64(1, "D")) + 1
    years = max(1, int(span / YEAR_D + 0.05))
    if span < 0.9 * YEAR_D:
        raise InputError(
            f"{history.source} covers {span} days, and a yearly potential needs a year",
            hint="Give deals of at least twelve months: otherwise the season would be learned.",
        )
    rows = np.flatnonzero(table.frame["usable"].to_numpy())
    ids = table.frame["account_id"].to_numpy(dtype=object)[rows]
    place = pd.Series(np.arange(len(rows)), index=record_keys(ids))
    at = place.reindex(history.account).to_numpy()
    known = np.isfinite(at)
    ago = (last - history.day) / np.timedelta64(1, "D")
    year = np.floor(ago / YEAR_D).astype(np.int64)
    inside = known & (year < years)
    to = at[inside].astype(np.int64)
    by_year = np.zeros((len(rows), years))
    np.add.at(by_year, (to, year[inside]), history.amount[inside])
    halves = np.zeros((len(rows), 2))
    half = (ago >= years * YEAR_D / 2).astype(np.int64)
    np.add.at(halves, (to, half[inside]), history.amount[inside])
    unknown = float(history.amount[~known].sum() / history.amount.sum())
    first = max(history.day.min(), last - np.timedelta64(int(years * YEAR_D), "D"))
    return Bought(rows, by_year, halves, unknown, str(first), str(last))


def _header(raw: RawTable, field: str, chosen: Mapping[str, str], source: str) -> str:
    if field in chosen:
        return named_header(raw.headers, field, chosen[field])
    names = [plain(name) for name in FIELDS[field]]
    ranked = [(names.index(plain(h)), h) for h in raw.headers if plain(h) in names]
    if not ranked:
        raise MissingColumnError(
            f"{source} has no column {field}",
            hint=f"Name it with --history-column {field}=HEADER. There are {listed(raw.headers)}.",
        )
    return min(ranked)[1]


def _dates(
    texts: "np.ndarray[tuple[int], np.dtype[np.object_]]", row: Int, header: str, source: str
) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    shortened = pd.Series([str(text).strip() for text in texts]).str.replace(
        r"^(\d{4}-\d{2}-\d{2})[T ].*$", r"\1", regex=True
    )
    read = [pd.to_datetime(shortened, format=form, errors="coerce") for form in _DATES]
    whole = [at for at, dates in enumerate(read) if dates.notna().all()]
    if {1, 3} <= set(whole) and not read[1].equals(read[3]):
        raise InputError(
            f"{source}, column “{header}”: the dates can be day first or month first",
            hint="Write them as 2024-12-31.",
        )
    if not whole:
        best = max(read, key=lambda dates: int(dates.notna().sum()))
        at = int(np.flatnonzero(best.isna().to_numpy())[0])
        raise InputError(
            f"{source}, row {row[at]}, column “{header}”: {shortened[at]!r} is not a date",
            hint="Write all dates alike, best as 2024-12-31.",
        )
    return read[whole[0]].to_numpy().astype("datetime64[D]")
