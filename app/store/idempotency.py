"""Keys of requests that were answered. A key commits together with the work that it guards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import IdempotencyKeyReusedError
from app.store.tables import IdempotencyKey, now


@dataclass(frozen=True)
class Asked:
    """A request: who sent which key to which address (`route`), and the digest of the body."""

    caller: str
    route: str
    key: str
    digest: str

    def where(self) -> dict[str, str]:
        """What tells requests apart."""
        return {"caller": self.caller, "route": self.route, "key": self.key}


def answered(session: Session, asked: Asked, *, since: datetime) -> IdempotencyKey | None:
    """The answer that the request had since then, or None.

    Raises IdempotencyKeyReusedError where the key came with another body.
    """
    found = session.get(IdempotencyKey, tuple(asked.where().values()))
    if found is None or found.at < since:
        return None
    if found.digest != asked.digest:
        raise IdempotencyKeyReusedError(
            f"the Idempotency-Key {asked.key!r} came before with another request",
            hint="Take a new key for a new request, and the same key only to repeat the same one.",
        )
    return found


def claim(session: Session, asked: Asked, *, since: datetime) -> IdempotencyKey | None:
    """Make the key this transaction's; or the answer of the request that had it before.

    Waits while another transaction has the key. Raises IdempotencyKeyReusedError.
    """
    expired = sa.delete(IdempotencyKey).filter_by(**asked.where()).where(IdempotencyKey.at < since)
    session.execute(expired)
    values = asked.where() | {
        "digest": asked.digest, "at": now(), "status": 0, "headers": {}, "body": b"",
    }  # fmt: skip
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert: Any = dialect.insert(IdempotencyKey).values(values).on_conflict_do_nothing()
    if session.execute(insert.returning(IdempotencyKey.key)).first() is not None:
        return None
    return answered(session, asked, since=since)


def keep(
    session: Session, asked: Asked, *, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Keep the answer beside the key that this transaction has claimed."""
    session.execute(
        sa.update(IdempotencyKey)
        .filter_by(**asked.where())
        .values(status=status, headers=dict(headers), body=body)
    )


def forget(session: Session, *, before: datetime) -> None:
    """Forget the keys of requests before that moment."""
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.at < before))
