"""What-ifs as JSON: the scenarios of a request, and comparisons as they are read."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.schemas import Asked, Latitude, Longitude, Name, Text

_MOST = 12  # scenarios of one request: each is a design


class JoinIn(Asked):
    """A rep who joins at a place in words, or at a position; without either anywhere."""

    name: Text = ""
    id: Text = ""
    place: Text = ""
    capacity: float = Field(1.0, gt=0, allow_inf_nan=False)
    lat: Latitude | None = None
    lng: Longitude | None = None


class MergeIn(Asked):
    """The plan of a team that joins this one."""

    plan: Name


class NewPotentialIn(Asked):
    """A potential that a new product changes."""

    times: dict[Name, dict[Name, float] | list[dict[str, float]]] = Field(
        default_factory=dict,
        description="By column: text → multiplier, or bands {from, to, times} of a number.",
    )
    column: Text = Field("", description="A column of the accounts that has the new potential.")
    dataset: Text = Field("", description="A dataset with the same accounts, scored anew.")


class ScenarioIn(Asked):
    """One what-if; nothing but a name: only balance anew."""

    name: Name
    leaves: list[Name] = Field(default_factory=list, max_length=1000)
    joins: list[JoinIn | Name] = Field(default_factory=list, max_length=1000)
    headcount: int = Field(0, ge=-1000, le=1000)
    merge: MergeIn | None = None
    potential: NewPotentialIn | None = None
    max_disruption: float | Text | None = Field(
        None, description="0.1, `10%`, `200 accounts` or `1500000 potential`."
    )
    tolerance: float | None = Field(None, gt=0, lt=1, allow_inf_nan=False)
    respond: Literal["realign", "nearest", "orphans"] = Field(
        "realign", description="nearest, orphans: nothing is done about who leaves."
    )
    effort: Literal["quick", "default"] = "default"


class RevenueIn(Asked):
    """What customers buy a year, and the part of it that a change of rep costs."""

    lost: list[float] = Field(default_factory=lambda: [0.13, 0.18], min_length=2, max_length=2)
    bookings: Text = Field(default="", description="Deals as CSV: account id, amount, close date.")
    share_of_potential: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    column: Text = Field(default="", description="A column of the accounts.")


class ScenariosRequest(Asked):
    """What-ifs on a plan, each of which becomes a draft plan."""

    scenarios: list[ScenarioIn] = Field(min_length=1, max_length=_MOST)
    revenue: RevenueIn = Field(default_factory=lambda: RevenueIn.model_validate({}))
    seed: int = Field(0, ge=0, le=2**31 - 1)


class ScenarioPlan(BaseModel):
    """The draft plan that a scenario becomes, once the job is done."""

    scenario: str
    plan: str


class ScenariosStarted(BaseModel):
    """What-ifs that are being made; follow the job."""

    plan: str
    job: str
    plans: list[ScenarioPlan]


class ComparisonOut(BaseModel):
    """What-ifs side by side, as `comparison.json` of the command line."""

    job: str
    made_at: datetime
    version: int = Field(description="of the plan that they start from")
    plans: list[ScenarioPlan]
    comparison: dict[str, Any]


class Comparisons(BaseModel):
    """Comparisons on a plan, newest first."""

    plan: str
    comparisons: list[ComparisonOut]
