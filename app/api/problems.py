"""Errors as RFC 9457 `application/problem+json` bodies, all of one shape."""

import json
import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.errors import HTTP_CODES, STATUS, UnauthenticatedError, UnavailableError, status_of
from geo.errors import BailiwickError

MEDIA_TYPE: Final = "application/problem+json"
_MOST_FIELDS: Final = 20
log = logging.getLogger("bailiwick")


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem body; `errors` lists single fields as {`field`, `message`}."""
    body: dict[str, Any] = {
        "type": f"urn:bailiwick:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
    }
    if errors:
        body["errors"] = list(errors)
    # ASCII escapes keep even half a surrogate pair that came with the request representable.
    return Response(json.dumps(body), status, media_type=MEDIA_TYPE, headers=headers)


def of_error(error: BailiwickError) -> Response:
    """The problem body of one of our own errors."""
    challenge = {"WWW-Authenticate": 'Bearer realm="bailiwick"'}
    headers = challenge if isinstance(error, UnauthenticatedError) else None
    return problem(status_of(error), error.code, error.message, error.hint, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of the app leave as a problem body."""
    app.add_exception_handler(BailiwickError, _deliberate)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)


def responses(*kinds: type[BailiwickError]) -> dict[int | str, dict[str, Any]]:
    """What an endpoint can answer besides success, for `/openapi.json`."""
    everything: tuple[type[BailiwickError], ...] = (*kinds, UnavailableError)
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        STATUS[kind]: {
            "description": f"`{kind.code}`: {(kind.__doc__ or '').splitlines()[0]}",
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for kind in everything
    }


async def _deliberate(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BailiwickError)
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s: %s", error.code, error.message, exc_info=error)
    return of_error(error)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Never the value itself: it may be NaN, half a surrogate pair, or a megabyte long.
    fields = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
        for item in error.errors()[:_MOST_FIELDS]
    ]
    first = fields[0] if fields else {"field": "request", "message": "not usable"}
    return problem(
        422,
        "invalid_request",
        f"{first['field']}: {first['message']}",
        "See /openapi.json for the fields of this endpoint.",
        errors=fields,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "bad_request")
    detail = re.sub(r"\s+", " ", str(error.detail))
    hint = {
        404: "See /openapi.json for the addresses that there are.",
        405: "See /openapi.json for the methods of this address.",
    }.get(error.status_code, "")
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path}"
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, detail, hint, headers=headers)


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return problem(
        500, "internal", "something went wrong on our side", "The service's log says more."
    )
