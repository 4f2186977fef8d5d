"""`Idempotency-Key`: a request sent twice is done once, and both times answered alike.

An endpoint takes `once: O`, does its work in `with once.write(services.database) as session` and
ends it with `return once.answer(session, …)`. The key is kept in the same transaction as the work,
so that there is never one without the other; a repetition that comes meanwhile waits for it. What
was refused is not kept: it may be tried again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.answered import Answered
from app.api.caller import C
from app.errors import InvalidRequestError
from app.store import idempotency
from app.store.database import Database
from app.store.idempotency import Asked
from app.store.tables import IdempotencyKey, now

_LONGEST: Final = 255
Key = Annotated[
    str | None, Header(description="sent again with the same key, the request is done once")
]


@dataclass(frozen=True)
class Once:
    """The request's key, if it has one, and what it guards."""

    asked: Asked | None
    keep_for: timedelta

    def about(self, digest: str) -> "Once":
        """The same for a body that is told apart by `digest`, such as an upload."""
        return (
            self if self.asked is None else replace(self, asked=replace(self.asked, digest=digest))
        )

    def check(self, database: Database) -> None:
        """Spare the work if it was done before; raises Answered, IdempotencyKeyReusedError."""
        if self.asked is None:
            return
        with database.read() as session:
            kept = idempotency.answered(session, self.asked, since=now() - self.keep_for)
        if kept is not None:
            raise _replayed(kept)

    @contextmanager
    def write(self, database: Database) -> Iterator[Session]:
        """The transaction of the work; raises Answered, IdempotencyKeyReusedError."""
        with database.write() as session:
            if self.asked is not None:
                kept = idempotency.claim(session, self.asked, since=now() - self.keep_for)
                if kept is not None:
                    raise _replayed(kept)
            yield session

    def answer(
        self,
        session: Session,
        status: int,
        body: BaseModel | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer, kept in the transaction of the work; `body` as bytes is JSON already."""
        content = body if isinstance(body, bytes) else body.model_dump_json().encode()
        headers = {"Content-Type": "application/json"} | dict(headers or {})
        if self.asked is not None:
            idempotency.keep(session, self.asked, status=status, headers=headers, body=content)
        return Response(content, status, headers=headers)


async def _once(request: Request, caller: C, idempotency_key: Key = None) -> Once:
    keep_for = timedelta(hours=request.app.state.services.settings.idempotency_hours)
    if idempotency_key is None:
        return Once(None, keep_for)
    if not (0 < len(idempotency_key) <= _LONGEST and idempotency_key.isprintable()):
        raise InvalidRequestError(
            f"the Idempotency-Key is not 1 to {_LONGEST} printable characters",
            hint="Take a random one for each request, such as a UUID.",
        )
    # Uploads are told apart by `about`: their body has been taken apart already.
    form = request.headers.get("content-type", "").startswith("multipart/")
    digest = hashlib.sha256(b"" if form else await request.body())
    digest.update(request.headers.get("if-match", "").encode())
    route = f"{request.method} {request.url.path}?{request.url.query}"
    return Once(Asked(caller.name, route, idempotency_key, digest.hexdigest()), keep_for)


O = Annotated[Once, Depends(_once)]  # noqa: E741


def _replayed(kept: IdempotencyKey) -> Answered:
    headers = dict(kept.headers) | {"Idempotency-Replayed": "true"}
    return Answered(Response(kept.body, kept.status, headers=headers))
