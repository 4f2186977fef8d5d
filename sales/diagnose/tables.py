"""The histories that a diagnosis reads, in any file that accounts may come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from geo.errors import EmptyInputError, InputError, MissingColumnError
from sales.accounts.blanks import without_blanks
from sales.accounts.content import content_of
from sales.accounts.fields import listed, named_header
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in, record_keys
from sales.accounts.numbers import numbers_in
from sales.accounts.raw import RawTable, mask_of
from sales.accounts.sources import read_table
from sales.accounts.synonyms import SINGLE

_REP: Final = (
    "rep id", "rep", "owner id", "opportunity owner id", "account owner id", "user id", "owner",
    "opportunity owner", "account owner", "sales rep", "assigned to",
)  # fmt: skip
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "account_id": SINGLE["account_id"],
    "rep": _REP,
    "territory": ("territory id", "territory", "territory name", "sales territory"),
    "territory_name": ("territory", "territory name"),
    "date": ("close date", "date", "closed", "booking date", "won date", "order date"),
    "amount": ("amount", "value", "bookings", "revenue", "booked", "deal size", "acv", "tcv"),
    "period": ("period", "half", "quarter", "month", "date", "activity date", "year"),
    "hours": ("hours", "time", "time spent", "duration h", "effort"),
    "won": ("won", "is won", "outcome", "stage", "status", "result"),
    "reason": ("lost reason", "reason", "loss reason", "closed lost reason"),
    "quota": ("quota", "target", "goal"),
}  # fmt: skip
_NUMBERS: Final = ("amount", "hours", "quota")


@dataclass(frozen=True)
class Kind:
    """What a table must hold and may hold."""

    what: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


BOOKINGS: Final = Kind("deals won", ("account_id", "date", "amount"), ("rep", "territory"))
ALIGNMENT: Final = Kind("alignment", ("account_id", "territory"), ("rep", "territory_name"))
ACTIVITIES: Final = Kind("activities", ("account_id", "period", "hours"), ("rep",))
OPPORTUNITIES: Final = Kind(
    "opportunities", ("account_id", "date", "won"), ("rep", "territory", "amount", "reason")
)
QUOTAS: Final = Kind("quotas", ("quota",), ("rep", "territory"))


def read_history(path: Path, kind: Kind, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The rows of a history: `row` as a spreadsheet counts, `key` of the account, and the fields.

    Text is trimmed, numbers are float64, `date` is a day. Raises MissingColumnError and
    EmptyInputError, and InputError that names the row and the column of what cannot be read.
    """
    fields = (*kind.needs, *kind.may)
    chosen = {field: header for field, header in (columns or {}).items() if field in fields}
    wanted = {plain(n) for f in fields for n in NAMES[f]} | {plain(h) for h in chosen.values()}
    raw = read_table(path, content_of(path), lambda header: plain(header) in wanted)
    found = _headers(raw, fields, chosen)
    for field in kind.needs:
        if field not in found:
            raise MissingColumnError(
                f"{path.name} has no column with the {field} of its {kind.what}",
                hint=f"Call it {field}. The file has {listed(raw.headers)}.",
            )
    frame = pd.DataFrame({"row": raw.row})
    for field in fields:
        if field in _NUMBERS and field in found:
            frame[field] = _numbers(raw, found[field], field, path.name)
        elif field == "date" and field in found:
            frame[field] = _days(raw, found[field], path.name)
        else:
            texts = ids_in(raw.column(found[field])) if field in found else [""] * len(raw)
            frame[field] = pd.Series(texts, dtype="str")
    if "account_id" in fields:
        frame = frame[frame["account_id"] != ""].reset_index(drop=True)
        frame["key"] = keys(frame["account_id"])
    if frame.empty:
        raise EmptyInputError(
            f"{path.name} holds no {kind.what}", hint="Give one row for each, with an account id."
        )
    return frame


def keys(ids: "pd.Series[str]") -> list[str]:
    """What tells accounts apart: 15- and 18-character ids of one record meet."""
    values = ids.astype(str).to_numpy(dtype=object)
    return record_keys(values) if len(values) else []


def _headers(raw: RawTable, fields: tuple[str, ...], chosen: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields:
        if field in chosen:
            found[field] = named_header(raw.headers, field, chosen[field])
            continue
        names = [plain(name) for name in NAMES[field]]
        ranked = [(names.index(plain(h)), h) for h in raw.headers if plain(h) in names]
        if ranked:
            found[field] = min(ranked)[1]
    return found


def _numbers(raw: RawTable, header: str, field: str, source: str) -> "pd.Series[float]":
    column = without_blanks(raw.column(header))
    blank = mask_of(pc.equal(column, ""))
    value = numbers_in(column, comma_likely=raw.decimal_comma_likely).value
    bad = np.flatnonzero(~blank & ~(np.isfinite(value) & (value >= 0)))
    if len(bad):
        at = int(bad[0])
        raise InputError(
            f"{source}, row {raw.row[at]}, column “{header}”: {column[at].as_py()!r} is no {field}",
            hint="Write a number of at least 0, without words; leave the cell empty for none.",
        )
    return pd.Series(np.where(blank, 0.0, value), dtype="float64")


def _days(raw: RawTable, header: str, source: str) -> "pd.Series[pd.Timestamp]":
    texts = pd.Series(ids_in(raw.column(header)), dtype="str")
    days = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    if (bad := days.isna()).any() and bad.mean() > 0.5:  # a spreadsheet of the United States
        days = pd.to_datetime(texts, format="%m/%d/%Y", errors="coerce")
        bad = days.isna()
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{source}, row {raw.row[at]}, column “{header}”: {texts[at]!r} is no date",
            hint="Write days as 2026-03-31 (or 3/31/2026 throughout).",
        )
    return days.dt.normalize()
