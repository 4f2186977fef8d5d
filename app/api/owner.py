"""Whose one account is now, and whose it was."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.api.accounts_schemas import AccountOut, OwnerAt
from app.api.context import Services
from app.api.in_force import Force
from app.store import ownership
from app.store.reroute import answers, due, known_in, published, sent_accounts, settle_due
from app.store.tables import Account, Owner, Publication, now
from geo.errors import ConflictError, NotFoundError
from sales.accounts.identity import canonical_id
from sales.routing_rules import Answer

_NO_PLAN = Answer("no_plan", "there is no plan yet that could say whose it is", rule="none")


def settle_clock(services: Services) -> None:
    """Bring into the log what has begun or ended by the clock."""
    services.activate_due()
    with services.database.read() as session:
        waiting = bool(due(session, now())) and published(session) is not None
    if waiting:
        with services.database.write() as session, ownership.changing(session):
            settle_due(session, services.lookup)


def owner_now(services: Services, external_id: str) -> AccountOut:
    """The account and its owner; raises NotFoundError where neither CRM nor plan know it."""
    account = canonical_id(external_id)
    settle_clock(services)
    force: Force | None
    try:
        force = services.in_force.get()
    except ConflictError:
        force = None
    with services.database.read() as session:
        row = sent_accounts(session, [account]).get(account)
        answer, in_plan = _NO_PLAN, False
        if force is not None:
            version = (force.plan_id, force.version)
            answer = answers(session, force.world(), version, [account])[account]
            in_plan = account in known_in(session, version, [account])
        change = ownership.owner(session, account)
        named = force is not None and account in force.overrides
        if row is None and change is None and not in_plan and not named:
            raise _unknown(external_id)
        since = _since(session, force, answer, change)
    return AccountOut.model_validate(
        asdict(answer)
        | {
            "external_id": row.external_id if row else external_id,
            "id": account,
            "since": since,
            "plan": force.plan_id if force else None,
            "plan_version": force.version if force else None,
            "notice": force.notice if force else "There is no plan yet.",
        }
        | _row(row)
    )


def _row(row: Account | None) -> dict[str, Any]:
    if row is None:
        return {"version": None, "updated_at": None, "sent": None}
    return {"version": row.version, "updated_at": row.updated_at, "sent": row.sent}


def _since(
    session: Session,
    force: Force | None,
    answer: Answer,
    change: Owner | None,
) -> datetime | None:
    owned = answer.territory is not None or answer.rep is not None
    if force is None or force.state != "published" or not owned:
        return None
    if change is not None:
        return change.since
    # A plan that was published before owners were logged.
    query = sa.select(Publication.effective_at).where(
        Publication.plan_id == force.plan_id, Publication.state == "done"
    )
    found: datetime | None = session.scalars(query.order_by(Publication.id.desc())).first()
    return found


def owner_at(services: Services, external_id: str, at: datetime) -> OwnerAt:
    """Whose it was at a moment; raises NotFoundError for an account that was never known."""
    settle_clock(services)
    account = canonical_id(external_id)
    with services.database.read() as session:
        change = ownership.owner_at(session, account, at)
    if change is None:
        owner_now(services, external_id)  # there, or not found
    return OwnerAt(
        external_id=external_id,
        id=account,
        at=at,
        territory=(change.territory or None) if change else None,
        rep=(change.rep or None) if change else None,
        rule=change.rule if change else None,
        cause=change.cause if change else None,
        since=change.effective_at if change else None,
        plan=change.plan_id if change else None,
        plan_version=change.plan_version if change else None,
        seq=change.seq if change else None,
    )


def _unknown(external_id: str) -> NotFoundError:
    return NotFoundError(
        f"there is no account {external_id!r}",
        hint="Send it with PUT /v1/accounts/{external_id}; ids are told apart by case.",
    )
