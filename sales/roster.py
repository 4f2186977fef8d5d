"""The reps who will own the territories."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.compute as pc

from geo.errors import EmptyInputError, InputError, MissingColumnError
from geo.geocode.types import Address, Geocoder
from sales.accounts.addresses import PARTS, Whereabouts, whereabouts
from sales.accounts.blanks import without_blanks
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt, shown
from sales.accounts.content import content_of
from sales.accounts.fields import AddressColumns, checked_field, listed, named_header
from sales.accounts.footers import is_total
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.numbers import numbers_in
from sales.accounts.raw import RawTable, mask_of
from sales.accounts.sources import read_table
from sales.accounts.synonyms import ADDRESS
from sales.accounts.types import RowIssue

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "rep_id": (
        "rep id", "rep", "user id", "owner id", "employee id", "sales rep id", "salesperson id",
        "seller id", "id", "id 18", "hubspot_owner_id", "record id", "personalnummer",
    ),
    "name": (
        "name", "rep name", "full name", "sales rep", "salesperson", "sales rep name", "seller",
        "user name", "user", "owner", "owner name", "employee", "vertreter", "email",
    ),
    "segment": ("segment", "team", "sales segment", "segment id"),
    "capacity": (
        "capacity", "fte", "capacity fte", "capacity h", "capacity hours", "capacity (h)",
        "weight", "share", "hours", "kapazitat",
    ),
}  # fmt: skip
_PLACES: Final = ("", "home", "home ", "base", "office", "rep", "home office")
_FIELDS: Final = (*_NAMES, *PARTS, "latitude", "longitude")
_STREETS: Final = ("street", "street 2", "street 3")


@dataclass(frozen=True, slots=True)
class Rep:
    """A seller. `capacity` is a positive share weight; `lat`, `lng` the home, None if unknown."""

    rep_id: str
    name: str
    capacity: float
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """The reps in the order of the file, each with the address of the home (`addresses`)."""

    reps: tuple[Rep, ...]
    addresses: tuple[Address, ...]
    issues: tuple[RowIssue, ...]
    rows: tuple[int, ...] = ()  # of each rep, as in RowIssue; empty where made by hand
    segments: tuple[str, ...] = ()  # of each rep, "" for none; empty without such a column


def read_roster(path: Path, *, columns: Mapping[str, str] | None = None) -> Roster:
    """Read a table of reps: `rep_id`, `name`, `capacity`, and the home as position or address.

    A rep without an id is known by the name. A missing capacity counts 1. Raises OptionError and
    MissingColumnError as `read_accounts`, EmptyInputError, and InputError where an id stands
    twice or a capacity is not a positive number.
    """
    chosen = {checked_field(f, _FIELDS): h for f, h in (columns or {}).items()}
    wanted = {plain(header) for header in chosen.values()}
    raw = read_table(path, content_of(path), lambda h: bool(_field(h)) or plain(h) in wanted)
    found = _matched(raw, chosen)
    if "rep_id" not in found and "name" not in found:
        raise MissingColumnError(
            f"{path.name} has no column with the id or the name of the reps",
            hint=f"Call it rep_id, or name. The file has {listed(raw.headers)}.",
        )
    ids, names = _texts(raw, found.get("rep_id")), _texts(raw, found.get("name"))
    label = [id_ or name for id_, name in zip(ids, names, strict=True)]
    kept = [at for at, text in enumerate(label) if text and not is_total(text)]
    homes, issues = _homes(raw, found)
    nameless = set(range(len(raw))) - set(kept)
    if not kept:
        raise EmptyInputError(f"{path.name} names no rep", hint="Give one row for each rep.")
    issues = [*raw.issues, *issues, *(_skipped(raw, at, label[at]) for at in sorted(nameless))]
    _refuse_twice(raw, label, kept, path.name)
    capacity, more = _capacities(raw, found.get("capacity"), label, kept, path.name)
    reps = tuple(
        Rep(label[at], names[at] or label[at], capacity[at], *_position(homes, at)) for at in kept
    )
    parts = {field: homes.parts[field].to_pylist() for field in PARTS}
    addresses = tuple(
        Address(**{field: parts[field][at] for field in PARTS}, lat=rep.lat, lng=rep.lng)
        for at, rep in zip(kept, reps, strict=True)
    )
    name_of = {int(raw.row[at]): label[at] for at in kept}
    ordered = sorted([*issues, *more], key=lambda issue: issue.row)
    named = tuple(replace(issue, account_id=name_of.get(issue.row, "")) for issue in ordered)
    texts = _texts(raw, found.get("segment")) if "segment" in found else []
    segments = tuple(texts[at] for at in kept) if texts else ()
    return Roster(reps, addresses, named, tuple(name_of), segments)


def located_reps(
    roster: Roster, geocoder: Geocoder
) -> tuple[tuple[Rep, ...], tuple[RowIssue, ...]]:
    """The reps with the position of the home where its address is found, and the doubts.

    A home known by state or country only stays unknown.
    """
    reps: list[Rep] = []
    issues: list[RowIssue] = []
    rows = roster.rows or (WHOLE_FILE,) * len(roster.reps)
    for rep, address, row in zip(roster.reps, roster.addresses, rows, strict=True):
        given = any(getattr(address, part) for part in PARTS)
        if rep.lat is not None or not given:
            reps.append(rep)
            continue
        found = geocoder.geocode(address)
        if found is not None and found.precision.places_account:
            reps.append(replace(rep, lat=found.lat, lng=found.lng))
            continue
        reps.append(rep)
        place = ", ".join(text for part in PARTS if (text := getattr(address, part)))
        hint = "Correct the address, or give latitude and longitude."
        message = f"The home {shown(place)} was not found; the territory may lie anywhere"
        issue = doubt(row, "", IssueCode.HOME_NOT_FOUND, message, hint)
        issues.append(replace(issue, account_id=rep.rep_id))
    return tuple(reps), tuple(issues)


def _field(header: str) -> tuple[str, int] | None:
    """The field that a header means, and how good a name it is for it (0 the best)."""
    name = plain(header)
    for field, names in _NAMES.items():
        for rank, known in enumerate(names):
            if name == plain(known):
                return field, rank
    for part, names in ADDRESS.items():
        for rank, known in enumerate(names):
            if any(name == plain(place + known) for place in _PLACES):
                return part, rank
    return None


def _matched(raw: RawTable, chosen: Mapping[str, str]) -> dict[str, str]:
    """Field (streets apart) → header."""
    ranked: dict[str, tuple[int, str]] = {}
    for header in raw.headers:
        if match := _field(header):
            field, rank = match
            ranked[field] = min(ranked.get(field, (rank, header)), (rank, header))
    found = {field: header for field, (_, header) in ranked.items()}
    return found | {f: named_header(raw.headers, f, h) for f, h in chosen.items()}


def _texts(raw: RawTable, header: str | None) -> list[str]:
    if header is None:
        return [""] * len(raw)
    return ids_in(raw.column(header))


def _homes(raw: RawTable, found: Mapping[str, str]) -> tuple[Whereabouts, list[RowIssue]]:
    streets = tuple(found[part] for part in _STREETS if part in found)
    fields = (*PARTS[1:], "latitude", "longitude")
    return whereabouts(
        raw, (AddressColumns(streets, {f: (found[f],) for f in fields if f in found}),)
    )


def _position(homes: Whereabouts, at: int) -> tuple[float | None, float | None]:
    if np.isnan(homes.lat[at]):
        return None, None
    return float(homes.lat[at]), float(homes.lng[at])


def _skipped(raw: RawTable, at: int, label: str) -> RowIssue:
    code = IssueCode.TOTALS_ROW if label else IssueCode.MISSING_ID
    message = "The row is a sum, not a rep" if label else "The row names no rep"
    return doubt(int(raw.row[at]), "", code, f"{message}; it was left out", "Delete it.")


def _refuse_twice(raw: RawTable, label: list[str], kept: list[int], source: str) -> None:
    first: dict[str, int] = {}
    for at in kept:
        if label[at] in first:
            raise InputError(
                f"{source}, row {raw.row[at]}: the rep “{label[at]}” stands in row "
                f"{first[label[at]]} already",
                hint="Give each rep one row, with an id of their own in rep_id.",
            )
        first[label[at]] = int(raw.row[at])


def _capacities(
    raw: RawTable, header: str | None, label: list[str], kept: list[int], source: str
) -> tuple[list[float], list[RowIssue]]:
    """The capacity of each row, and the doubts. Raises InputError where one is not positive."""
    hint = "Give a positive number, for example 1 for a full-time rep."
    if header is None:
        message = "No column holds a capacity; every rep counts 1"
        issue = doubt(WHOLE_FILE, "", IssueCode.MISSING_CAPACITY, message, hint)
        return [1.0] * len(raw), [issue]
    column = without_blanks(raw.column(header))
    numbers = numbers_in(column, comma_likely=raw.decimal_comma_likely)
    blank = mask_of(pc.equal(column, ""))
    issues: list[RowIssue] = []
    for at in kept:
        value = numbers.value[at]
        if blank[at]:
            message = f"The rep “{label[at]}” has no capacity; it counts 1"
            issues.append(
                doubt(int(raw.row[at]), header, IssueCode.MISSING_CAPACITY, message, hint)
            )
        elif not (np.isfinite(value) and value > 0):
            raise InputError(
                f"{source}, row {raw.row[at]}: {shown(column[at].as_py())} is no capacity for the "
                f"rep “{label[at]}”",
                hint=f"{hint} Delete the row of a rep who takes no territory.",
            )
    return [
        1.0 if empty else float(v) for v, empty in zip(numbers.value, blank, strict=True)
    ], issues
