"""How large a request may be, whether or not it says so beforehand."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import of_error
from app.errors import PayloadTooLargeError
from app.settings import Settings

_UPLOADS = ("/v1/datasets",)


class SizeLimit:
    """ASGI middleware that answers 413 to a body above the limit of its address."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Wrap `app`."""
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["path"].rstrip("/") in _UPLOADS
        setting = "MAX_UPLOAD_MB" if upload else "MAX_BODY_MB"
        limit_mb = self._settings.max_upload_mb if upload else self._settings.max_body_mb
        limit = int(limit_mb * 1e6)
        error = PayloadTooLargeError(
            f"the request is larger than {limit_mb:g} MB",
            hint=f"Send less at a time, or raise BAILIWICK_{setting}.",
        )
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await of_error(error)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # The only kind of error that passes through the framework's body parser.
                raise HTTPException(413, f"{error.message}. {error.hint}")
            return message

        await self._app(scope, counted, send)
