"""One attempt at a delivery: signed, sent, and what was answered."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final

import httpx
from standardwebhooks import Webhook

from app.errors import WebhookAddressError
from app.store.deliveries import Due, Outcome
from app.webhooks.address import Target, resolved

MOST_ANSWER: Final = 16_384  # bytes of an answer that are read
_SHOWN: Final = 500  # characters of it that are kept


def signed_headers(due: Due, moment: datetime) -> dict[str, str]:
    """The headers of the Standard Webhooks specification; one signature per secret."""
    signatures = [
        Webhook(secret).sign(due.message_id, moment, due.payload) for secret in due.secrets
    ]
    return {
        "webhook-id": due.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": f"Bailiwick/{version('bailiwick')}",
    }


def attempt(due: Due, *, timeout_s: float, allow_private: bool) -> Outcome:
    """Send once. Redirects are not followed, and no proxy of the environment is used."""
    began = time.monotonic()

    def outcome(
        status: int | None, error: str, answer: str = "", wait: float | None = None
    ) -> Outcome:
        return Outcome(status, error, answer, round(time.monotonic() - began, 3), wait)

    try:
        target = resolved(due.url, allow_private=allow_private)
    except WebhookAddressError as error:
        return outcome(None, error.message)
    headers = signed_headers(due, datetime.now(UTC)) | {"host": target.host}
    try:
        # An event loop of its own, because only there a deadline covers the whole exchange.
        status, answer, wait = asyncio.run(_post(target, due.payload, headers, timeout_s))
    except TimeoutError:
        return outcome(None, f"no answer within {timeout_s:g} seconds")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        return outcome(None, f"{type(error).__name__}: {error}"[:_SHOWN])
    if 200 <= status < 300:
        return outcome(status, "", answer)
    return outcome(status, f"answered {status}", answer, wait)


async def _post(
    target: Target, payload: str, headers: dict[str, str], timeout_s: float
) -> tuple[int, str, float | None]:
    async with (
        asyncio.timeout(timeout_s),
        httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            target.url,
            content=payload.encode(),
            headers=headers,
            extensions={"sni_hostname": target.name},
        ) as response,
    ):
        content = b""
        async for piece in response.aiter_raw():
            content += piece
            if len(content) >= MOST_ANSWER:
                break
    text = content[:MOST_ANSWER].decode("utf-8", "replace").replace("\0", "\ufffd")
    return response.status_code, text[:_SHOWN], _retry_after(response.headers)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
