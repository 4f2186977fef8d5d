"""Deliveries that are due: taken by one dispatcher at a time, and what came of them."""

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import audit
from app.store.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage, now

# After each failed attempt, as the Standard Webhooks specification suggests: some 75 hours in all.
_MINUTE, _HOUR = 60, 3600
SCHEDULE_S: Final = (
    5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR,
    24 * _HOUR,
)  # fmt: skip
_JITTER: Final = 0.2
_LONGEST_WAIT: Final = timedelta(hours=24)
_GONE: Final = 410
PER_WEBHOOK: Final = 2  # deliveries taken at once


@dataclass(frozen=True)
class Due:
    """A delivery that was taken: what to send where, and the secrets to sign with."""

    seq: int
    lease: str
    webhook_id: str
    message_id: str
    url: str
    payload: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `status` None: no answer; `error` "" where it was taken."""

    status: int | None
    error: str
    answer: str
    seconds: float
    retry_after_s: float | None = None


def any_due(session: Session) -> bool:
    """Whether there may be something to do; a look without a lock."""
    due = sa.and_(WebhookDelivery.state == "pending", WebhookDelivery.due_at <= now())
    query = sa.select(WebhookDelivery.seq).join(Webhook).where(due, Webhook.enabled)
    return session.scalars(query.limit(1)).first() is not None


def claim(session: Session, *, limit: int, lease_s: float) -> list[Due]:
    """Take deliveries that are due and that nobody holds, the oldest first, two per webhook.

    So a webhook that does not answer cannot keep the others waiting.
    """
    moment = now()
    free = (
        WebhookDelivery.state == "pending",
        WebhookDelivery.due_at <= moment,
        sa.or_(WebhookDelivery.lease_until.is_(None), WebhookDelivery.lease_until < moment),
    )
    turn = sa.func.row_number().over(
        partition_by=WebhookDelivery.webhook_id,
        order_by=(WebhookDelivery.due_at, WebhookDelivery.seq),
    )
    queued = sa.select(WebhookDelivery.seq, turn.label("turn")).where(*free).subquery()
    query = (
        sa.select(WebhookDelivery, WebhookMessage.payload, Webhook)
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            *free,
            Webhook.enabled,
            WebhookDelivery.seq.in_(sa.select(queued.c.seq).where(queued.c.turn <= PER_WEBHOOK)),
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.seq)
        .limit(limit)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    )
    taken = []
    for delivery, payload, hook in session.execute(query):
        delivery.lease, delivery.lease_until = (
            secrets.token_hex(8),
            moment + timedelta(seconds=lease_s),
        )
        signing: tuple[str, ...] = (hook.secret,)
        if hook.former_secret and hook.former_until and hook.former_until > moment:
            signing += (hook.former_secret,)
        taken.append(
            Due(
                delivery.seq, delivery.lease, hook.id, delivery.message_id, hook.url, payload,
                signing,
            )
        )  # fmt: skip
    return taken


def settle(session: Session, due: Due, outcome: Outcome, *, disable_after: timedelta) -> None:
    """Write down an attempt, and when the next is due.

    A webhook that fails for longer than `disable_after`, or answers 410, is disabled. Nothing is
    written where the delivery is held by another by now.
    """
    held = (WebhookDelivery.seq == due.seq, WebhookDelivery.lease == due.lease)
    delivery = session.scalars(
        sa.select(WebhookDelivery).where(*held).with_for_update()
    ).one_or_none()
    hook = session.scalars(
        sa.select(Webhook).where(Webhook.id == due.webhook_id).with_for_update()
    ).one_or_none()
    if delivery is None or hook is None:
        return
    moment = now()
    delivery.lease = delivery.lease_until = None
    delivery.attempts += 1
    session.add(
        WebhookAttempt(
            delivery_seq=due.seq,
            at=moment,
            seconds=outcome.seconds,
            status=outcome.status,
            error=outcome.error,
            answer=outcome.answer,
        )
    )
    if not outcome.error:
        delivery.state, hook.failing_since = "delivered", None
        return
    hook.failing_since = hook.failing_since or moment
    if delivery.attempts > len(SCHEDULE_S):
        delivery.state = "failed"
    else:
        delivery.due_at = moment + _wait(delivery.attempts, outcome.retry_after_s)
    if outcome.status == _GONE:
        _disable(session, hook, "it answered 410: gone for good")
    elif moment - hook.failing_since >= disable_after:
        _disable(session, hook, f"nothing was taken since {hook.failing_since.isoformat()}")


def _wait(attempts: int, retry_after_s: float | None) -> timedelta:
    """How long until the next attempt: later by up to a fifth, so that retries spread out."""
    seconds = SCHEDULE_S[attempts - 1] * (1 + _JITTER * random.random())
    wait = timedelta(seconds=max(seconds, retry_after_s or 0.0))
    return min(wait, _LONGEST_WAIT * (1 + _JITTER))


def _disable(session: Session, hook: Webhook, reason: str) -> None:
    hook.enabled, hook.disabled_reason = False, reason
    audit.record(session, "dispatcher", "webhook.disable", hook.id, {"reason": reason})


def forget(session: Session, before: datetime) -> int:
    """Remove deliveries that were over, and messages made, before a moment; how many deliveries."""
    old = sa.select(WebhookDelivery.seq).where(
        WebhookDelivery.state != "pending", WebhookDelivery.created_at < before
    )
    session.execute(sa.delete(WebhookAttempt).where(WebhookAttempt.delivery_seq.in_(old)))
    removed = session.execute(
        sa.delete(WebhookDelivery)
        .where(WebhookDelivery.state != "pending", WebhookDelivery.created_at < before)
        .returning(WebhookDelivery.seq)
    ).all()
    used = sa.select(WebhookDelivery.message_id)
    session.execute(
        sa.delete(WebhookMessage).where(
            WebhookMessage.created_at < before, WebhookMessage.id.not_in(used)
        )
    )
    return len(removed)
