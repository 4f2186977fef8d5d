"""What is asked of routing, and what it answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

Id = str | Annotated[int, Field(ge=-(2**63), lt=2**63, strict=True)] | None
Degrees = Annotated[float, Field(allow_inf_nan=False, strict=True)] | None
Code = Literal[
    "in_territory", "named", "override", "segment", "nearest", "queued", "outside_market",
    "unassigned", "imprecise", "address_unknown", "nothing_given", "bad_position",
    "account_unknown", "account_deleted", "not_in_your_region",
]  # fmt: skip


class Point(TypedDict, total=False):
    """A position, an address or an account; further attributes may stand beside them."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    id: Annotated[Id, Field(description="yours; without a place it names an account")]
    account: Annotated[
        str | None, Field(description="id of a known account; null: the id names none")
    ]
    segment: str | None
    lat: Degrees
    lng: Degrees
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class RouteRequest(TypedDict):
    """Points to be routed."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    points: list[Point]


class Routed(BaseModel):
    """Whose a point is, and why; `territory` and `rep` are null where nobody's."""

    id: Id
    territory: str | None
    territory_name: str | None
    rep: str | None = Field(description="the rep, or the queue that it goes to")
    code: Code
    reason: str
    rule: Literal["named", "segment", "plan", "cell", "outside"]
    trace: list[str] = Field(description="each rule that was asked, and what it said")
    precision: str
    cell: str | None
    lat: float | None
    lng: float | None
    plan: str
    plan_version: int


class RouteAnswer(BaseModel):
    """All points in the order asked, and the one plan version that decided."""

    plan: str
    plan_version: int
    plan_state: Literal["draft", "published", "archived"]
    rules_version: int
    notice: str = Field(description="a remark on the plan; empty where it is published")
    results: list[Routed]


class RouteOne(Routed):
    """One point, and the plan that decided."""

    plan_state: Literal["draft", "published", "archived"]
    notice: str
