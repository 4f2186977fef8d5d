"""`/openapi.json`: what the framework derives, with errors, examples, headers and keys added."""

import json
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from app.api import problems
from app.api.problem_examples import example
from app.api.schemas import Problem

CORS: Final[dict[str, Any]] = {
    "allow_methods": ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
    "allow_headers": (
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
        "X-Request-ID",
    ),
    "expose_headers": ("ETag", "Link", "Location", "Retry-After", "X-Request-ID"),
}  # fmt: skip
_TAGS: Final = {
    "datasets": "Uploaded files, and what was read from them.",
    "plans": "Territories: asking for a plan, reading it, putting it in force.",
    "publications": "What is in force, since when, and what is to be.",
    "jobs": "Long work: how far it is, live, and how to stop it.",
    "route": "Whose is a point, an address, an account?",
    "sizing": "How many territories and reps a market needs.",
    "engagement": "Rules of engagement: who owns an account when several rules claim it.",
    "challenges": "Accounts that a rep or manager contests, and how that was decided.",
    "health": "Whether the service is well.",
}
# What any operation can answer before its own code runs.
_EVERYWHERE: Final = {
    401: ("unauthenticated",),
    403: ("forbidden_origin", "forbidden"),
    406: ("not_acceptable",),
    429: ("too_many_requests",),
    500: ("internal",),
    503: ("unavailable",),
}
_WITH_BODY: Final = {
    400: ("bad_request",),
    413: ("payload_too_large",),
    415: ("unsupported_media_type",),
    422: ("invalid_request",),
}
_REQUEST_ID: Final = {
    "description": "The id of the request, as sent along or made here; the log has it too.",
    "schema": {"type": "string"},
}
_RETRY: Final = {
    "description": "Seconds after which to ask again.",
    "schema": {"type": "integer", "minimum": 1},
}
_LINK: Final = {
    "description": 'The next page (RFC 8288): `<…>; rel="next"`; absent on the last one.',
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> None:
    """Complete the app's description; it is made once, when first asked for."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(make())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema["components"]
    schemas = components["schemas"]
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= own.pop("$defs", {}) | {"Problem": own}
    # The framework describes errors of its own that we never send.
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key. Without any key the service answers its own machine only.",
        }
    }
    schema["security"] = [{"bearer": []}, {}]
    used: set[str] = set()
    for path in schema["paths"].values():
        for operation in path.values():
            used.update(operation.get("tags", ()))
            _complete_operation(operation, schemas)
    schema["tags"] = [
        {"name": tag, "description": _TAGS.get(tag, tag.capitalize() + ".")} for tag in sorted(used)
    ]
    return schema


def _complete_operation(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    known = dict(_EVERYWHERE) | (_WITH_BODY if "requestBody" in operation else {})
    if "422" in responses:
        known.setdefault(422, ("invalid_request",))
    for status, codes in known.items():
        at = responses.setdefault(str(status), {"description": ""})
        at["x-codes"] = list(dict.fromkeys((*at.get("x-codes", ()), *codes)))
    for number, response in responses.items():
        if int(number) >= HTTPStatus.BAD_REQUEST:
            _complete_problem(int(number), response)
        response.setdefault("headers", {})["X-Request-ID"] = _REQUEST_ID
        if number == "429":
            response["headers"]["Retry-After"] = _RETRY
    operation["responses"] = dict(sorted(responses.items()))
    _mend_contents(responses)
    _require_tag(operation)
    page = _json_of(responses.get("200", {}))
    name = page.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if "next" in schemas.get(name, {}).get("properties", {}):
        responses["200"]["headers"]["Link"] = _LINK
    _add_examples(operation)


def _mend_contents(responses: dict[str, Any]) -> None:
    for response in responses.values():
        for kind, content in response.get("content", {}).items():
            if kind.endswith("+json") and content.get("schema") == {"type": "string"}:
                content["schema"] = {"type": "object"}
            content.pop("itemSchema", None)  # of OpenAPI 3.2; 3.1 cannot describe a stream


def _require_tag(operation: dict[str, Any]) -> None:
    """`If-Match` is optional to the framework, so that we can say 428 ourselves."""
    if "428" in operation["responses"]:
        for parameter in operation.get("parameters", ()):
            if parameter["name"].lower() == "if-match":
                parameter |= {"required": True, "schema": {"type": "string"}}


def _complete_problem(status: int, response: dict[str, Any]) -> None:
    codes = response.pop("x-codes", ())
    if not response["description"] or response["description"] == "Validation Error":
        response["description"] = " ".join(
            f"`{code}`: {example(code, status)['detail']}." for code in codes
        )
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if codes:
        content["examples"] = {code: {"value": example(code, status)} for code in codes}
    response["content"] = {problems.MEDIA_TYPE: content}


def _json_of(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = response.get("content", {}).get("application/json", {})
    return found


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """Requests and answers of a running service, by operation; see scripts/record_examples.py."""
    text = (Path(__file__).parent / "examples.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def _add_examples(operation: dict[str, Any]) -> None:
    found = recorded().get(operation["operationId"], {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in found.get("parameters", {}):
            parameter["example"] = found["parameters"][parameter["name"]]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind in found.get("request", {}):
            content["examples"] = {"example": {"value": found["request"][kind]}}
    for status, bodies in found.get("responses", {}).items():
        contents = operation["responses"].get(status, {}).setdefault("content", {})
        for kind, body in bodies.items():
            contents.setdefault(kind, {})["examples"] = {"example": {"value": body}}
