"""Large JSON bodies, read without making an object of every row; and answers written at once."""

from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


async def json_bytes(request: Request) -> bytes:
    """The body of a request that says it is JSON."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPException(415, "the body must be application/json")
    return await request.body()


def parsed(body: bytes) -> Any:
    """JSON as plain values; raises RequestValidationError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        problem = {"loc": ("body",), "msg": f"not valid JSON: {error.msg}", "type": "json_invalid"}
        raise RequestValidationError([problem]) from error


def invalid(error: ValidationError, *where: str | int) -> RequestValidationError:
    """The same refusal as of any other body."""
    return RequestValidationError(
        [
            {"loc": ("body", *where, *item["loc"]), "msg": item["msg"], "type": item["type"]}
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    )


def json_response(
    content: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer of `encoded` values."""
    return Response(encoded(content), status, headers, media_type="application/json")


def encoded(content: Any) -> bytes:
    """Plain values, dataclasses and moments as JSON; numbers that are not finite as null."""
    return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)


def body_of(model: Any) -> dict[str, Any]:
    """`openapi_extra` of an endpoint that reads the body itself."""
    schema = TypeAdapter(model).json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": whole}}}}


def _inlined(part: Any, defs: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(item, defs) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(defs[part["$ref"].rpartition("/")[2]], defs)
    return {key: _inlined(value, defs) for key, value in part.items()}
