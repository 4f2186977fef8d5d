"""The JSON that goes in and out; `/openapi.json` is made of these."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from app.api.paging import note_next


def _storable(value: str) -> str:
    if "\0" in value or (not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value)):
        raise ValueError("holds a character that is no text (NUL or half a surrogate pair)")
    return value


def _goal(value: object) -> object:
    """Take `potential:0.05` for {measure: potential, tolerance: 0.05}, as the command line does."""
    if not isinstance(value, str):
        return value
    measure, colon, tolerance = value.rpartition(":")
    return {"measure": measure, "tolerance": _float(tolerance)} if colon else {"measure": value}


def _float(text: str) -> float | None:
    return float(text) if text.strip() else None


def _as_date(value: object) -> object:
    """Refuse the numbers that the framework would take for seconds since 1970."""
    if isinstance(value, datetime):
        return value
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value
    raise ValueError("a moment is written as 2026-03-01T09:00:00Z")


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _as_day(value: object) -> object:
    """Refuse what is no day as the description has it: numbers, moments, weeks."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day is written as 2026-03-01")
    return value


LARGEST = 2**31 - 1  # as an INTEGER goes in PostgreSQL
Day = Annotated[date, BeforeValidator(_as_day)]
Written = BeforeValidator(_as_date)  # of moments that come in
Zoned = Annotated[AwareDatetime, Written]
Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Asked(BaseModel):
    """Parent of what comes in: a misspelt field is an error, not silently nothing."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(BaseModel):
    """One unusable field of a request."""

    field: str
    message: str


class Problem(BaseModel):
    """Every error, as RFC 9457 has it, with a stable `code` and a `hint` how to mend it."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    request_id: str = Field("", description="to find the request in the service's log")
    errors: list[FieldProblem] = []


class Goal(Asked):
    """A measure to balance and the allowed deviation as a fraction (0.05 is 5 %)."""

    measure: Name
    tolerance: float = Field(0.05, strict=True, gt=0, lt=1, allow_inf_nan=False)


class RepIn(Asked):
    """A rep, with a home as a position or as an address, or without."""

    id: Name | None = None
    name: Name
    capacity: float = Field(
        1.0, strict=True, gt=0, allow_inf_nan=False, description="share of the total"
    )
    lat: Annotated[Latitude, Field(strict=True)] | None = None
    lng: Annotated[Longitude, Field(strict=True)] | None = None
    street: Text = ""
    city: Text = ""
    state: Text = ""
    postal_code: Text = ""
    country: Text = ""
    segment: Text = Field("", description="of the territory model, where there is one")

    @model_validator(mode="after")
    def _whole_position(self) -> "RepIn":
        if (self.lat is None) != (self.lng is None):
            raise ValueError("a home needs both lat and lng, or neither")
        return self


def _limit(value: object) -> object:
    """Take `accounts:50:200` for {measure: accounts, min: 50, max: 200}."""
    if not isinstance(value, str):
        return value
    parts = value.rsplit(":", 2)
    if len(parts) != 3:
        raise ValueError("a limit reads MEASURE:MIN:MAX, of which MIN or MAX may be blank")
    return {"measure": parts[0], "min": _float(parts[1]), "max": _float(parts[2])}


class LimitIn(Asked):
    """Least and most of a measure in every territory; either may be left out."""

    measure: Name
    min: float | None = Field(None, strict=True, ge=0, allow_inf_nan=False)
    max: float | None = Field(None, strict=True, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _an_interval(self) -> "LimitIn":
        if self.min is None and self.max is None:
            raise ValueError("a limit needs a min or a max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("the min of a limit is above its max")
        return self


class LockIn(Asked):
    """An account or unit that stays with a territory or rep; without the latter where it is.

    Only a `territory` (or `rep`): it stays as the incumbent has it.
    """

    account_id: Text = ""
    unit_id: Text = ""
    territory: Text = ""
    rep: Text = ""


class GroupIn(Asked):
    """An account or unit, and the group that it shares a territory with."""

    account_id: Text = ""
    unit_id: Text = ""
    group: Name


class PairIn(Asked):
    """Two accounts, or two units, that must not share a territory."""

    account_a: Text = ""
    account_b: Text = ""
    unit_a: Text = ""
    unit_b: Text = ""


class PlanRequest(Asked):
    """What a plan is to be: `territories` (how many), `reps` (one territory each), or neither
    beside an `incumbent` (as many as it has)."""

    dataset: Text
    name: Name | None = None
    territories: Annotated[int, Field(ge=1, le=10_000, strict=True)] | Literal["auto"] | None = (
        Field(None, description="A number, or `auto`: the least number that `capacity` allows.")
    )
    capacity: float | None = Field(
        None,
        strict=True,
        gt=0,
        allow_inf_nan=False,
        description="The most that one territory can hold.",
    )
    reps: list[RepIn] | Annotated[Text, Field(min_length=1)] | None = Field(
        None, description="A list of reps, or the text of a roster file (CSV)."
    )
    balance: list[Annotated[Goal, BeforeValidator(_goal, json_schema_input_type=Goal | str)]] = (
        Field(
            default_factory=list,
            max_length=10,
            description="Objects, or strings such as `potential:0.05`. "
            "Empty: potential within 5 %, or the account count where there is no potential.",
        )
    )
    resolution: int | None = Field(
        None, strict=True, ge=0, le=15, description="H3 resolution; null: automatic."
    )
    seed: int = Field(0, strict=True, ge=0, le=2**31 - 1)
    time_limit: float | None = Field(None, strict=True, gt=0, le=86_400, allow_inf_nan=False)
    effort: Literal["quick", "default"] = "default"
    shape: float = Field(1.0, strict=True, gt=0, le=1000, allow_inf_nan=False)
    exact: Literal["inertia", "cut_edges"] | None = Field(
        None, description="Prove the least inertia or cut edges; small instances only."
    )
    market: dict[str, JsonValue] | None = Field(
        None, description="GeoJSON polygons that the territories shall cover."
    )

    incumbent: Text | None = Field(None, description="Id of the plan in force, to stay close to.")
    max_disruption: float | None = Field(
        None,
        strict=True,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Fraction that may change hands.",
    )
    locks: list[LockIn] = Field(default_factory=list, max_length=100_000)
    together: list[GroupIn] = Field(default_factory=list, max_length=100_000)
    apart: list[PairIn] = Field(default_factory=list, max_length=100_000)
    limits: list[
        Annotated[LimitIn, BeforeValidator(_limit, json_schema_input_type=LimitIn | str)]
    ] = Field(default_factory=list, max_length=10, description="Objects, or `accounts:50:200`.")
    barriers: dict[str, JsonValue] | None = Field(
        None, description="GeoJSON lines that no territory crosses."
    )
    homes: Literal["soft", "hard", "off"] = "soft"
    segments: (
        dict[str, JsonValue] | Annotated[Text, Field(min_length=1, max_length=5_000_000)] | None
    ) = Field(
        None,
        description="A territory model: the text of its TOML file, or the same as an object. "
        "Territories and reps stand in it; `reps` may give the roster, with each one's segment.",
    )

    @model_validator(mode="after")
    def _one_size(self) -> "PlanRequest":
        if self.territories is not None and self.reps:
            raise ValueError("give either territories (how many) or reps (one territory each)")
        if self.segments is not None:
            if self.territories is not None or self.incumbent is not None:
                raise ValueError("beside segments, territories and incumbent say nothing")
        elif self.territories is None and not self.reps and self.incumbent is None:
            raise ValueError("give territories (how many), reps (one each) or an incumbent")
        if self.territories == "auto" and self.capacity is None:
            raise ValueError("territories `auto` needs a capacity")
        if self.max_disruption is not None and self.incumbent is None:
            raise ValueError("max_disruption needs an incumbent")
        return self


class DatasetOut(BaseModel):
    """An uploaded file: how many accounts (or units), how many doubts, which header is what."""

    id: str
    file_name: str
    kind: Literal["accounts", "cells", "units"]
    accounts: int
    review: int
    columns: dict[str, str]
    measures: list[str]
    sha256: str
    created_at: datetime


class Page(BaseModel):
    """Part of a listing; `next` is the address of the next part, null at the end."""

    total: int | None = None
    next: str | None

    def model_post_init(self, _context: Any) -> None:
        """Let the next page leave as a `Link` header too."""
        note_next(self.next)


class Datasets(Page):
    """Datasets, newest first."""

    datasets: list[DatasetOut]


class Accounts(Page):
    """Accounts as read, in the order of the file; null where a number is missing."""

    accounts: list[dict[str, Any]]


class Review(Page):
    """Doubts: which row, which value, what is wrong, and how to mend it."""

    review: list[dict[str, Any]]


class JobOut(BaseModel):
    """Long work: how far it is, and how it ended."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    plan: str | None
    dataset: str | None
    result: str | None = Field(description="address of the file or comparison that was made")
    stage: str
    fraction: float = Field(description="of the stage, 0 to 1")
    message: str
    best: str = Field(description="the best plan so far, in words")
    stop_requested: bool
    attempts: int
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class PlanStarted(BaseModel):
    """A plan that is being made; it is there once the job is done."""

    plan: str
    job: str
    review: list[dict[str, Any]] = Field(description="doubts about the roster")


class PlanLine(BaseModel):
    """A finished plan, in short."""

    id: str
    name: str
    dataset: str
    state: Literal["draft", "published", "archived"]
    version: int
    within_tolerance: bool
    summary: dict[str, Any]
    created_at: datetime


class Plans(Page):
    """Plans, newest first."""

    plans: list[PlanLine]


class AssignmentOut(BaseModel):
    """One account: whose it is and where."""

    account_id: str
    territory_id: str
    rep: str
    segment: str
    cell: str
    lat: float | None
    lng: float | None
    precision: str
    rule: str


class Assignments(Page):
    """Accounts of a plan version, in the order of the upload."""

    plan: str
    version: int
    assignments: list[AssignmentOut]


class Health(BaseModel):
    """Whether the service is well."""

    status: Literal["ok"]
    version: str


class Check(BaseModel):
    """One of the things that the service needs."""

    name: Literal["database", "schema", "worker"]
    ok: bool
    detail: str


class Ready(BaseModel):
    """Whether the service can serve; `degraded`: all but the work in the background."""

    status: Literal["ok", "degraded"]
    version: str
    checks: list[Check]
