"""What customers buy a year: from bookings, a column, or as a stated part of the potential."""

from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from geo.arrays import Float
from geo.errors import EmptyInputError, InputError, MissingColumnError, OptionError
from sales.accounts.content import content_of
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.numbers import numbers_in
from sales.accounts.sources import read_table
from sales.accounts.types import AccountTable
from sales.ground import account_measures
from sales.prepare import Source
from sales.realign.scenario import SalesBasis
from sales.rules.alignment import keys_of

_NAMES: Final = {
    "account_id": ("account id", "account", "customer id", "customer", "company id", "id"),
    "amount": ("amount", "booked amount", "bookings", "revenue", "value", "deal amount", "sales"),
    "date": ("close date", "closed", "date", "booking date", "order date", "won date"),
}
_YEAR: Final = timedelta(days=365)


def read_bookings(path: Path) -> tuple[dict[str, float], str]:
    """Sales of a year by account key, and in words which year.

    With a column of dates that span more than a year, only the year up to the newest one counts.
    Raises MissingColumnError, EmptyInputError, and InputError naming the row of a bad value.
    """
    wanted = {plain(name) for names in _NAMES.values() for name in names}
    raw = read_table(path, content_of(path), lambda header: plain(header) in wanted)
    found: dict[str, str] = {}
    for field, names in _NAMES.items():
        order = [plain(name) for name in names]
        there = [(order.index(plain(h)), h) for h in raw.headers if plain(h) in order]
        if there:
            found[field] = min(there)[1]
    for field in ("account_id", "amount"):
        if field not in found:
            raise MissingColumnError(
                f"{path.name} has no column with the {field.replace('_', ' ')} of each deal",
                hint=f"Call it {field}. The file has {', '.join(raw.headers)}.",
            )
    ids = ids_in(raw.column(found["account_id"]))
    amount = numbers_in(raw.column(found["amount"]), comma_likely=raw.decimal_comma_likely).value
    for at in np.flatnonzero(~np.isfinite(amount))[:1].tolist():
        raise InputError(
            f"{path.name}, row {raw.row[at]}, column “{found['amount']}”: this is no amount",
            hint="Give a number, or delete the row.",
        )
    if not len(ids):
        raise EmptyInputError(f"{path.name} has no deals", hint="Export them again.")
    counts, note = np.ones(len(ids), dtype=bool), f"all deals of {path.name}"
    if "date" in found:
        texts = [str(value or "") for value in raw.column(found["date"]).to_pylist()]
        counts, note = _newest_year(texts, path.name, found["date"], raw.row)
    totals: dict[str, float] = {}
    for key, value, inside in zip(keys_of(ids), amount.tolist(), counts.tolist(), strict=True):
        if inside and key:
            totals[key] = totals.get(key, 0.0) + value
    return {key: max(value, 0.0) for key, value in totals.items()}, note


def _newest_year(
    texts: list[str], source: str, header: str, row: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> tuple["np.ndarray[tuple[int], np.dtype[np.bool_]]", str]:
    days: list[date] = []
    for at, text in enumerate(texts):
        try:
            days.append(date.fromisoformat(text[:10]))
        except ValueError:
            raise InputError(
                f"{source}, row {row[at]}, column “{header}”: “{text}” is no date",
                hint="Write dates as 2024-12-31.",
            ) from None
    first, last = min(days), max(days)
    start = max(first, last - _YEAR + timedelta(days=1))
    counts = np.array([day >= start for day in days], dtype=bool)
    return counts, f"deals of {source} from {start} to {last}"


def check_basis(basis: SalesBasis) -> SalesBasis:
    """The same; raises OptionError where the fractions are none, or several bases are given."""
    low, high = basis.lost
    if not 0 <= low <= high <= 1:
        raise OptionError(
            f"{low:g} to {high:g} is no range of lost sales",
            hint="Give two fractions from 0 to 1, the least first, such as 0.13 and 0.18.",
        )
    if basis.share is not None and not 0 < basis.share <= 1:
        raise OptionError(
            f"{basis.share:g} is no part of the potential",
            hint="Give what is sold of the potential today, such as 0.12 for 12 %.",
        )
    if sum((basis.of is not None, basis.share is not None, bool(basis.column))) > 1:
        raise OptionError(
            "sales are given in several ways",
            hint="Give bookings, a column or a share of the potential, only one of them.",
        )
    return basis


def sales_of(source: Source, potential: dict[str, float], basis: SalesBasis) -> dict[str, float]:
    """Yearly sales by account key; empty where they are not known.

    `potential` of each account is today's. Raises MissingColumnError.
    """
    if basis.of is not None:
        return dict(basis.of)
    if basis.share is not None:
        return {key: value * basis.share for key, value in potential.items()}
    if not basis.column:
        return {}
    if not isinstance(source, AccountTable):
        raise OptionError("only accounts have sales", hint="Give --input, a file of accounts.")
    columns = account_measures(source)
    field = {header: name for name, header in source.columns.items()}
    name = field.get(basis.column, basis.column)
    if name not in columns:
        raise MissingColumnError(
            f"the accounts have no column {basis.column!r} with numbers",
            hint=f"There are {', '.join(columns)}; give the file of accounts with --input.",
        )
    keys = keys_of(source.frame["account_id"].astype(str).tolist())
    values: Float = np.nan_to_num(columns[name])
    return dict(zip(keys, values.tolist(), strict=True))


def said_of(basis: SalesBasis) -> str:
    """In words what the sales are."""
    if basis.of is not None:
        return basis.note or "bookings"
    if basis.share is not None:
        return f"{basis.share:g} of the potential, as stated"
    if basis.column:
        return f"the column “{basis.column}”"
    return "not known: give bookings, a column or a share of the potential"
