"""The outbox: what happened, written in the transaction in which it happens."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store.tables import Webhook, WebhookDelivery, WebhookMessage, now

EVENTS: Final = ("plan.published", "ownership.changed", "job.done", "job.failed", "job.cancelled")
TEST: Final = "webhook.test"  # goes to one webhook only, when asked for


def emit(session: Session, kind: str, data: Mapping[str, Any]) -> None:
    """Tell every enabled webhook that wants `kind`, if this transaction commits."""
    wanted = session.scalars(
        sa.select(Webhook).where(Webhook.enabled).order_by(Webhook.created_at, Webhook.id)
    )
    ids = [hook.id for hook in wanted if kind in hook.events]
    if ids:
        send(session, ids, kind, data)


def send(session: Session, webhook_ids: list[str], kind: str, data: Mapping[str, Any]) -> str:
    """Put a message on its way to these webhooks; its id."""
    moment = now()
    body = {"type": kind, "timestamp": moment.isoformat(), "data": dict(data)}
    # Kept as text: each attempt, however late, sends and signs the same bytes.
    payload = json.dumps(body, separators=(",", ":"), allow_nan=False)
    message = WebhookMessage(
        id=f"msg_{secrets.token_hex(12)}", type=kind, payload=payload, created_at=moment
    )
    session.add(message)
    session.flush()
    for webhook_id in webhook_ids:
        enqueue(session, webhook_id, message.id)
    return message.id


def enqueue(session: Session, webhook_id: str, message_id: str) -> WebhookDelivery:
    """A delivery of a message, due at once."""
    delivery = WebhookDelivery(
        webhook_id=webhook_id,
        message_id=message_id,
        state="pending",
        attempts=0,
        due_at=now(),
        created_at=now(),
    )
    session.add(delivery)
    session.flush()
    return delivery
