"""Kinds of content: what an endpoint can answer (406), and what it takes (415)."""

from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


def acceptable(request: Request) -> None:
    """Refuse with 406 what wants only kinds of content that the endpoint does not have."""
    accept = request.headers.get("accept", "*/*")
    route = request.scope.get("route")
    if "*/*" in accept or not isinstance(route, APIRoute):
        return
    offered = _offered(route)
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")} - {""}
    if not offered or not wanted:
        return
    if not any(_covers(kind, have) for kind in wanted for have in offered):
        raise HTTPException(406, f"the answer can be had as {', '.join(sorted(offered))} only")


def _offered(route: APIRoute) -> set[str]:
    """The kinds that the endpoint can answer with; empty where they cannot be told."""
    described: dict[str, Any] = route.responses.get(200, {}).get("content", {})
    kind = route.response_class
    declared = getattr(getattr(kind, "value", kind), "media_type", None)
    if declared is None and not described:
        return set()
    return {*described, *([declared] if declared else [])}


def _covers(pattern: str, kind: str) -> bool:
    main, _, sub = pattern.partition("/")
    return pattern == kind or (sub == "*" and kind.startswith(f"{main}/"))


def wrong_body(request: Request) -> HTTPException | None:
    """The refusal with 415 of a body of a kind that the endpoint does not take; else None."""
    route = request.scope.get("route")
    field = getattr(route, "body_field", None)
    if field is None:
        return None
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    wants_form = type(field.field_info).__name__ in ("Form", "File")
    if wants_form:
        fits = given in _FORMS
        wanted = _FORMS[0]
    else:
        fits = given == "application/json" or (
            given.startswith("application/") and given.endswith("+json")
        )
        wanted = "application/json"
    if fits or (not given and request.headers.get("content-length", "0") == "0"):
        return None
    return HTTPException(415, f"the body must be {wanted}, not {given or 'of no kind'}")
