"""Writes territories and owners into an org: what is there is compared with what shall be.

An association can be made and deleted, not changed: a move is a delete and an insert. As only the
difference is written, doing it twice is as once, and what a crash left half done is finished by
the next run.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bailiwick_client.salesforce.org import Org, RowResult, batched, quoted

PER_ROUND: Final = 100  # accounts whose delete and insert follow each other closely
_MANUAL: Final = "Territory2Manual"


@dataclass(frozen=True)
class Wanted:
    """What an account shall have: a territory's DeveloperName and a user's id, "" for none."""

    territory: str
    user: str = ""


@dataclass
class Report:
    """How many rows were written, and the accounts that failed, with the reason.

    `on_row` hears of each row: what was done (delete, insert, owner), the account, the result.
    """

    deleted: int = 0
    inserted: int = 0
    owners: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    on_row: Callable[[str, str, RowResult], object] = lambda *_: None

    def note(self, action: str, account: str, result: RowResult) -> bool:
        """Take note of a row; whether it was written."""
        self.on_row(action, account, result)
        if not result.ok:
            self.failed[account] = result.reason
        return result.ok


def territory_ids(org: Org, model_id: str) -> dict[str, str]:
    """DeveloperName → id of the territories of a model."""
    soql = f"SELECT Id, DeveloperName FROM Territory2 WHERE Territory2ModelId = {quoted(model_id)}"
    return {row["DeveloperName"]: row["Id"] for row in org.query(soql)}


def missing_territories(
    org: Org, model_id: str, type_id: str, names: Mapping[str, str]
) -> list[RowResult]:
    """Make those of `names` (DeveloperName → Name) that the model has not; a result for each."""
    there = territory_ids(org, model_id)
    rows = [
        {
            "Name": label, "DeveloperName": name, "Territory2ModelId": model_id,
            "Territory2TypeId": type_id, "AccountAccessLevel": "Edit",
        }
        for name, label in names.items()
        if name not in there
    ]  # fmt: skip
    return org.insert("Territory2", rows)


def write_owners(
    org: Org,
    wanted: Mapping[str, Wanted],
    territories: Mapping[str, str],
    on_row: Callable[[str, str, RowResult], object] = lambda *_: None,
) -> Report:
    """Bring these accounts (18-character ids) to what is wanted.

    Of the associations only those by hand with one of `territories` are touched.
    """
    report = Report(on_row=on_row)
    for accounts in batched(wanted, PER_ROUND):
        _round(org, {account: wanted[account] for account in accounts}, territories, report)
    return report


def _round(
    org: Org, wanted: Mapping[str, Wanted], territories: Mapping[str, str], report: Report
) -> None:
    ours = set(territories.values())
    there: defaultdict[str, dict[str, str]] = defaultdict(dict)  # account → territory → id
    soql = (
        "SELECT Id, ObjectId, Territory2Id FROM ObjectTerritory2Association "
        f"WHERE AssociationCause = {quoted(_MANUAL)} AND ObjectId IN ({{ids}})"
    )
    for row in org.query_in(soql, wanted):
        if row["Territory2Id"] in ours:
            there[row["ObjectId"]][row["Territory2Id"]] = row["Id"]
    target: dict[str, str] = {}
    for account, wish in wanted.items():
        if wish.territory and wish.territory not in territories:
            reason = {"statusCode": "NO_TERRITORY", "message": f"{wish.territory} is not there"}
            report.note("insert", account, RowResult(False, "", (reason,)))
        else:
            target[account] = territories.get(wish.territory, "")
    gone = [
        (account, key)
        for account, wish in target.items()
        for territory, key in there[account].items()
        if territory != wish
    ]
    for (account, _), result in zip(gone, org.delete([key for _, key in gone]), strict=True):
        report.deleted += report.note("delete", account, result)
    # Where the delete failed nothing is inserted: the account would be in two territories.
    come = [
        account
        for account, wish in target.items()
        if wish and wish not in there[account] and account not in report.failed
    ]
    rows = [{"ObjectId": a, "Territory2Id": target[a], "AssociationCause": _MANUAL} for a in come]
    inserted = org.insert("ObjectTerritory2Association", rows)
    for account, result in zip(come, inserted, strict=True):
        report.inserted += report.note("insert", account, result)
    _owners(org, {a: wanted[a].user for a in target if wanted[a].user}, report)


def _owners(org: Org, users: Mapping[str, str], report: Report) -> None:
    soql = "SELECT Id, OwnerId FROM Account WHERE Id IN ({ids})"
    now = {row["Id"]: row["OwnerId"] for row in org.query_in(soql, users)}
    other = [a for a, user in users.items() if a in now and now[a] != user]
    rows = [{"Id": account, "OwnerId": users[account]} for account in other]
    for account, result in zip(other, org.update("Account", rows), strict=True):
        report.owners += report.note("owner", account, result)
