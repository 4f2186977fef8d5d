"""API keys: made, found, revoked. The secret is shown once and only its hash is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import audit
from app.store.tables import ApiKey, now
from geo.errors import NotFoundError

PREFIX: Final = "bw_"
USED_EVERY: Final = timedelta(minutes=1)


def create(
    session: Session,
    *,
    name: str,
    role: str,
    actor: str,
    scopes: Collection[str] = (),
    region: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Add a key; returns its row and the key itself, which cannot be had again."""
    prefix = secrets.token_hex(6)
    key = f"{PREFIX}{prefix}_{secrets.token_hex(32)}"
    row = ApiKey(
        prefix=prefix,
        hash=_hash(key),
        name=name,
        role=role,
        scopes=sorted(scopes),
        region=region,
        created_by=actor,
        created_at=now(),
        expires_at=expires_at,
    )
    session.add(row)
    audit.record(session, actor, "key.create", prefix, {
        "name": name, "role": role, "scopes": sorted(scopes), "region": region,
        "expires_at": expires_at.isoformat() if expires_at else None,
    })  # fmt: skip
    return row, key


def prefix_of(key: str) -> str | None:
    """The public part of a key; None where it is no key of ours."""
    mark, _, rest = key.partition("_")
    prefix, found, secret = rest.partition("_")
    return prefix if f"{mark}_" == PREFIX and found and prefix and secret else None


def fits(row: ApiKey, key: str) -> bool:
    """Whether `key` is the one that `row` was made for, compared in constant time."""
    return hmac.compare_digest(row.hash, _hash(key))


def is_valid(row: ApiKey) -> bool:
    """Neither revoked nor expired."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now())


def listing(session: Session) -> list[ApiKey]:
    """All keys that ever were, oldest first."""
    return list(session.scalars(sa.select(ApiKey).order_by(ApiKey.created_at, ApiKey.prefix)))


def any_at_all(session: Session) -> bool:
    """Whether a key was ever made. Revoked ones count: keys in use stay in use."""
    return session.scalar(sa.select(sa.literal(True)).select_from(ApiKey).limit(1)) is not None


def revoke(session: Session, prefix: str, actor: str) -> ApiKey:
    """End a key now; one that is ended already stays as it is. Raises NotFoundError."""
    row = session.scalars(
        sa.select(ApiKey).where(ApiKey.prefix == prefix).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no key {prefix!r}", hint="GET /v1/keys lists the keys.")
    if row.revoked_at is None:
        row.revoked_at = now()
        audit.record(session, actor, "key.revoke", prefix, {"name": row.name})
    return row


def used(session: Session, prefix: str) -> None:
    """Note that a key was used, unless that was noted within the last minute."""
    moment = now()
    session.execute(
        sa.update(ApiKey)
        .where(
            ApiKey.prefix == prefix,
            sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= moment - USED_EVERY),
        )
        .values(last_used_at=moment)
    )


def _hash(key: str) -> str:
    # The secret has 256 random bits: there is nothing to guess that a slow hash would protect.
    return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
