"""Webhooks: made, rotated, enabled and removed."""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import audit, outbox
from app.store.jobs import new_id
from app.store.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage, now
from geo.errors import NotFoundError

FORMER_SECRET: Final = timedelta(hours=24)
MOST: Final = 100  # webhooks


def new_secret() -> str:
    """192 random bits in the form of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def create(
    session: Session, *, url: str, description: str, events: Sequence[str], actor: str, secret: str
) -> Webhook:
    """Add a webhook; `secret` as it is to be kept."""
    hook = Webhook(
        id=new_id("wh"),
        url=url,
        description=description,
        events=list(events),
        secret=secret,
        enabled=True,
        disabled_reason="",
        created_by=actor,
        created_at=now(),
    )
    session.add(hook)
    session.flush()
    audit.record(session, actor, "webhook.create", hook.id, {"url": url, "events": list(events)})
    return hook


def listing(session: Session) -> list[Webhook]:
    """All webhooks, oldest first."""
    return list(session.scalars(sa.select(Webhook).order_by(Webhook.created_at, Webhook.id)))


def get(session: Session, webhook_id: str, *, lock: bool = False) -> Webhook:
    """The webhook; raises NotFoundError."""
    query = sa.select(Webhook).where(Webhook.id == webhook_id)
    hook = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if hook is None:
        raise NotFoundError(
            f"there is no webhook {webhook_id!r}", hint="GET /v1/webhooks lists those there are."
        )
    return hook


def remove(session: Session, webhook_id: str, actor: str) -> None:
    """Remove a webhook with its deliveries."""
    hook = get(session, webhook_id, lock=True)
    session.execute(sa.delete(Webhook).where(Webhook.id == hook.id))
    audit.record(session, actor, "webhook.delete", webhook_id, {"url": hook.url})


def rotate(session: Session, webhook_id: str, actor: str, secret: str) -> Webhook:
    """Give it a new secret, as it is to be kept; the former one signs too for a day."""
    hook = get(session, webhook_id, lock=True)
    hook.former_secret, hook.former_until = hook.secret, now() + FORMER_SECRET
    hook.secret = secret
    audit.record(session, actor, "webhook.rotate", hook.id, {})
    return hook


def enable(session: Session, webhook_id: str, actor: str) -> Webhook:
    """Take a disabled webhook into use again, from now on."""
    hook = get(session, webhook_id, lock=True)
    hook.enabled, hook.disabled_reason, hook.failing_since = True, "", None
    audit.record(session, actor, "webhook.enable", hook.id, {})
    return hook


def deliveries(
    session: Session, webhook_id: str, *, limit: int, before: int | None = None
) -> list[tuple[WebhookDelivery, WebhookMessage]]:
    """Deliveries with their messages, newest first; `before` continues after that one."""
    query = (
        sa.select(WebhookDelivery, WebhookMessage)
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .where(WebhookDelivery.webhook_id == webhook_id)
        .order_by(WebhookDelivery.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(WebhookDelivery.seq < before)
    return [(row[0], row[1]) for row in session.execute(query)]


def attempts(session: Session, seqs: Sequence[int]) -> dict[int, list[WebhookAttempt]]:
    """Attempts at these deliveries, in order."""
    found: dict[int, list[WebhookAttempt]] = {seq: [] for seq in seqs}
    query = sa.select(WebhookAttempt).where(WebhookAttempt.delivery_seq.in_(seqs))
    for attempt in session.scalars(query.order_by(WebhookAttempt.id)):
        found[attempt.delivery_seq].append(attempt)
    return found


def redeliver(session: Session, webhook_id: str, seq: int, actor: str) -> WebhookDelivery:
    """Send a message again, under the id that it had: a receiver can tell that it is the same."""
    hook = get(session, webhook_id)
    former = session.get(WebhookDelivery, seq)
    if former is None or former.webhook_id != hook.id:
        raise NotFoundError(
            f"webhook {webhook_id!r} has no delivery {seq}",
            hint=f"GET /v1/webhooks/{webhook_id}/deliveries lists them.",
        )
    audit.record(session, actor, "webhook.redeliver", hook.id, {"message": former.message_id})
    return outbox.enqueue(session, hook.id, former.message_id)


def test(session: Session, webhook_id: str, actor: str) -> str:
    """Send a test message to this webhook only; the message's id."""
    hook = get(session, webhook_id)
    audit.record(session, actor, "webhook.test", hook.id, {})
    return outbox.send(session, [hook.id], outbox.TEST, {"webhook": hook.id})
