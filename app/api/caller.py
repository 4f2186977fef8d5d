"""Who asks, and what they may do."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, Request

Role = Literal["planner", "integrator", "manager", "admin"]


@dataclass(frozen=True)
class Caller:
    """Who asks: `name` for the audit log; `region` is what a manager is limited to, else None.

    `scopes` narrows what the role may do; empty, it does not.
    """

    name: str
    role: Role
    region: str | None = None
    scopes: frozenset[str] = frozenset()


# Without keys whoever reaches the service is on this machine, and may do everything.
LOCAL: Final = Caller("local", "admin")


def caller(request: Request) -> Caller:
    """The caller of this request."""
    return getattr(request.state, "caller", LOCAL)


C = Annotated[Caller, Depends(caller)]
