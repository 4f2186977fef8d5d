"""What can go wrong, as one tree.

ClientError
├── UnreachableError            no answer: the network, or the service is not running
├── JobFailedError              the job ended without a plan
└── ApiError                    the service refused; status, code, detail, hint, errors
    ├── InvalidError            400, 413, 415, 422
    ├── UnauthenticatedError    401
    ├── ForbiddenError          403
    ├── NotFoundError           404
    ├── ConflictError           409
    ├── StaleError              412, 428: the plan has changed, or no ETag was sent
    ├── TooManyRequestsError    429
    └── UnavailableError        5xx
"""

from typing import Any, Final

import httpx


class ClientError(Exception):
    """Base of all errors of this package."""


class UnreachableError(ClientError):
    """There was no answer."""


class JobFailedError(ClientError):
    """The job ended without a plan."""

    def __init__(self, job: str, state: str, error: dict[str, Any]) -> None:
        super().__init__(f"{job} {state}: {error.get('detail', '')}".rstrip(": "))
        self.job, self.state, self.error = job, state, error


class ApiError(ClientError):
    """The service refused, in the words of its problem body."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code") or "")
        self.detail = str(problem.get("detail") or problem.get("title") or "")
        self.hint = str(problem.get("hint") or "")
        self.errors: list[dict[str, str]] = problem.get("errors") or []
        super().__init__(f"{status} {self.code}: {self.detail}")


class InvalidError(ApiError):
    """The request or the file is unusable."""


class UnauthenticatedError(ApiError):
    """The key is missing, unknown or expired."""


class ForbiddenError(ApiError):
    """The key may not do that."""


class NotFoundError(ApiError):
    """There is no such thing, or its job has not finished."""


class ConflictError(ApiError):
    """Not possible in the present state."""


class StaleError(ApiError):
    """Somebody has changed it meanwhile."""


class TooManyRequestsError(ApiError):
    """Too many requests, and retrying did not help."""


class UnavailableError(ApiError):
    """The service cannot answer at present, and retrying did not help."""


_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: InvalidError,
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: StaleError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    428: StaleError,
    429: TooManyRequestsError,
}


def error_of(response: httpx.Response) -> ApiError:
    """The error that an answer stands for, whoever gave it: a proxy sends no problem body."""
    try:
        body = response.json()
    except ValueError:
        body = None
    problem = body if isinstance(body, dict) else {"detail": response.text[:200]}
    status = response.status_code
    kind = _BY_STATUS.get(status, UnavailableError if status >= 500 else ApiError)
    return kind(status, problem)
