"""The log of owners: from when on an account is whose, in an order that readers can rely on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store.tables import OwnershipChange, now

T = TypeVar("T")
_LOCK: Final = 0x0B41171C  # any number that nothing else locks
_PER_QUERY: Final = 500


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an account is, "" being nobody, and by which rule."""

    territory: str = ""
    rep: str = ""
    rule: str = ""


NOBODY: Final = Owner()


def lock(session: Session) -> None:
    """Wait for others that change owners; held until the transaction ends.

    Sequence numbers are drawn before they can be seen. Without the lock a reader could see 12, move
    its cursor there, and miss 11, which is committed later. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def owners(
    session: Session, accounts: Iterable[str], at: datetime | None = None
) -> dict[str, OwnershipChange]:
    """The last change of each account that took effect until `at` (None: now)."""
    moment = at or now()
    found: dict[str, OwnershipChange] = {}
    for some in chunks(list(accounts)):
        rank = (
            sa.func.row_number()
            .over(
                partition_by=OwnershipChange.account_id,
                order_by=(OwnershipChange.effective_at.desc(), OwnershipChange.seq.desc()),
            )
            .label("rank")
        )
        ranked = (
            sa.select(OwnershipChange.seq, rank)
            .where(OwnershipChange.account_id.in_(some), OwnershipChange.effective_at <= moment)
            .subquery()
        )
        query = sa.select(OwnershipChange).join(ranked, ranked.c.seq == OwnershipChange.seq)
        for change in session.scalars(query.where(ranked.c.rank == 1)):
            found[change.account_id] = change
    return found


def append(
    session: Session,
    changes: Mapping[str, tuple[Owner, Owner]],
    *,
    plan: tuple[str, int],
    effective_at: datetime,
    cause: str,
) -> int:
    """Log (former, new) owners by account where territory or rep differ; needs the lock.

    Returns how many were logged.
    """
    recorded_at = now()
    rows = [
        {
            "account_id": account, "effective_at": effective_at, "recorded_at": recorded_at,
            "plan_id": plan[0], "plan_version": plan[1],
            "former_territory": former.territory, "former_rep": former.rep,
            "territory": new.territory, "rep": new.rep, "rule": new.rule, "cause": cause,
        }
        for account, (former, new) in changes.items()
        if (former.territory, former.rep) != (new.territory, new.rep)
    ]  # fmt: skip
    for some in chunks(rows):
        session.execute(sa.insert(OwnershipChange), some)
    return len(rows)


def since(session: Session, seq: int, *, limit: int) -> list[OwnershipChange]:
    """The changes after `seq`, in their order."""
    query = sa.select(OwnershipChange).where(OwnershipChange.seq > seq)
    return list(session.scalars(query.order_by(OwnershipChange.seq).limit(limit)))


def chunks(values: Sequence[T], size: int = _PER_QUERY) -> Iterator[Sequence[T]]:
    """The values, some at a time: a statement holds so many parameters only."""
    return (values[start : start + size] for start in range(0, len(values), size))
