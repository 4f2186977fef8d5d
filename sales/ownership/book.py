"""From a plan and the tables that tell of its accounts to one book of facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from sales.ownership.columns import FactRow, read_facts
from sales.ownership.facts import Account, Book, Deal, Grown, Holding, Win
from sales.plan import PlanBundle
from sales.rules.alignment import keys_of


@dataclass(frozen=True)
class Sources:
    """The tables beside the plan, None where not given.

    `accounts` is the frame of an AccountTable; `roster` more reps, id → name.
    """

    accounts: pd.DataFrame | None = None
    alignment: Path | None = None
    bookings: Path | None = None
    deals: Path | None = None
    sizes: Path | None = None
    roster: Mapping[str, str] | None = None


def book_of(bundle: PlanBundle, sources: Sources, effective: date | None) -> Book:
    """All that is known of the accounts of a plan, and of accounts that only the tables have.

    Raises InputError where a table cannot be used.
    """
    reps, territory_of, names = _team(bundle.document, sources.roster or {})
    ids = RepIds(reps)
    accounts = _planned(bundle)
    if sources.accounts is not None:
        accounts = _described(accounts, sources.accounts, ids)
    if sources.alignment is not None:
        accounts = _aligned(accounts, sources.alignment, ids)
    if sources.bookings is not None:
        rows = read_facts(sources.bookings, ("account_id", "owner", "closed", "amount"))
        accounts = _with(accounts, rows, lambda row: Win(
            ids(row.text("owner")), _day(row, "closed"), row.amount("amount") or 0.0,
        ), "wins", lambda win: win.on)  # fmt: skip
    if sources.deals is not None:
        rows = read_facts(sources.deals, ("account_id", "owner", "amount"), ("opened", "closes"))
        accounts = _with(accounts, rows, lambda row: Deal(
            ids(row.text("owner")), row.day("opened"), row.day("closes"),
            row.amount("amount") or 0.0,
        ), "deals", lambda deal: deal.closes or date.max)  # fmt: skip
    if sources.sizes is not None:
        more = ("arr", "revenue", "employees", "renewal")
        rows = read_facts(sources.sizes, ("account_id", "as_of"), more)
        accounts = _with(accounts, rows, lambda row: Grown(
            _day(row, "as_of"), row.amount("arr"), row.amount("revenue"),
            row.amount("employees"), row.day("renewal"),
        ), "sizes", lambda size: size.as_of or date.min)  # fmt: skip
    return Book(accounts, reps, territory_of, names, effective)


def _team(
    document: Mapping[str, Any], roster: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Reps id → name, rep → its one territory, territory → name."""
    reps = dict(roster)
    held: dict[str, list[str]] = {}
    for rep in document["reps"]:
        if rep["rep_id"]:
            reps.setdefault(str(rep["rep_id"]), str(rep["name"]))
    for territory in document["territories"]:
        if territory.get("rep"):
            held.setdefault(str(territory["rep"]), []).append(str(territory["id"]))
    one = {rep: own[0] for rep, own in held.items() if len(own) == 1}
    return reps, one, {str(t["id"]): str(t["name"]) for t in document["territories"]}


class RepIds:
    """A rep's id from whatever a table calls the rep; a stranger stays as written."""

    def __init__(self, reps: Mapping[str, str]) -> None:
        """Ids come before names."""
        self._ids = {rep.casefold(): rep for rep in reps}
        names = [name.casefold() for name in reps.values()]
        for rep, name in reps.items():
            if names.count(name.casefold()) == 1:
                self._ids.setdefault(name.casefold(), rep)

    def __call__(self, text: str) -> str:
        """The id."""
        return self._ids.get(text.strip().casefold(), text.strip())


def _planned(bundle: PlanBundle) -> dict[str, Account]:
    table = bundle.assignments
    names = bundle.names or [""] * len(table)
    keys = keys_of(table["account_id"].tolist())
    found: dict[str, Account] = {}
    columns = ("account_id", "segment", "territory_id", "rep", "rule")
    for key, name, *row in zip(keys, names, *(table[c] for c in columns), strict=True):
        if key not in found:  # of duplicates the first row counts
            account_id, segment, territory, rep, rule = (str(value) for value in row)
            found[key] = Account(
                account_id, str(name), segment=segment, territory=territory, plan_rep=rep,
                plan_rule=rule,
            )  # fmt: skip
    return found


def _described(
    accounts: dict[str, Account], frame: pd.DataFrame, ids: RepIds
) -> dict[str, Account]:
    """The same with what the account file says; rows that are no accounts leave the book."""
    keys = keys_of(frame["account_id"].tolist())
    count = len(keys)
    parents = keys_of(frame["parent"].tolist()) if "parent" in frame else [""] * count
    usable = frame["usable"].tolist() if "usable" in frame else [True] * count
    names, owners = (
        frame[c].astype(str).tolist() if c in frame else [""] * count for c in ("name", "owner")
    )
    amounts = [
        frame[c].to_numpy(np.float64) if c in frame else np.full(count, np.nan)
        for c in ("revenue", "employees", "pipeline")
    ]
    good = {key for key, use in zip(keys, usable, strict=True) if use}
    bad = set(keys) - good
    found = {key: account for key, account in accounts.items() if key not in bad}
    for at, key in enumerate(keys):
        if usable[at]:
            revenue, employees, pipeline = (
                float(column[at]) if column[at] > 0 else None for column in amounts
            )
            was = found.get(key) or Account(str(frame["account_id"].iloc[at]), in_plan=False)
            found[key] = replace(
                was, name=names[at], parent=parents[at], crm_owner=ids(owners[at]),
                pipeline=pipeline or 0.0, sizes=(Grown(None, None, revenue, employees),),
            )  # fmt: skip
    return found


def _aligned(accounts: dict[str, Account], path: Path, ids: RepIds) -> dict[str, Account]:
    rows = read_facts(path, ("account_id",), ("owner", "territory"))
    if rows and not {"owner", "territory"} & rows[0].headers.keys():
        raise InputError(
            f"{path.name} has no column with the rep or the territory of each account",
            hint="Call one of them rep_id, rep, owner or territory.",
        )
    found = {key: replace(account, listed=False) for key, account in accounts.items()}
    for key, row in _keyed(rows):
        was = found.get(key) or Account(row.text("account_id"), in_plan=False)
        held = Holding(ids(row.text("owner")), row.text("territory"), row.row)
        found[key] = replace(was, listed=True, holdings=(*was.holdings, held))
    return found


def _with(
    accounts: dict[str, Account], rows: Iterable[FactRow], make: Any, field: str, order: Any
) -> dict[str, Account]:
    """The accounts with one fact more for each row; rows of strangers are left out."""
    more: dict[str, list[Any]] = {}
    for key, row in _keyed(rows):
        if key in accounts:
            more.setdefault(key, []).append(make(row))
    changed = {
        key: _added(accounts[key], field, sorted(facts, key=order)) for key, facts in more.items()
    }
    return accounts | changed


def _added(account: Account, field: str, facts: list[Any]) -> Account:
    more: dict[str, Any] = {field: (*getattr(account, field), *facts)}
    return replace(account, **more)


def _keyed(rows: Iterable[FactRow]) -> list[tuple[str, FactRow]]:
    named = [row for row in rows if row.text("account_id")]
    return list(zip(keys_of([row.text("account_id") for row in named]), named, strict=True))


def _day(row: FactRow, field: str) -> date:
    day = row.day(field)
    if day is None:
        raise InputError(
            f"{row.source}, row {row.row}, column “{row.headers[field]}” is blank",
            hint="Every row needs its day, such as 2026-03-31.",
        )
    return day
