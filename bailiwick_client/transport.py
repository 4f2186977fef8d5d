"""Requests that are sent again where that helps and does no harm."""

import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from bailiwick_client.errors import UnreachableError, error_of

RETRIED: Final = (429, 502, 503, 504)
_LONGEST_PAUSE_S: Final = 60.0


class Transport:
    """Sends requests; a POST carries an `Idempotency-Key`, so that a repetition is done once."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        retries: int,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Use `client`; `retries` is how often a request is sent again."""
        self.client, self._retries, self._sleep = client, retries, sleep

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """The answer, if it is a good one; raises ApiError or UnreachableError."""
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        for trial in range(self._retries + 1):
            last = trial == self._retries
            try:
                response = self.client.request(method, url, headers=sent, **options)
            except httpx.TransportError as error:
                if last:
                    raise UnreachableError(f"no answer from {url}: {error}") from error
                self._sleep(_pause(trial, None))
                continue
            if response.is_success or response.status_code == 304:
                return response
            if last or response.status_code not in RETRIED:
                raise error_of(response)
            self._sleep(_pause(trial, response.headers.get("retry-after")))
        raise AssertionError("unreachable")  # pragma: no cover


def _pause(trial: int, retry_after: str | None) -> float:
    """Seconds to wait: what the service asks for, else longer each time, never all at once."""
    asked = _seconds(retry_after) if retry_after else None
    if asked is not None:
        return min(asked, _LONGEST_PAUSE_S)
    longest: float = min(0.5 * 2.0**trial, _LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1.0)


def _seconds(retry_after: str) -> float | None:
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
