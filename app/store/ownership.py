"""Whose each account is, and was: a log that only grows, and where it has come to.

Changes are added under one lock, so that `seq` becomes visible in its own order: whoever reads the
feed up to a number has missed nothing below it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import outbox
from app.store.tables import Owner, OwnershipChange, now

T = TypeVar("T")
_PER_QUERY: Final = 500  # SQLite takes so many values at a time
_LOCK = 0x6261_696C  # of PostgreSQL's advisory locks; SQLite has one writer at a time anyway


@dataclass(frozen=True)
class Claim:
    """Whose an account is to be from `since` on, "" being nobody, and by which rule."""

    account_id: str
    territory: str
    rep: str
    rule: str
    since: datetime


def lock(session: Session) -> None:
    """Hold the log until the transaction ends; take it before anything is read for a change."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


@contextmanager
def changing(session: Session) -> Iterator[None]:
    """Hold the log while owners change; in the end webhooks are told once, if any did."""
    lock(session)
    before = last_seq(session)
    yield
    session.flush()
    count = _added(session, before)
    if not count:
        return
    last = session.get_one(OwnershipChange, last_seq(session))
    outbox.emit(
        session, "ownership.changed",
        {"plan": last.plan_id, "version": last.plan_version, "changes": count,
         "since": before, "until": last.seq},
    )  # fmt: skip


def _added(session: Session, seq: int) -> int:
    """How many changes there are after `seq`; numbers may have been left out."""
    count = sa.select(sa.func.count()).where(OwnershipChange.seq > seq)
    return session.scalar(count) or 0


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


# Sent accounts and named ones have a say of their own, which `store.reroute` asks for.
_KEPT = """EXISTS (SELECT 1 FROM accounts s WHERE s.id = {id})
    OR EXISTS (SELECT 1 FROM overrides n WHERE n.account_id = {id} AND NOT n.over)"""
_CHANGED = f"""
INSERT INTO ownership_changes (account_id, effective_at, recorded_at, plan_id, plan_version,
    former_territory, former_rep, territory, rep, rule, cause)
SELECT a.record_id, :effective, :now, :plan, :version,
    COALESCE(o.territory, ''), COALESCE(o.rep, ''), a.territory_id, a.rep, a.rule, :cause
FROM assignments a LEFT JOIN owners o ON o.account_id = a.record_id
WHERE a.plan_id = :plan AND a.version = :version AND a.record_id <> ''
    AND (COALESCE(o.territory, '') <> a.territory_id OR COALESCE(o.rep, '') <> a.rep)
    AND NOT EXISTS (SELECT 1 FROM assignments b WHERE b.plan_id = a.plan_id
        AND b.version = a.version AND b.record_id = a.record_id AND b.position < a.position)
    AND NOT ({_KEPT.format(id="a.record_id")})
ORDER BY a.position
"""
_GONE = f"""
INSERT INTO ownership_changes (account_id, effective_at, recorded_at, plan_id, plan_version,
    former_territory, former_rep, territory, rep, rule, cause)
SELECT o.account_id, :effective, :now, :plan, :version, o.territory, o.rep, '', '', '', :cause
FROM owners o
WHERE (o.territory <> '' OR o.rep <> '')
    AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.plan_id = :plan
        AND a.version = :version AND a.record_id = o.account_id)
    AND NOT ({_KEPT.format(id="o.account_id")})
ORDER BY o.account_id
"""
_PRESENT = """
INSERT INTO owners (account_id, territory, rep, rule, since, seq)
SELECT account_id, territory, rep, rule, effective_at, seq
FROM ownership_changes WHERE seq > :seq
ON CONFLICT (account_id) DO UPDATE SET territory = excluded.territory, rep = excluded.rep,
    rule = excluded.rule, since = excluded.since, seq = excluded.seq
"""


def follow_plan(
    session: Session, plan_id: str, version: int, *, effective_at: datetime, cause: str
) -> int:
    """Make the accounts of a plan version its territories'; returns how many change hands.

    Of an id listed twice the first row counts. Accounts that the plan does not know any more
    become nobody's; sent and named ones stay as they are. `lock` must be held.
    """
    before = last_seq(session)
    values = {
        "plan": plan_id, "version": version, "cause": cause,
        "effective": effective_at, "now": now(),
    }  # fmt: skip
    session.execute(_timed(_CHANGED), values)
    session.execute(_timed(_GONE), values)
    session.execute(sa.text(_PRESENT), {"seq": before})
    return _added(session, before)


def _timed(statement: str) -> sa.TextClause:
    moments = (
        sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("effective", "now")
    )
    return sa.text(statement).bindparams(*moments)


def claim(
    session: Session, claims: Iterable[Claim], *, plan_id: str, plan_version: int, cause: str
) -> int:
    """Make accounts somebody's, one claim for each; returns how many change hands.

    `lock` must be held.
    """
    claims, before = list(claims), last_seq(session)
    known = owners_of(session, [entry.account_id for entry in claims])
    recorded_at = now()
    rows = []
    for entry in claims:
        had = known.get(entry.account_id)
        was = (had.territory, had.rep) if had else ("", "")
        if was != (entry.territory, entry.rep):
            rows.append({
                "account_id": entry.account_id, "effective_at": entry.since,
                "recorded_at": recorded_at, "plan_id": plan_id, "plan_version": plan_version,
                "former_territory": was[0], "former_rep": was[1], "territory": entry.territory,
                "rep": entry.rep, "rule": entry.rule, "cause": cause,
            })  # fmt: skip
    for some in chunks(rows):
        session.execute(sa.insert(OwnershipChange), some)
    session.execute(sa.text(_PRESENT), {"seq": before})
    return len(rows)


def owners_of(session: Session, account_ids: Iterable[str]) -> dict[str, Owner]:
    """The present owners of many accounts, by account."""
    found: dict[str, Owner] = {}
    for some in chunks(list(account_ids)):
        query = sa.select(Owner).where(Owner.account_id.in_(some))
        query = query.execution_options(populate_existing=True)
        found |= {row.account_id: row for row in session.scalars(query)}
    return found


def chunks(values: Sequence[T], size: int = _PER_QUERY) -> Iterator[Sequence[T]]:
    """The values, some at a time: a statement holds so many parameters only."""
    return (values[start : start + size] for start in range(0, len(values), size))
