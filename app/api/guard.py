"""Where a request may come from; who is asking is for `access` to find out.

Without API keys everybody who reaches the service may do everything, so it must come from a
loopback address (unless `allow_remote`). In any case it must be addressed to an allowed host name
(a web site that points its own name at 127.0.0.1 is refused: DNS rebinding), and, where it changes
something, not come from a page of another site.
"""

from urllib.parse import urlsplit

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.context import Services
from app.api.problems import of_error
from app.errors import ForbiddenOriginError, UnavailableError
from app.settings import is_loopback
from geo.errors import BailiwickError

_SAFE = ("GET", "HEAD", "OPTIONS")
# Answers that are not pages need nothing; pages set a policy of their own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI middleware that refuses strangers and sets the security headers."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        """Wrap `app`."""
        self._app, self._services = app, services
        own = urlsplit(services.settings.public_url).hostname
        self._hosts = {*services.settings.allowed_hosts, *([own] if own else [])}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = await self._stranger(scope) or self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send_safely)
        else:
            await of_error(refusal)(scope, receive, send_safely)

    async def _stranger(self, scope: Scope) -> BailiwickError | None:
        client = scope.get("client")  # None on a Unix socket, which is this machine
        services = self._services
        if not client or services.settings.allow_remote or is_loopback(client[0]):
            return None
        try:
            if not services.guarded and services.keyring.is_stale:
                await run_in_threadpool(services.keyring.refresh)
        except UnavailableError as error:
            return error
        if services.guarded:
            return None
        return ForbiddenOriginError(
            "without API keys the service answers its own machine only",
            hint="Ask from the machine it runs on, or make a key: bailiwick keys create.",
        )

    def _refusal(self, scope: Scope) -> ForbiddenOriginError | None:
        headers = Headers(scope=scope)
        host = _name(f"//{headers.get('host', '')}")
        if host not in self._hosts:
            return ForbiddenOriginError(
                f"the service does not go by the name {host!r}",
                hint="Use http://localhost, or add the name to BAILIWICK_ALLOWED_HOSTS.",
            )
        origin = headers.get("origin")
        foreign = headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and _name(origin) not in self._hosts
        )
        if origin in self._services.settings.cors_origins:
            foreign = False
        if foreign and scope["method"] not in _SAFE:
            return ForbiddenOriginError(
                "a page of another web site may not change anything here",
                hint="Call the API from a program, or from the service's own pages.",
            )
        return None


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
