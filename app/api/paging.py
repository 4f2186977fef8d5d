"""Addresses in headers: the next page of a listing as a `Link` (RFC 8288), and `Location`.

They are relative to the service, or absolute where the settings say how it is reached.
"""

from contextvars import ContextVar
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A list, because an endpoint may run in a thread, with a copy of the context.
_NEXT: Final[ContextVar[list[str]]] = ContextVar("next_page")


def note_next(url: str | None) -> None:
    """Take note of the next page's address; every `Page` does when it is made."""
    if url is not None and (found := _NEXT.get(None)) is not None:
        found[:] = [url]


class Links:
    """ASGI middleware that sends the noted address along, and completes addresses."""

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        """Wrap `app`."""
        self._app, self._public_url = app, public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the header."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found: list[str] = []
        _NEXT.set(found)

        async def linked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if found:
                    headers.append("Link", f'<{self._public_url}{found[0]}>; rel="next"')
                if self._public_url and headers.get("Location", "").startswith("/"):
                    headers["Location"] = self._public_url + headers["Location"]
            await send(message)

        await self._app(scope, receive, linked)
