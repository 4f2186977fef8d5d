"""The audit log: who did what to what, and when."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.store.tables import AuditEntry, now


def record(
    session: Session, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Add an entry in the transaction that does what it tells of."""
    session.add(
        AuditEntry(at=now(), actor=actor, action=action, subject=subject, detail=dict(detail))
    )
