"""The Salesforce pack: territories, their users and their accounts, for a Data Loader."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

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
from sales.packs.salesforce_moves import Association, leaving, present_associations
from sales.packs.salesforce_names import developer_names, is_kind, labels, long_id
from sales.packs.salesforce_readme import MODEL, TYPE, readme
from sales.plan import PlanBundle

TERRITORY_COLUMNS: Final = (
    "Name", "DeveloperName", "Territory2ModelId", "Territory2TypeId", "ParentTerritory2Id",
    "Description", "AccountAccessLevel", "OpportunityAccessLevel", "CaseAccessLevel",
    "ContactAccessLevel",
)  # fmt: skip
USER_COLUMNS: Final = ("UserId", "Territory2Id", "RoleInTerritory2")
OBJECT_COLUMNS: Final = ("ObjectId", "Territory2Id", "AssociationCause")
_ACCESS: Final = ("Edit", "Read", "Read", "Read")  # of accounts, opportunities, cases, contacts
_OWNER: Final = "Territory Owner"
_MANUAL: Final = "Territory2Manual"


class _User(NamedTuple):
    user: str
    territory: str


class _Side(NamedTuple):
    """What one plan says: DeveloperName by territory, accounts and users by territory's id."""

    names: dict[str, str]
    accounts: list[Association]
    users: list[_User]
    left: list[Left]


def salesforce_pack(bundle: PlanBundle, options: PackOptions) -> Pack:
    """`Territory2.csv`, `UserTerritory2Association.csv`, `ObjectTerritory2Association.csv`.

    With a former plan: only new territories, and what leaves and what comes in files of their own.
    A territory without an id in the CRM goes by its DeveloperName.
    """
    now = _side(bundle, options)
    if options.former is None:
        files = {
            "Territory2.csv": _territories(bundle, options, now.names, ()),
            "UserTerritory2Association.csv": table(USER_COLUMNS, _user_rows(now.users)),
            "ObjectTerritory2Association.csv": table(OBJECT_COLUMNS, _rows(now.accounts)),
        }
        left = now.left
    else:
        files, left = _changes(bundle, options, now)
    known = bool(options.territory_ids)
    return {
        "README.md": readme(files, options, by_name=not known, left=len(left)),
        **files,
        NOT_EXPORTED: left_table(left),
    }


class Targets(NamedTuple):
    """What Salesforce shall have: by account's id its territory's DeveloperName and user's id.

    `territories` are the Names by DeveloperName; `left` what cannot be written, and why.
    """

    territories: dict[str, str]
    accounts: dict[str, tuple[str, str]]
    left: list[Left]


def salesforce_targets(bundle: PlanBundle, options: PackOptions) -> Targets:
    """The same, for whoever writes into Salesforce directly."""
    side = _side(bundle, replace(options, territory_ids={}))
    territories = bundle.document["territories"]
    shown = labels(str(t["name"] or t["id"]) for t in territories)
    user = {u.territory: u.user for u in side.users}
    return Targets(
        dict(zip(side.names.values(), shown, strict=True)),
        {a.account: (a.territory, user.get(a.territory, "")) for a in side.accounts},
        side.left,
    )


def _changes(
    bundle: PlanBundle, options: PackOptions, now: _Side
) -> tuple[dict[str, bytes], list[Left]]:
    assert options.former is not None
    former = _side(options.former, options)
    present = present_associations(options.associations)
    gone, left = leaving(former.accounts, now.accounts, present)
    stay = set(former.accounts) & set(now.accounts)
    there = {(key, where) for key, rows in (present or {}).items() for _, where in rows}
    come = [a for a in now.accounts if a not in stay and a not in there]
    known = present is not None
    off = [u for u in former.users if u not in set(now.users)]
    on = [u for u in now.users if u not in set(former.users)]
    columns = ("Id", "ObjectId", "Territory2Id") if known else ("ObjectId", "Territory2Id")
    files = {
        "Territory2.csv": _territories(bundle, options, now.names, former.names.values()),
        "UserTerritory2Association_delete.csv": table(USER_COLUMNS[:2], off),
        "UserTerritory2Association_insert.csv": table(USER_COLUMNS, _user_rows(on)),
        "ObjectTerritory2Association_delete.csv": table(
            columns, [row if known else row[1:] for row in gone]
        ),
        "ObjectTerritory2Association_insert.csv": table(OBJECT_COLUMNS, _rows(come)),
    }
    return files, [*now.left, *left]


def _side(bundle: PlanBundle, options: PackOptions) -> _Side:
    ids = [str(t["id"]) for t in bundle.document["territories"]]
    names = dict(zip(ids, developer_names(ids), strict=True))
    given = {i: options.territory_ids.get(name, name) for i, name in names.items()}
    where = {i: long_id(there) or there for i, there in given.items()}
    left: list[Left] = []
    accounts: dict[str, Association] = {}
    for row in accounts_of(bundle):
        whole = long_id(row["id"])
        reason = ""
        if row["territory"] not in where:
            reason = "it has no territory: see review.csv"
        elif whole is None or not whole.startswith("001"):
            reason = "its id is not that of a Salesforce account (15 or 18 characters, 001…)"
        elif whole in accounts:
            reason = "its id occurs twice"
        if reason or whole is None:
            left.append(Left("account", row["id"], row["name"], row["territory"], reason))
        else:
            accounts[whole] = Association(whole, where[row["territory"]])
    reps = reps_of(bundle)
    users = []
    for t in bundle.document["territories"]:
        rep = str(t["rep"] or "")
        user = options.users.get(rep, rep)
        if rep and is_kind(user, "005"):
            users.append(_User(str(long_id(user)), where[str(t["id"])]))
        elif rep:
            reason = "the rep has no Salesforce user id (005…): give a table of users"
            left.append(Left("rep", rep, reps.get(rep, ""), str(t["id"]), reason))
    return _Side(names, list(accounts.values()), users, left)


def _territories(
    bundle: PlanBundle, options: PackOptions, names: dict[str, str], there: Iterable[str]
) -> bytes:
    known = set(there)
    territories = bundle.document["territories"]
    shown = labels(str(t["name"] or t["id"]) for t in territories)
    rows = [
        (
            label, names[str(t["id"])], options.model_id or MODEL, options.type_id or TYPE, "",
            f"Bailiwick territory {t['id']}", *_ACCESS,
        )
        for t, label in zip(territories, shown, strict=True)
        if names[str(t["id"])] not in known
    ]  # fmt: skip
    return table(TERRITORY_COLUMNS, rows)


def _rows(accounts: Sequence[Association]) -> Iterator[tuple[str, str, str]]:
    return ((a.account, a.territory, _MANUAL) for a in accounts)


def _user_rows(users: Sequence[_User]) -> Iterator[tuple[str, str, str]]:
    return ((u.user, u.territory, _OWNER) for u in users)
