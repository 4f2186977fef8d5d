"""Accounts that the CRM sends: upserted by external id, routed at once, never lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.store import audit
from app.store.ownership import changing
from app.store.reroute import Lookups, published, sent_accounts, settle, settle_due
from app.store.tables import Account, now
from geo.geocode.types import Geocode
from sales.routing_rules import Answer

Status = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Sent:
    """An account as it comes in: `id` canonical, `sent` address and attributes, and its place."""

    id: str
    external_id: str
    sent: Mapping[str, Any]
    segment: str
    place: Geocode | Answer


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it, and the account as it is now."""

    status: Status
    account: Account


def upsert(session: Session, rows: Sequence[Sent], lookups: Lookups, actor: str) -> list[Kept]:
    """Keep accounts and log whose they are by the published plan; sending twice is as once.

    Takes the lock. The answers are in the order of the rows.
    """
    with changing(session):
        settle_due(session, lookups)
        kept = _keep(session, rows, lookups)
    counts = {s: sum(k.status == s for k in kept) for s in ("created", "updated", "unchanged")}
    if counts["created"] or counts["updated"]:
        subject = rows[0].id if len(rows) == 1 else f"{len(rows)} accounts"
        audit.record(session, actor, "account.upsert", subject, counts)
    return kept


def _keep(session: Session, rows: Sequence[Sent], lookups: Lookups) -> list[Kept]:
    there = sent_accounts(session, {row.id for row in rows})
    plan = published(session)
    kept: list[Kept] = []
    for wave in _waves(rows):
        changed: list[str] = []
        for row in wave:
            account = there.get(row.id)
            status = _status(account, row)
            if account is None:
                account = there[row.id] = _new(row)
                session.add(account)
            elif status != "unchanged":
                _change(account, row)
            if status != "unchanged":
                changed.append(row.id)
            kept.append(Kept(status, account))
        session.flush()
        if plan is not None and changed:
            settle(session, plan, lookups(plan), changed, "upsert")
    return kept


def delete(session: Session, account_id: str, lookups: Lookups, actor: str) -> bool:
    """End an account's ownership; takes the lock. False where it is deleted already.

    Raises nothing for an account that only the plan has: it gets a row that says it is deleted.
    """
    with changing(session):
        settle_due(session, lookups)
        account = sent_accounts(session, [account_id]).get(account_id)
        if account is not None and account.deleted_at is not None:
            return False
        if account is None:
            nothing = Answer("nothing_given", "the account was only in the plan")
            account = _new(Sent(account_id, account_id, {}, "", nothing))
            session.add(account)
        account.deleted_at = account.updated_at = now()
        account.version += 1
        session.flush()
        plan = published(session)
        if plan is not None:
            settle(session, plan, lookups(plan), [account_id], "delete")
    audit.record(session, actor, "account.delete", account_id, {})
    return True


def _waves(rows: Sequence[Sent]) -> Iterator[list[Sent]]:
    """Rows in their order, cut before an account comes for the second time."""
    wave: list[Sent] = []
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            yield wave
            wave, seen = [], set()
        wave.append(row)
        seen.add(row.id)
    if wave:
        yield wave


def _status(account: Account | None, row: Sent) -> Status:
    if account is None:
        return "created"
    if account.deleted_at is None and account.sent == row.sent:
        return "unchanged"
    return "updated"


def _new(row: Sent) -> Account:
    moment = now()
    account = Account(
        id=row.id, version=0, created_at=moment, cell="", follows_plan=False,
        outcome="no_plan", territory="", rep="", rule="",
    )  # fmt: skip
    _change(account, row, moment)
    return account


def _change(account: Account, row: Sent, moment: datetime | None = None) -> None:
    account.external_id, account.sent, account.segment = (
        row.external_id,
        dict(row.sent),
        row.segment,
    )
    place = row.place
    if isinstance(place, Geocode):
        account.lat, account.lng = place.lat, place.lng
        account.precision, account.matched, account.code = str(place.precision), place.matched, ""
    else:
        account.lat = account.lng = None
        account.precision, account.matched, account.code = "none", place.reason, place.code
    account.cell = ""
    # Without an address it stays where the plan has it, if the plan has it.
    account.follows_plan = isinstance(place, Answer) and place.code == "nothing_given"
    account.deleted_at = None
    account.version += 1
    account.updated_at = moment or now()
