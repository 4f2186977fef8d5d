"""What each error looks like: words that the service really says, for `/openapi.json`."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from app.errors import HTTP_CODES, STATUS
from geo.errors import BailiwickError

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "bad_request": ("There was an error parsing the body", ""),
    "conflict": (
        "there is no plan yet that could say whose a point is",
        "Make one with POST /v1/plans and publish it.",
    ),
    "empty_input": ("the file has no bytes", "Choose a file with a header and rows."),
    "forbidden_origin": (
        "a page of another web site may not change anything here",
        "Call the API from a program, or from the service's own pages.",
    ),
    "internal": ("something went wrong on our side", "The service's log says more."),
    "invalid_request": (
        "query.limit: Input should be greater than or equal to 1",
        "See /openapi.json for the fields of this endpoint.",
    ),
    "not_acceptable": (
        "the answer can be had as application/json only",
        "Leave the Accept header away, or name one of these kinds.",
    ),
    "not_found": (
        "there is no plan 'pl_c0ffee'",
        "GET /v1/plans lists those that there are.",
    ),
    "payload_too_large": (
        "the request is larger than 16 MB",
        "Send less at a time, or raise BAILIWICK_MAX_BODY_MB.",
    ),
    "plan_not_ready": (
        "plan 'pl_4f1d2c' is not there: its job is running",
        "See /v1/jobs/jb_77a0e1.",
    ),
    "precondition_failed": (
        'the plan is now "1-published", not "1-draft"',
        "Get the plan again, look at what changed, and send its ETag.",
    ),
    "precondition_required": (
        "publishing needs an If-Match header",
        "Send the ETag that GET /v1/plans/pl_4f1d2c answers.",
    ),
    "queue_full": (
        "1000 jobs are waiting already",
        "Try again when some are done, or raise BAILIWICK_MAX_QUEUED_JOBS.",
    ),
    "too_many_requests": (
        "more than 50 requests a second",
        "Wait as long as Retry-After says, put more into one call, or raise BAILIWICK_RATE_LIMIT.",
    ),
    "unauthenticated": (
        "the request does not say who is asking",
        "Send Authorization: Bearer with an API key, or sign in at /auth/sign-in.",
    ),
    "unavailable": (
        "the database cannot be reached or is busy",
        "Try again in a moment; if it persists, look at the database and its disk.",
    ),
    "unreadable_input": (
        "notes.docx is not a file of a kind that we read",
        "Save it as .csv, .xlsx or .parquet.",
    ),
    "unsupported_media_type": (
        "the body must be application/json, not text/plain",
        "Say what the body is in the Content-Type header.",
    ),
    "unusable_option": (
        "40 territories are more than the 12 cells with accounts",
        "Ask for fewer territories, or for a finer resolution.",
    ),
}
_LISTS: Final = {
    "invalid_request": [
        {"field": "query.limit", "message": "Input should be greater than or equal to 1"}
    ]
}


def example(code: str, status: int) -> dict[str, Any]:
    """The body of a problem with that code."""
    detail, hint = _WORDS.get(code) or (_first_line(code), "")
    body: dict[str, Any] = {
        "type": f"urn:bailiwick:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "request_id": "9b2f6c1e0a7d4835",
    }
    return body | ({"errors": _LISTS[code]} if code in _LISTS else {})


def _first_line(code: str) -> str:
    docs = (kind.__doc__ or "" for kind in _classes(BailiwickError) if kind.code == code)
    return next(docs, HTTPStatus(_status(code)).phrase).splitlines()[0]


def _classes(kind: type[BailiwickError]) -> Iterator[type[BailiwickError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _classes(child)


def _status(code: str) -> int:
    ours = {kind.code: status for kind, status in STATUS.items()}
    return ours.get(code) or next(s for s, known in HTTP_CODES.items() if known == code)
