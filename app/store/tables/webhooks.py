"""Webhooks: who wants to be told, what happened, and how telling went."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class Webhook(Base):
    """An address that is told of `events`, signed with `secret`.

    After a rotation `former_secret` signs too, until `former_until`. `failing_since` is the first
    failure since the last success; one that fails for long is `disabled`, with the reason.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str]
    events: Mapped[list[Any]]
    secret: Mapped[str]
    former_secret: Mapped[str | None]
    former_until: Mapped[datetime | None]
    enabled: Mapped[bool]
    disabled_reason: Mapped[str] = mapped_column(default="")
    failing_since: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """Something that happened, in the bytes that every receiver gets. The outbox."""

    __tablename__ = "webhook_messages"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    payload: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class WebhookDelivery(Base):
    """A message on its way to a webhook: `pending`, `delivered` or `failed`.

    Whoever delivers it holds it until `lease_until`, under `lease`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
        sa.Index("ix_webhook_deliveries_due", "state", "due_at"),
        sa.Index("ix_webhook_deliveries_webhook", "webhook_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(sa.ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("webhook_messages.id"))
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookAttempt(Base):
    """One try at a delivery: `status` of the answer, None where none came; `error`: why not."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (sa.Index("ix_webhook_attempts_delivery", "delivery_seq", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_seq: Mapped[int] = mapped_column(
        sa.ForeignKey("webhook_deliveries.seq", ondelete="CASCADE")
    )
    at: Mapped[datetime]
    seconds: Mapped[float] = mapped_column(sa.Double)
    status: Mapped[int | None]
    error: Mapped[str]
    answer: Mapped[str]
