"""The audit log: who did what to what, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.observe import request_id
from app.store.tables import AuditEntry, now


@dataclass(frozen=True)
class Wanted:
    """Which entries: by subject, by actor, by action (`key.` means all that begin so), by time."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    session: Session, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Add an entry in the transaction that does what it tells of."""
    session.add(
        AuditEntry(
            at=now(),
            actor=actor,
            action=action,
            subject=subject,
            detail=dict(detail),
            request_id=request_id.CURRENT.get(),
        )
    )


def entries(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int | None
) -> list[AuditEntry]:
    """Entries, newest first, with ids below `before`; all of them where `limit` is None."""
    query = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if wanted.subject is not None:
        query = query.where(AuditEntry.subject == wanted.subject)
    if wanted.actor is not None:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.action is not None:
        query = query.where(
            AuditEntry.action.startswith(wanted.action, autoescape=True)
            if wanted.action.endswith(".")
            else AuditEntry.action == wanted.action
        )
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return list(session.scalars(query))


def written(value: object) -> str:
    """A field of an entry as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
