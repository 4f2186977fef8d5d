"""Webhooks: who is told of what happens here."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from app.api.caller import C
from app.api.context import S
from app.api.problems import responses
from app.api.schemas import Asked, Text
from app.errors import InvalidRequestError, WebhookAddressError
from app.store import webhooks
from app.store.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage
from app.webhooks.address import MOST_URL, checked_url
from geo.errors import NotFoundError

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Event = Literal["plan.published", "ownership.changed", "job.done", "job.failed", "job.cancelled"]


class WebhookIn(Asked):
    """Where to send what."""

    url: Annotated[str, Field(max_length=MOST_URL, examples=["https://crm.example.com/hooks"])]
    events: Annotated[list[Event], Field(min_length=1, max_length=20)]
    description: Annotated[Text, Field(max_length=500)] = ""


class WebhookOut(BaseModel):
    """A webhook without its secret."""

    id: str
    url: str
    description: str
    events: list[str]
    enabled: bool
    disabled_reason: str
    failing_since: datetime | None
    created_by: str
    created_at: datetime


class NewWebhook(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(description="whsec_… of the Standard Webhooks specification")


class Webhooks(BaseModel):
    """All webhooks, oldest first."""

    webhooks: list[WebhookOut]


class AttemptOut(BaseModel):
    """One try: `status` of the answer, null where there was none, and how it began."""

    at: datetime
    seconds: float
    status: int | None
    error: str
    answer: str


class DeliveryOut(BaseModel):
    """A message on its way, with the tries so far."""

    id: int
    message: str = Field(description="the header webhook-id")
    type: str
    state: Literal["pending", "delivered", "failed"]
    due_at: datetime | None
    created_at: datetime
    attempts: list[AttemptOut]


class Deliveries(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryOut]
    next: str | None


class Sent(BaseModel):
    """A message was put on its way."""

    message: str


def _shown(hook: Webhook) -> dict[str, Any]:
    return {name: getattr(hook, name) for name in WebhookOut.model_fields}


def _out(hook: Webhook) -> WebhookOut:
    return WebhookOut.model_validate(_shown(hook))


def _new(hook: Webhook, secret: str, response: Response) -> NewWebhook:
    response.headers["Cache-Control"] = "no-store"
    return NewWebhook.model_validate(_shown(hook) | {"secret": secret})


@router.post("", status_code=201, responses=responses(WebhookAddressError, InvalidRequestError))
def create(services: S, caller: C, asked: WebhookIn, response: Response) -> NewWebhook:
    """Be told of events. The secret that signs the messages is in this answer and nowhere else."""
    secret = webhooks.new_secret()
    url = checked_url(asked.url, allow_private=services.settings.webhook_allow_private)
    with services.database.write() as session:
        if len(webhooks.listing(session)) >= webhooks.MOST:
            raise InvalidRequestError(
                f"there are {webhooks.MOST} webhooks already", hint="Delete one first."
            )
        hook = webhooks.create(
            session,
            url=url,
            description=asked.description,
            events=sorted(set(asked.events)),
            actor=caller.name,
            secret=services.vault.close(secret),
        )
    response.headers["Location"] = f"/v1/webhooks/{hook.id}"
    return _new(hook, secret, response)


@router.get("")
def listing(services: S) -> Webhooks:
    """All webhooks; never a secret."""
    with services.database.read() as session:
        return Webhooks(webhooks=[_out(hook) for hook in webhooks.listing(session)])


@router.get("/{webhook_id}", responses=responses(NotFoundError))
def webhook(services: S, webhook_id: str) -> WebhookOut:
    """One webhook, and whether it works."""
    with services.database.read() as session:
        return _out(webhooks.get(session, webhook_id))


@router.delete("/{webhook_id}", status_code=204, responses=responses(NotFoundError))
def remove(services: S, caller: C, webhook_id: str) -> None:
    """Tell it nothing more; its log of deliveries goes with it."""
    with services.database.write() as session:
        webhooks.remove(session, webhook_id, caller.name)


@router.post("/{webhook_id}/rotate", responses=responses(NotFoundError))
def rotate(services: S, caller: C, webhook_id: str, response: Response) -> NewWebhook:
    """Give it a new secret. For a day messages carry a signature by the former one as well."""
    secret = webhooks.new_secret()
    with services.database.write() as session:
        hook = webhooks.rotate(session, webhook_id, caller.name, services.vault.close(secret))
    return _new(hook, secret, response)


@router.post("/{webhook_id}/enable", responses=responses(NotFoundError))
def enable(services: S, caller: C, webhook_id: str) -> WebhookOut:
    """Take a webhook that was disabled into use again."""
    with services.database.write() as session:
        return _out(webhooks.enable(session, webhook_id, caller.name))


@router.post("/{webhook_id}/test", status_code=202, responses=responses(NotFoundError))
def test(services: S, caller: C, webhook_id: str) -> Sent:
    """Send it a message of the type `webhook.test`."""
    with services.database.write() as session:
        return Sent(message=webhooks.test(session, webhook_id, caller.name))


@router.get("/{webhook_id}/deliveries", responses=responses(NotFoundError))
def deliveries(
    services: S,
    webhook_id: str,
    *,
    limit: Annotated[int, Query(ge=1, description="rows on the page, up to the setting")] = 100,
    before: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="delivery to continue behind")
    ] = None,
) -> Deliveries:
    """What was sent, what is on its way, and what came of it, newest first."""
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        webhooks.get(session, webhook_id)
        rows = webhooks.deliveries(session, webhook_id, limit=limit + 1, before=before)
        tries = webhooks.attempts(session, [delivery.seq for delivery, _ in rows[:limit]])
    following = None
    if len(rows) > limit:
        last = rows[limit - 1][0].seq
        following = f"/v1/webhooks/{webhook_id}/deliveries?limit={limit}&before={last}"
    found = [_delivery(d, message, tries[d.seq]) for d, message in rows[:limit]]
    return Deliveries(deliveries=found, next=following)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    status_code=202,
    responses=responses(NotFoundError),
)
def redeliver(
    services: S, caller: C, webhook_id: str, delivery_id: Annotated[int, Path(ge=0, le=2**31 - 1)]
) -> Sent:
    """Send a message again, under the `webhook-id` that it had."""
    with services.database.write() as session:
        delivery = webhooks.redeliver(session, webhook_id, delivery_id, caller.name)
    return Sent(message=delivery.message_id)


def _delivery(
    delivery: WebhookDelivery, message: WebhookMessage, tries: list[WebhookAttempt]
) -> DeliveryOut:
    return DeliveryOut(
        id=delivery.seq,
        message=message.id,
        type=message.type,
        state=delivery.state,  # type: ignore[arg-type]
        due_at=delivery.due_at if delivery.state == "pending" else None,
        created_at=delivery.created_at,
        attempts=[
            AttemptOut(at=t.at, seconds=t.seconds, status=t.status, error=t.error, answer=t.answer)
            for t in tries
        ],
    )
