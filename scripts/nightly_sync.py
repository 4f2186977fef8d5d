"""Nightly sync between Salesforce and Bailiwick; docs/nightly-sync.md explains it.

Accounts that changed in Salesforce go to Bailiwick; owners and territories that changed in
Bailiwick go back. It may be killed at any moment and started again: what was done is remembered in
the state file, and what is done twice is as done once.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bailiwick_client import AccountResult, Bailiwick, Change
from bailiwick_client.salesforce.org import Org, connect
from bailiwick_client.salesforce.owners import Wanted, territory_ids, write_owners

FIELDS = {
    "Name": "name",
    "BillingStreet": "street",
    "BillingCity": "city",
    "BillingState": "state",
    "BillingPostalCode": "postal_code",
    "BillingCountry": "country",
    "BillingLatitude": "lat",
    "BillingLongitude": "lng",
}
PER_BATCH = 1000
# A transaction that was open while we looked shows up later with an earlier time.
OVERLAP = timedelta(minutes=15)


@dataclass
class State:
    """How far the last run came. `retry`: accounts that could not be written, with the reason."""

    accounts_until: str = ""  # SystemModstamp
    changes_since: int = 0
    retry: dict[str, str] = field(default_factory=dict)


def read_state(path: Path) -> State:
    return State(**json.loads(path.read_text())) if path.exists() else State()


def write_state(path: Path, state: State) -> None:
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        json.dump(asdict(state), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def changed_accounts(org: Org, until: str) -> Iterator[dict[str, Any]]:
    """Accounts that changed since, oldest first."""
    where = f" WHERE SystemModstamp >= {_soql_time(until)}" if until else ""
    names = ", ".join(["Id", *FIELDS, "SystemModstamp"])
    yield from org.query(f"SELECT {names} FROM Account{where} ORDER BY SystemModstamp, Id")


def _soql_time(text: str) -> str:
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z") - OVERLAP
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def pull(org: Org, bailiwick: Bailiwick, path: Path, state: State) -> list[AccountResult]:
    """Send what changed in Salesforce; the refused ones are returned."""
    refused = []
    records = changed_accounts(org, state.accounts_until)
    while batch := list(islice(records, PER_BATCH)):
        accounts = [_account(record) for record in batch]
        results = bailiwick.upsert_accounts(accounts, per_call=PER_BATCH)
        refused += [result for result in results if result.error is not None]
        state.accounts_until = batch[-1]["SystemModstamp"]
        write_state(path, state)
    return refused


def _account(record: Mapping[str, Any]) -> dict[str, Any]:
    sent = {ours: record[theirs] for theirs, ours in FIELDS.items() if record[theirs] is not None}
    return {"external_id": record["Id"], **sent}


def push(
    org: Org, bailiwick: Bailiwick, path: Path, state: State, model_id: str, users: dict[str, str]
) -> dict[str, int]:
    """Write owners and territories that changed in Bailiwick, and those that failed before."""
    territories = territory_ids(org, model_id)
    counts = {"deleted": 0, "inserted": 0, "owners": 0}

    def write(wanted: Mapping[str, Wanted]) -> None:
        report = write_owners(org, wanted, territories)
        for name in counts:
            counts[name] += getattr(report, name)
        for account in wanted:
            state.retry.pop(account, None)
        state.retry.update(report.failed)
        write_state(path, state)

    again = {account: _owner(bailiwick.account(account), users) for account in state.retry}
    if again:
        write(again)
    changes = bailiwick.changes(state.changes_since, per_call=PER_BATCH)
    while batch := list(islice(changes, PER_BATCH)):
        latest = {change.account_id: change for change in batch}  # the last one counts
        state.changes_since = batch[-1].seq
        write({a: _wanted(c, users) for a, c in latest.items() if a.startswith("001")})
    return counts


def _wanted(change: Change, users: Mapping[str, str]) -> Wanted:
    return Wanted(change.territory, users.get(change.rep, ""))


def _owner(account: Mapping[str, Any], users: Mapping[str, str]) -> Wanted:
    return Wanted(account.get("territory") or "", users.get(account.get("rep") or "", ""))


def read_users(path: Path | None) -> dict[str, str]:
    """Rep → Salesforce user, from a table with these two columns."""
    if path is None:
        return {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: row[1] for row in rows if len(row) > 1}


def sync(org: Org, bailiwick: Bailiwick, path: Path, model_id: str, users: dict[str, str]) -> State:
    """One night; what it did goes to stdout as a line of JSON."""
    state = read_state(path)
    refused = pull(org, bailiwick, path, state)
    counts = push(org, bailiwick, path, state, model_id, users)
    told = {
        "accounts_until": state.accounts_until,
        "changes_since": state.changes_since,
        **counts,
        "refused": {result.external_id: dict(result.error or {}) for result in refused},
        "retry": state.retry,
    }
    print(json.dumps(told))
    return state


def main() -> int:
    parser = argparse.ArgumentParser(description="Nightly sync of Salesforce and Bailiwick.")
    parser.add_argument("--state", type=Path, default=Path("nightly-sync.json"))
    parser.add_argument("--users", type=Path, help="CSV: rep, Salesforce user id")
    parser.add_argument("--territory-model", required=True, help="id, 0MA…")
    parser.add_argument("--url", default="http://localhost:8000", help="of Bailiwick")
    options = parser.parse_args()
    org = connect(
        domain=os.environ["SALESFORCE_DOMAIN"],
        consumer_key=os.environ["SALESFORCE_CONSUMER_KEY"],
        consumer_secret=os.environ["SALESFORCE_CONSUMER_SECRET"],
        sleep=time.sleep,
    )
    with Bailiwick(options.url, key=os.environ.get("BAILIWICK_API_KEY", "")) as bailiwick:
        users = read_users(options.users)
        state = sync(org, bailiwick, options.state, options.territory_model, users)
    return 1 if state.retry else 0


if __name__ == "__main__":
    sys.exit(main())
