"""How many requests one caller may make: a bucket of tokens for each, refilled at a steady rate."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.caller import LOCAL
from app.api.problems import of_error
from app.errors import TooManyRequestsError
from app.settings import Settings

_MOST_CALLERS: Final = 10_000
_FREE: Final = ("/healthz", "/readyz", "/metrics")


class Buckets:
    """Tokens of the callers; the ones not seen for longest are forgotten, which fills them."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        """`rate` tokens a second, `burst` at most."""
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token; 0, or the seconds after which there will be one."""
        now = self._clock()
        tokens, at = self._tokens.pop(caller, (float(self._burst), now))
        tokens = min(tokens + (now - at) * self._rate, self._burst)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._tokens[caller] = (tokens if wait else tokens - 1, now)
        if len(self._tokens) > _MOST_CALLERS:
            self._tokens.popitem(last=False)
        return wait


class RateLimit:
    """ASGI middleware that answers 429 with `Retry-After` to a caller who asks too often.

    It counts per process, and by key where the request came with one, else by address.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Wrap `app`."""
        self._app, self._rate = app, settings.rate_limit
        self._buckets = Buckets(settings.rate_limit, settings.rate_burst, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http" or not self._rate or scope["path"] in _FREE:
            await self._app(scope, receive, send)
            return
        wait = self._buckets.take(_who(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        error = TooManyRequestsError(
            f"more than {self._rate:g} requests a second",
            hint="Wait as long as Retry-After says, put more into one call, "
            "or raise BAILIWICK_RATE_LIMIT.",
            retry_after_s=math.ceil(wait),
        )
        await of_error(error)(scope, receive, send)


def _who(scope: Scope) -> str:
    caller = scope.get("state", {}).get("caller", LOCAL)
    if caller is not LOCAL:
        return f"key {caller.name}"
    client = scope.get("client")
    return client[0] if client else "local"
