"""Challenges: brought once, decided once, never deleted."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import audit
from app.store.tables import Challenge, now
from geo.errors import ConflictError, NotFoundError
from sales.accounts.identity import canonical_id


def bring(
    session: Session, plan_id: str, external_id: str, *, territory: str, rep: str, reason: str,
    actor: str,
) -> Challenge:  # fmt: skip
    """Keep a new challenge, with an audit entry."""
    made = Challenge(
        plan_id=plan_id, account_id=canonical_id(external_id), external_id=external_id,
        territory=territory, rep=rep, reason=reason, state="open", created_at=now(),
        created_by=actor, decision="", rule="", rules_version=None, answer="", explanation=None,
        made="", version=None, override_id=None, decided_at=None, decided_by="",
    )  # fmt: skip
    session.add(made)
    session.flush()
    detail = {
        "plan": plan_id, "account": external_id, "territory": territory, "rep": rep,
        "reason": reason,
    }  # fmt: skip
    audit.record(session, actor, "challenge.create", str(made.id), detail)
    return made


def get(session: Session, challenge_id: int) -> Challenge:
    """The challenge; raises NotFoundError."""
    found = session.get(Challenge, challenge_id)
    if found is None:
        raise NotFoundError(
            f"there is no challenge {challenge_id}", hint="GET /v1/challenges lists them."
        )
    return found


def check_open(challenge: Challenge) -> None:
    """Raise ConflictError where it is decided already."""
    if challenge.state != "open":
        raise ConflictError(
            f"challenge {challenge.id} was {challenge.state} by {challenge.decided_by}",
            hint="Bring another challenge if there is something new.",
        )


def decide(session: Session, challenge_id: int, actor: str, **decided: Any) -> Challenge:
    """Write down what was decided, with an audit entry; raises ConflictError where it was before.

    Held until the transaction ends, so that of two decisions at once one is refused.
    """
    query = sa.select(Challenge).where(Challenge.id == challenge_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    challenge = session.scalars(query).one_or_none() or get(session, challenge_id)
    check_open(challenge)
    for name, value in decided.items():
        setattr(challenge, name, value)
    challenge.decided_at, challenge.decided_by = now(), actor
    session.flush()
    detail = {
        "plan": challenge.plan_id, "account": challenge.external_id,
        "territory": challenge.territory, "decision": challenge.decision,
        "state": challenge.state, "rule": challenge.rule, "answer": challenge.answer,
        "made": challenge.made, "version": challenge.version, "override": challenge.override_id,
    }  # fmt: skip
    audit.record(session, actor, "challenge.decide", str(challenge.id), detail)
    return challenge


def listing(
    session: Session, *, plan: str | None, account: str | None, state: str | None,
    before: int | None, limit: int,
) -> list[Challenge]:  # fmt: skip
    """Challenges, newest first; `before` continues behind that one."""
    query = sa.select(Challenge).order_by(Challenge.id.desc()).limit(limit)
    if plan is not None:
        query = query.where(Challenge.plan_id == plan)
    if account is not None:
        query = query.where(Challenge.account_id == canonical_id(account))
    if state is not None:
        query = query.where(Challenge.state == state)
    if before is not None:
        query = query.where(Challenge.id < before)
    return list(session.scalars(query))
