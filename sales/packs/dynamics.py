"""The Dynamics 365 pack: the territory table, and the territory of each account."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from sales.packs.pack import (
    NOT_EXPORTED,
    Left,
    Pack,
    PackOptions,
    accounts_of,
    left_table,
    reps_of,
    table,
)
from sales.plan import PlanBundle

TERRITORY_COLUMNS: Final = (
    "territoryid", "name", "managerid", "parentterritoryid", "description",
)  # fmt: skip
ACCOUNT_COLUMNS: Final = ("accountid", "territoryid", "ownerid")
# Any fixed value: a territory has the same GUID in each pack, so that a second load updates.
_SPACE: Final = UUID("6f0f4b0c-6c1e-5d0e-9d8c-9b0d6f3f5a11")
_GUID: Final = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_MOST_NAME: Final = 200
_README: Final = """# Dynamics 365 territory pack

Load in this order, with the Data Import wizard, a dataflow, or `PATCH` by key of the Web API:

1. `territory.csv` ({territories:,} rows) into `territory`, as an upsert by `territoryid`. The ids
   come from the plan's territory ids: a later pack of the same territories updates them.
2. `account.csv` ({accounts:,} rows) into `account`, as an update by `accountid`: it sets the
   look-up `territoryid`, and `ownerid` (a systemuser) where it is filled in.

`name` is unique in Dynamics, so the later of two territories of one name ends in a number.
`not_exported.csv` has {left:,} rows: each account or rep that could not be written, and why.
"""


def dynamics_pack(bundle: PlanBundle, options: PackOptions) -> Pack:
    """`territory.csv` and `account.csv`; with a former plan, only accounts that changed."""
    left: list[Left] = []
    users = _users(bundle, options, left)
    accounts = _accounts(bundle, options, users, left)
    if options.former is not None:
        before = set(_accounts(options.former, options, _users(options.former, options, []), []))
        accounts = [row for row in accounts if row not in before]
    territories = bundle.document["territories"]
    names = _names([str(t["name"] or t["id"]) for t in territories])
    rows = [
        (_guid(str(t["id"]), options), name, users.get(str(t["rep"] or ""), ""), "",
         f"Bailiwick territory {t['id']}")
        for t, name in zip(territories, names, strict=True)
    ]  # fmt: skip
    words = _README.format(territories=len(rows), accounts=len(accounts), left=len(left))
    return {
        "README.md": words.encode(),
        "territory.csv": table(TERRITORY_COLUMNS, rows),
        "account.csv": table(ACCOUNT_COLUMNS, accounts),
        NOT_EXPORTED: left_table(left),
    }


def _guid(territory: str, options: PackOptions) -> str:
    return options.territory_ids.get(territory) or str(
        uuid5(_SPACE, territory.encode("utf-8", "replace").decode())
    )


def _accounts(
    bundle: PlanBundle, options: PackOptions, users: dict[str, str], left: list[Left]
) -> list[tuple[str, str, str]]:
    there = {str(t["id"]) for t in bundle.document["territories"]}
    rows: dict[str, tuple[str, str, str]] = {}
    for row in accounts_of(bundle):
        guid = _GUID.fullmatch(row["id"].strip())
        reason = ""
        if row["territory"] not in there:
            reason = "it has no territory: see review.csv"
        elif guid is None:
            reason = "its id is no Dynamics accountid (a GUID)"
        elif guid[1].lower() in rows:
            reason = "its id occurs twice"
        if reason or guid is None:
            left.append(Left("account", row["id"], row["name"], row["territory"], reason))
            continue
        account = guid[1].lower()
        rows[account] = (account, _guid(row["territory"], options), users.get(row["rep"], ""))
    return list(rows.values())


def _users(bundle: PlanBundle, options: PackOptions, left: list[Left]) -> dict[str, str]:
    reps, users = reps_of(bundle), {}
    for t in bundle.document["territories"]:
        rep = str(t["rep"] or "")
        if guid := _GUID.fullmatch(options.users.get(rep, rep).strip()):
            users[rep] = guid[1].lower()
        elif rep:
            reason = "the rep has no systemuserid (a GUID): give a table of users"
            left.append(Left("rep", rep, reps.get(rep, ""), str(t["id"]), reason))
    return users


def _names(names: Sequence[str]) -> list[str]:
    used: set[str] = set()
    made = []
    for name in names:
        base = "".join(c for c in name if c.isprintable()).strip()[:_MOST_NAME] or "Territory"
        candidate, number = base, 1
        while candidate.casefold() in used:
            number += 1
            ending = f" {number}"
            candidate = base[: _MOST_NAME - len(ending)] + ending
        used.add(candidate.casefold())
        made.append(candidate)
    return made
