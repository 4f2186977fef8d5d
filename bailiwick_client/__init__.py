"""A client of the Bailiwick service. It needs httpx, and nothing else of Bailiwick.

from bailiwick_client import Bailiwick

with Bailiwick("http://localhost:8000", key="bw_…") as bailiwick:
    dataset = bailiwick.upload("accounts.csv")
    started = bailiwick.start_plan(dataset.id, territories=8)
    bailiwick.wait(started.job)
    bailiwick.publish(started.plan)
"""

from bailiwick_client.client import Bailiwick
from bailiwick_client.errors import (
    ApiError,
    ClientError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    JobFailedError,
    NotFoundError,
    StaleError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
)
from bailiwick_client.models import AccountResult, Change, Dataset, Job, PlanLine, Routed, Started

__all__ = [
    "AccountResult",
    "ApiError",
    "Bailiwick",
    "Change",
    "ClientError",
    "ConflictError",
    "Dataset",
    "ForbiddenError",
    "InvalidError",
    "Job",
    "JobFailedError",
    "NotFoundError",
    "PlanLine",
    "Routed",
    "StaleError",
    "Started",
    "TooManyRequestsError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnreachableError",
]
