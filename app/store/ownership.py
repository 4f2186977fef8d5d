"""Whose each account is, and was: a log that only grows, and where it has come to.

Changes are added under one lock, so that `seq` becomes visible in its own order: whoever reads the
feed up to a number has missed nothing below it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store.tables import Owner, OwnershipChange, now

_LOCK = 0x6261_696C  # of PostgreSQL's advisory locks; SQLite has one writer at a time anyway


@dataclass(frozen=True)
class Claim:
    """An account that is somebody's by itself, apart from the published plan's table."""

    account_id: str
    territory: str
    rep: str
    rule: str


def lock(session: Session) -> None:
    """Hold the log until the transaction ends; take it before anything is read for a change."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def last_seq(session: Session) -> int:
    """The number of the newest change, 0 where there is none."""
    return session.scalar(sa.select(sa.func.max(OwnershipChange.seq))) or 0


def since(session: Session, seq: int, limit: int) -> list[OwnershipChange]:
    """Changes after number `seq`, oldest first."""
    query = sa.select(OwnershipChange).where(OwnershipChange.seq > seq)
    return list(session.scalars(query.order_by(OwnershipChange.seq).limit(limit)))


def owner(session: Session, account_id: str) -> Owner | None:
    """Whose the account is now; None for one never heard of."""
    return session.get(Owner, account_id)


def owner_at(session: Session, account_id: str, when: datetime) -> OwnershipChange | None:
    """The change by which the account was somebody's (or, with "", nobody's) at that moment."""
    query = (
        sa.select(OwnershipChange)
        .where(OwnershipChange.account_id == account_id, OwnershipChange.effective_at <= when)
        .order_by(OwnershipChange.effective_at.desc(), OwnershipChange.seq.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


_CHANGED = """
INSERT INTO ownership_changes (account_id, effective_at, recorded_at, plan_id, plan_version,
    former_territory, former_rep, territory, rep, rule, cause)
SELECT a.account_id, :effective, :now, :plan, :version,
    COALESCE(o.territory, ''), COALESCE(o.rep, ''), a.territory_id, a.rep, a.rule, :cause
FROM assignments a LEFT JOIN owners o ON o.account_id = a.account_id
WHERE a.plan_id = :plan AND a.version = :version AND a.account_id <> ''
    AND (o.source IS NULL OR o.source = 'plan')
    AND (COALESCE(o.territory, '') <> a.territory_id OR COALESCE(o.rep, '') <> a.rep)
    AND NOT EXISTS (SELECT 1 FROM assignments b WHERE b.plan_id = a.plan_id
        AND b.version = a.version AND b.account_id = a.account_id AND b.position < a.position)
ORDER BY a.position
"""
_GONE = """
INSERT INTO ownership_changes (account_id, effective_at, recorded_at, plan_id, plan_version,
    former_territory, former_rep, territory, rep, rule, cause)
SELECT o.account_id, :effective, :now, :plan, :version, o.territory, o.rep, '', '', '', :cause
FROM owners o
WHERE o.source = 'plan' AND (o.territory <> '' OR o.rep <> '')
    AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.plan_id = :plan
        AND a.version = :version AND a.account_id = o.account_id)
ORDER BY o.account_id
"""
_PRESENT = """
INSERT INTO owners (account_id, territory, rep, rule, source, since, seq)
SELECT account_id, territory, rep, rule, :source, effective_at, seq
FROM ownership_changes WHERE seq > :seq
ON CONFLICT (account_id) DO UPDATE SET territory = excluded.territory, rep = excluded.rep,
    rule = excluded.rule, source = excluded.source, since = excluded.since, seq = excluded.seq
"""


def follow_plan(
    session: Session, plan_id: str, version: int, *, effective_at: datetime, cause: str
) -> int:
    """Make the accounts of a plan version its territories'; returns how many change hands.

    Of an id listed twice the first row counts. Accounts that the plan does not know any more
    become nobody's; those kept by themselves stay as they are.
    """
    lock(session)
    before = last_seq(session)
    values = {
        "plan": plan_id, "version": version, "cause": cause,
        "effective": effective_at, "now": now(),
    }  # fmt: skip
    session.execute(_timed(_CHANGED), values)
    session.execute(_timed(_GONE), values)
    session.execute(sa.text(_PRESENT), {"source": "plan", "seq": before})
    return last_seq(session) - before


def _timed(statement: str) -> sa.TextClause:
    moments = (
        sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("effective", "now")
    )
    return sa.text(statement).bindparams(*moments)


def claim(
    session: Session,
    claims: Iterable[Claim],
    *,
    plan_id: str,
    plan_version: int,
    cause: str,
    effective_at: datetime | None = None,
) -> int:
    """Keep accounts by themselves (named, overridden, upserted); returns how many change hands.

    A claim with neither territory nor rep makes an account nobody's. `lock` must be held.
    """
    at, before = effective_at or now(), last_seq(session)
    claims = list(claims)
    known = owners_of(session, [entry.account_id for entry in claims])
    for entry in claims:
        had = known.get(entry.account_id)
        was = (had.territory, had.rep) if had else ("", "")
        if was == (entry.territory, entry.rep) and had is not None:
            continue
        session.add(
            OwnershipChange(
                account_id=entry.account_id, effective_at=at, recorded_at=now(),
                plan_id=plan_id, plan_version=plan_version, former_territory=was[0],
                former_rep=was[1], territory=entry.territory, rep=entry.rep, rule=entry.rule,
                cause=cause,
            )
        )  # fmt: skip
        session.flush()
    session.execute(sa.text(_PRESENT), {"source": "account", "seq": before})
    return last_seq(session) - before


def owners_of(session: Session, account_ids: list[str]) -> dict[str, Owner]:
    """The present owners of many accounts, by account."""
    found: dict[str, Owner] = {}
    for start in range(0, len(account_ids), 500):  # SQLite takes so many names at a time
        some = account_ids[start : start + 500]
        query = sa.select(Owner).where(Owner.account_id.in_(some))
        found |= {row.account_id: row for row in session.scalars(query)}
    return found
