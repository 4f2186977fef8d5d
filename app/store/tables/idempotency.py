"""Requests that were answered, so that a repetition gets the same answer and does nothing."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class IdempotencyKey(Base):
    """A request with an `Idempotency-Key`: written in the transaction that does its work."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.Index("ix_idempotency_keys_at", "at"),)

    caller: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)  # method and address
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]  # of the body
    at: Mapped[datetime]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
