"""An HTTP client that talks to an app without a network, in plain synchronous calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from app.api.context import Services


class Client:
    """Asks the app; `services` are the app's own."""

    def __init__(self, portal: BlockingPortal, app: FastAPI) -> None:
        self._portal, self._app = portal, app
        self.services: Services = app.state.services

    def ask(
        self, method: str, url: str, *, peer: str = "127.0.0.1", **options: Any
    ) -> httpx.Response:
        return self._portal.call(partial(self._ask, method, url, peer, options))

    async def _ask(
        self, method: str, url: str, peer: str, options: dict[str, Any]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, client=(peer, 5000), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, url, **options)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.ask("GET", url, **options)

    def get_from(self, peer: str, url: str, **options: Any) -> httpx.Response:
        return self.ask("GET", url, peer=peer, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.ask("DELETE", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.ask("POST", url, **options)


@contextmanager
def running(app: FastAPI) -> Iterator[Client]:
    """The app from its start to its end."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        yield Client(portal, app)


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem body of a refused request, checked for its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"]
    assert body["detail"]
    assert "hint" in body
    return body
