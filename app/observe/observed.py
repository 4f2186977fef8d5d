"""The outermost layer: gives each request its id, times it, logs it, and catches our defects."""

import logging
import time
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import unexpected
from app.observe import request_id
from app.observe.logs import place, route_of
from app.observe.metrics import Metrics

_QUIET: Final = ("/healthz", "/readyz", "/metrics", "/static")  # asked every few seconds
log = logging.getLogger("bailiwick.request")


class Observed:
    """ASGI middleware around all others; a HEAD is answered as the GET it stands for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap `app`."""
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and tell of it afterwards."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own_id = request_id.of_header(Headers(scope=scope).get(request_id.HEADER, ""))
        request_id.CURRENT.set(own_id)
        head = scope["method"] == "HEAD"
        inner = dict(scope, method="GET" if head else scope["method"])
        inner["state"] = {**scope.get("state", {}), "request_id": own_id}
        began, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[request_id.HEADER] = own_id
                await send(message)
                if head:  # the rest, which may be a stream without an end, is not asked for
                    await send({"type": "http.response.body", "body": b""})
            elif not head:
                await send(message)

        try:
            await self._app(inner, receive, watched)
        except Exception:
            log.exception("%s %s failed", scope["method"], place(inner))
            if status:
                raise  # half of an answer has left: only the connection's end can say so
            await unexpected()(inner, receive, watched)
        finally:
            self._tell(scope["method"], inner, status or 499, time.perf_counter() - began)

    def _tell(self, method: str, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = method if method in _METHODS else "other"
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        quiet = route in _QUIET and status < HTTPStatus.INTERNAL_SERVER_ERROR
        level = logging.DEBUG if quiet else logging.INFO
        what = {"method": method, "path": place(scope), "status": status}
        what |= {"duration_ms": round(seconds * 1000, 1)}
        log.log(level, "%s %s %d", method, what["path"], status, extra=what)


_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
