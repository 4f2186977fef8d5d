"""The rules of engagement by version; rows are only ever added."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.errors import PreconditionFailedError
from app.store import audit
from app.store.tables import EngagementRules, now
from sales.ownership.rules import Rules
from sales.ownership.rules_file import as_document, rules_of

_LOCK = 0x656E_6761  # of PostgreSQL's advisory locks; SQLite has one writer at a time anyway


def current(session: Session) -> tuple[EngagementRules | None, Rules]:
    """The version in force; before any was set, None and the usual precedence."""
    query = sa.select(EngagementRules).order_by(EngagementRules.version.desc()).limit(1)
    row = session.scalars(query).one_or_none()
    return row, rules_of(row.rules, "the rules of engagement") if row else Rules()


def history(session: Session, *, limit: int) -> list[EngagementRules]:
    """The versions, newest first."""
    query = sa.select(EngagementRules).order_by(EngagementRules.version.desc()).limit(limit)
    return list(session.scalars(query))


def change(session: Session, rules: Rules, if_match: str, actor: str) -> None:
    """Put other rules in force with an audit entry; the same again changes nothing.

    Raises PreconditionFailedError where `if_match` names another version.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    row, former = current(session)
    version = row.version if row else 0
    if not {tag.strip().strip('"') for tag in if_match.split(",")} & {"*", str(version)}:
        raise PreconditionFailedError(
            f'the rules of engagement are now "{version}", not {if_match}',
            hint="Get /v1/engagement again, look at what changed, and send its ETag.",
            etag=f'"{version}"',
        )
    if row is not None and rules == former:
        return
    session.add(
        EngagementRules(
            version=version + 1, rules=as_document(rules), created_at=now(), created_by=actor
        )
    )
    detail = {
        "version": version + 1, "from": as_document(former) if row else None,
        "to": as_document(rules),
    }  # fmt: skip
    audit.record(session, actor, "engagement.change", "engagement", detail)
    session.flush()
