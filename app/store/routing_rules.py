"""The planner's rules beside the map, by version, and the owners by name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, cast, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import audit
from app.store.ownership import chunks
from app.store.tables import OwnerOverride, RoutingPulse, RoutingRules, now
from sales.owners import Outside, OutsideRule, Override

DEFAULT = Outside()


def current(session: Session) -> tuple[int, Outside]:
    """The version in force and its rule for outside; version 0 is before any was set."""
    row = session.scalars(
        sa.select(RoutingRules).order_by(RoutingRules.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return 0, DEFAULT
    assert row.outside in get_args(OutsideRule)
    return row.version, Outside(cast("OutsideRule", row.outside), row.nearest_km, row.queue)


def history(session: Session, *, limit: int) -> list[RoutingRules]:
    """The versions, newest first."""
    query = sa.select(RoutingRules).order_by(RoutingRules.version.desc()).limit(limit)
    return list(session.scalars(query))


def change(session: Session, rules: Outside, actor: str) -> int:
    """Put other rules in force, with an audit entry; needs the lock. Returns their version."""
    version, former = current(session)
    session.add(
        RoutingRules(
            version=version + 1,
            outside=rules.rule,
            nearest_km=rules.nearest_km,
            queue=rules.queue,
            created_at=now(),
            created_by=actor,
        )
    )
    detail = {"version": version + 1, "from": _written(former), "to": _written(rules)}
    audit.record(session, actor, "routing.change", "routing", detail)
    beat(session)
    return version + 1


def _written(rules: Outside) -> dict[str, object]:
    return {"outside": rules.rule, "nearest_km": rules.nearest_km, "queue": rules.queue}


def override(session: Session, account: str, entry: Override, actor: str) -> OwnerOverride:
    """Give an account an owner whatever the geography, in place of an earlier entry.

    Needs the lock. The earlier one ends when this begins, which is never in the past. One that is
    there already, word for word, stays as it is.
    """
    moment = now()
    begins = max(entry.valid_from or moment, moment)  # the past is written already
    live = _live(session, account)
    for row in live:
        same = (row.kind, row.territory, row.rep, row.reason, row.valid_to) == (
            entry.kind, entry.territory, entry.rep, entry.reason, entry.valid_to
        )  # fmt: skip
        if same and max(row.valid_from, moment) == begins:
            return row
    _end(live, begins)
    made = OwnerOverride(
        account_id=account,
        kind=entry.kind,
        territory=entry.territory,
        rep=entry.rep,
        reason=entry.reason,
        valid_from=begins,
        valid_to=entry.valid_to,
        begun=False,
        over=False,
        created_at=now(),
        created_by=actor,
    )
    session.add(made)
    session.flush()
    detail = {
        "id": made.id, "kind": entry.kind, "territory": entry.territory, "rep": entry.rep,
        "reason": entry.reason, "valid_from": begins.isoformat(),
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else None,
    }  # fmt: skip
    audit.record(session, actor, "override.set", account, detail)
    beat(session)
    return made


def end_override(session: Session, account: str, actor: str) -> int:
    """End what is in force or to come for an account; needs the lock. How many there were."""
    live = _live(session, account)
    if live:
        _end(live, now())
        session.flush()
        audit.record(session, actor, "override.end", account, {"ids": [row.id for row in live]})
        beat(session)
    return len(live)


def _live(session: Session, account: str) -> list[OwnerOverride]:
    """The entries of an account that are not over by their own dates."""
    query = sa.select(OwnerOverride).where(
        OwnerOverride.account_id == account,
        sa.or_(OwnerOverride.valid_to.is_(None), OwnerOverride.valid_to > now()),
    )
    return list(session.scalars(query.order_by(OwnerOverride.id)))


def named(session: Session) -> set[str]:
    """The accounts that have an entry in force or to come."""
    valid = OwnerOverride.valid_to
    query = sa.select(OwnerOverride.account_id).where(sa.or_(valid.is_(None), valid > now()))
    return set(session.scalars(query))


def _end(rows: Sequence[OwnerOverride], at: datetime) -> None:
    for row in rows:
        # One that has not begun by then ends where it would begin, so it never holds.
        row.valid_to = max(min(row.valid_to or at, at), row.valid_from)


def overrides_of(
    session: Session, accounts: Iterable[str] | None = None
) -> dict[str, tuple[Override, ...]]:
    """The entries that are not over, by account, in the order in which they were made."""
    found: dict[str, tuple[Override, ...]] = {}
    for some in [None] if accounts is None else chunks(sorted(set(accounts))):
        query = sa.select(OwnerOverride).where(OwnerOverride.over.is_(False))
        if some is not None:
            query = query.where(OwnerOverride.account_id.in_(some))
        for row in session.scalars(query.order_by(OwnerOverride.id)):
            entry = entry_of(row)
            found[row.account_id] = (*found.get(row.account_id, ()), entry)
    return found


def entry_of(row: OwnerOverride) -> Override:
    """The entry of a row."""
    kind = cast("Literal['named', 'override']", row.kind)
    return Override(kind, row.territory, row.rep, row.reason, row.valid_from, row.valid_to)


def listing(
    session: Session, *, after: int, limit: int, account: str | None = None, past: bool = False
) -> list[OwnerOverride]:
    """Entries by id, those that are over only with `past`."""
    query = sa.select(OwnerOverride).where(OwnerOverride.id > after)
    if not past:
        valid = OwnerOverride.valid_to
        query = query.where(sa.or_(valid.is_(None), valid > now()))
    if account is not None:
        query = query.where(OwnerOverride.account_id == account)
    return list(session.scalars(query.order_by(OwnerOverride.id).limit(limit)))


def beat(session: Session) -> None:
    """Let other processes notice that rules or overrides have changed."""
    session.execute(sa.update(RoutingPulse).values(beats=RoutingPulse.beats + 1))
