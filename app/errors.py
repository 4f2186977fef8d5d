"""Errors that only the service raises, and the one table from error class to HTTP status.

    BailiwickError
    ├── RequestError                the request itself is not acceptable
    │   ├── BadParameterError           400  a parameter of the query is unknown or unusable
    │   ├── InvalidRequestError         422  a field is missing, of the wrong kind or impossible
    │   ├── PayloadTooLargeError        413  larger than the settings allow
    │   ├── ForbiddenOriginError        403  from another machine, host name or web site
    │   ├── UnauthenticatedError        401  nobody knows who is asking
    │   ├── ForbiddenError              403  the caller's role, scopes or region do not allow it
    │   ├── PreconditionRequiredError   428  `If-Match` is missing
    │   ├── PreconditionFailedError     412  `If-Match` names a former version
    │   ├── WebhookAddressError         422  the service must not call that address
    │   ├── TooManyRequestsError        429  more requests than the settings allow
    │   │   └── QueueFullError          429  as many jobs wait as the settings allow
    │   └── IdempotencyKeyReusedError   422  the `Idempotency-Key` came before with another request
    ├── PlanNotReadyError           404  the plan's job has not finished
    ├── ResultNotReadyError         404  the job whose result is asked for has not finished
    ├── NothingPublishedError       404  no plan is in force
    └── UnavailableError            503  the database or the reader cannot be reached

`docs/http.md` has a row for each code.
"""

from typing import Final

from geo import errors as geo_errors
from geo.errors import BailiwickError, NotFoundError


class RequestError(BailiwickError):
    """The request itself is not acceptable."""

    code = "bad_request"


class BadParameterError(RequestError):
    """A parameter of the query is unknown or unusable."""

    code = "bad_parameter"


class InvalidRequestError(RequestError):
    """A field of the request is missing, of the wrong kind or impossible."""

    code = "invalid_request"


class PayloadTooLargeError(RequestError):
    """The request is larger than the settings allow."""

    code = "payload_too_large"


class ForbiddenOriginError(RequestError):
    """The request came from another machine, host name or web site than is allowed."""

    code = "forbidden_origin"


class UnauthenticatedError(RequestError):
    """Nobody knows who is asking: no key or sign-in, or one that is not valid."""

    code = "unauthenticated"


class ForbiddenError(RequestError):
    """The role, the scopes or the region of the caller do not allow it."""

    code = "forbidden"


class PreconditionRequiredError(RequestError):
    """The change needs an `If-Match` header."""

    code = "precondition_required"


class PreconditionFailedError(RequestError):
    """`If-Match` names a former version; `etag`: the present one."""

    code = "precondition_failed"

    def __init__(self, message: str, *, hint: str, etag: str) -> None:
        super().__init__(message, hint=hint)
        self.etag = etag


class IdempotencyKeyReusedError(RequestError):
    """The `Idempotency-Key` came before with another request."""

    code = "idempotency_key_reused"


class WebhookAddressError(RequestError):
    """The address of a webhook is unusable, or is one that the service must not call."""

    code = "webhook_address"


class TooManyRequestsError(RequestError):
    """More requests than the settings allow; `retry_after_s`: when to ask again."""

    code = "too_many_requests"

    def __init__(self, message: str, *, hint: str, retry_after_s: int) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class QueueFullError(TooManyRequestsError):
    """As many jobs wait as the settings allow; `retry_after_s`: when to ask again."""

    code = "queue_full"


class PlanNotReadyError(NotFoundError):
    """The plan's job has not finished, so there is no plan to show yet."""

    code = "plan_not_ready"


class ResultNotReadyError(NotFoundError):
    """The job whose result is asked for has not finished."""

    code = "result_not_ready"


class NothingPublishedError(NotFoundError):
    """No plan is in force, so there is nothing to show by it."""

    code = "nothing_published"


class UnavailableError(BailiwickError):
    """Something that the service needs cannot be reached."""

    code = "unavailable"


STATUS: Final[dict[type[BailiwickError], int]] = {
    BailiwickError: 500,
    geo_errors.InputError: 422,
    geo_errors.EmptyInputError: 422,
    geo_errors.UnreadableInputError: 422,
    geo_errors.MissingColumnError: 422,
    geo_errors.NothingLocatedError: 422,
    geo_errors.GeometryError: 422,
    geo_errors.OptionError: 422,
    geo_errors.PlanFilesError: 500,
    geo_errors.NotFoundError: 404,
    geo_errors.ConflictError: 409,
    geo_errors.InternalInvariantError: 500,
    RequestError: 400,
    BadParameterError: 400,
    InvalidRequestError: 422,
    PayloadTooLargeError: 413,
    ForbiddenOriginError: 403,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    PreconditionRequiredError: 428,
    PreconditionFailedError: 412,
    IdempotencyKeyReusedError: 422,
    QueueFullError: 429,
    WebhookAddressError: 422,
    TooManyRequestsError: 429,
    PlanNotReadyError: 404,
    ResultNotReadyError: 404,
    NothingPublishedError: 404,
    UnavailableError: 503,
}

# What the web framework refuses by itself, before any of our code runs.
HTTP_CODES: Final[dict[int, str]] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    500: "internal",
}


def status_of(error: BailiwickError) -> int:
    """The HTTP status of an error: that of its class, or of the nearest parent in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
