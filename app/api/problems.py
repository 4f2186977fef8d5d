"""Errors as RFC 9457 `application/problem+json` bodies, all of one shape."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Mount, compile_path

from app.api.negotiation import wrong_body
from app.errors import (
    HTTP_CODES,
    STATUS,
    PreconditionFailedError,
    UnauthenticatedError,
    UnavailableError,
    status_of,
)
from app.observe import request_id
from geo.errors import BailiwickError

MEDIA_TYPE: Final = "application/problem+json"
_MOST_FIELDS: Final = 20
_HINTS: Final = {
    404: "See /openapi.json for the addresses that there are.",
    405: "See /openapi.json for the methods of this address.",
    406: "Leave the Accept header away, or name one of these kinds.",
    415: "Say what the body is in the Content-Type header.",
}
log = logging.getLogger("bailiwick")


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem body; `errors` lists single fields as {`field`, `message`}, `more` is added."""
    body: dict[str, Any] = {
        "type": f"urn:bailiwick:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "request_id": request_id.CURRENT.get(),
    }
    if errors:
        body["errors"] = list(errors)
    body |= more or {}
    # ASCII escapes keep even half a surrogate pair that came with the request representable.
    return Response(json.dumps(body), status, media_type=MEDIA_TYPE, headers=headers)


def of_error(error: BailiwickError) -> Response:
    """The problem body of one of our own errors."""
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="bailiwick"'
    if isinstance(error, PreconditionFailedError):
        headers["ETag"] = error.etag
    if (wait := getattr(error, "retry_after_s", None)) is not None:
        headers["Retry-After"] = str(wait)
    return problem(status_of(error), error.code, error.message, error.hint, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of the app leave as a problem body."""
    app.add_exception_handler(BailiwickError, _deliberate)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)


def responses(*kinds: type[BailiwickError]) -> dict[int | str, dict[str, Any]]:
    """What an endpoint can answer besides success, for `/openapi.json`."""
    found: dict[int | str, dict[str, Any]] = {}
    everything: tuple[type[BailiwickError], ...] = (*kinds, UnavailableError)
    for kind in everything:
        said = f"`{kind.code}`: {(kind.__doc__ or '').splitlines()[0]}"
        known = found.setdefault(STATUS[kind], {"description": "", "x-codes": []})
        known["description"] = " ".join(filter(None, (known["description"], said)))
        known["x-codes"].append(kind.code)
    return found


async def _deliberate(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BailiwickError)
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s: %s", error.code, error.message, exc_info=error)
    return of_error(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    refusal = wrong_body(request)
    if refusal is not None and any(item["loc"][:1] == ("body",) for item in error.errors()):
        return await _refused(request, refusal)
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
    hint = _HINTS.get(error.status_code, "")
    headers = dict(error.headers) if error.headers else {}
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path}"
    if error.status_code == 405:
        # The framework names the methods of the first of several routes only.
        allowed = sorted(methods_of(request.app, request.scope["path"]))
        detail = f"{request.method} is not possible here; {', '.join(allowed)} is"
        headers["Allow"] = ", ".join(allowed)
    return problem(error.status_code, code, detail, hint, headers=headers)


def methods_of(app: FastAPI, path: str) -> set[str]:
    """The methods that an address takes; empty where there is none."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            if path.startswith(f"{route.path}/"):
                found.add("GET")
        elif compile_path(route.path or "")[0].match(path):
            found |= route.methods or set()
    return found | ({"HEAD"} if "GET" in found else set())


def unexpected() -> Response:
    """What a defect of ours looks like from outside."""
    return problem(
        500, "internal", "something went wrong on our side", "The service's log says more."
    )
