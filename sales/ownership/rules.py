"""The rules of engagement as a planner writes them: one form for a file and the API."""

from datetime import date
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

FORMAT: Final = "bailiwick-engagement/1"
Kind = Literal[
    "override", "named", "protected", "holdover", "opportunity", "parent", "segment", "geography",
    "incumbent",
]  # fmt: skip
Tie = Literal["last_win", "won", "crm_owner", "plan", "longest_held", "first_listed"]
Size = Literal["arr", "revenue", "employees"]
Outcome = Literal["stay", "renewal", "joint"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TIES: Final[tuple[Tie, ...]] = get_args(Tie)


def _day(value: object) -> object:
    # A number would be taken for seconds since 1970, and a moment for its day.
    if type(value) is date or (isinstance(value, str) and len(value) == 10):
        return value
    raise ValueError("write a day as 2026-03-31")


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
Text = Annotated[str, Field(strict=True, max_length=1000, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Amount = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


class Form(BaseModel):
    """Parent of all parts: a misspelt key is an error, not silently nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Form):
    """An account that belongs to a rep by agreement, from `start` until the day before `until`."""

    account: Name
    rep: Name
    start: Day | None = Field(None, alias="from")
    until: Day | None = None
    reason: Text = ""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    @model_validator(mode="after")
    def _in_order(self) -> "Named":
        if self.start and self.until and self.until <= self.start:
            raise ValueError("until is not after from")
        return self


class Protected(Form):
    """An account that nobody takes before `until`; it stays with `rep`, else with its holder."""

    account: Name
    rep: Name | None = None
    until: Day
    reason: Text = ""


class Holdover(Form):
    """Who held an account keeps it for a while where there is an open pipeline or a recent win.

    For `days` from the day on which the plan takes effect, or until a date.
    """

    days: Days | None = None
    until: Day | None = None
    pipeline: Amount | None = Field(None, description="open pipeline from which on it holds")
    won_within_days: Days | None = Field(None, description="before the plan takes effect")

    @model_validator(mode="after")
    def _whole(self) -> "Holdover":
        if (self.days is None) == (self.until is None):
            raise ValueError("give either days or until")
        if self.pipeline is None and self.won_within_days is None:
            raise ValueError("give pipeline, won_within_days or both: what is held over?")
        return self


class Opportunity(Form):
    """Who works an open deal has the account until `grace_days` after the deal is to close."""

    least: Amount = Field(0.0, description="smaller deals do not count")
    grace_days: Annotated[int, Field(strict=True, ge=0, le=3650)] = 30


class Segment(Form):
    """A segment, by size where the plan's accounts do not say theirs, and who serves it.

    Its rep is `rep`, or by the plan's territory `reps`; without either the map decides.
    """

    name: Name
    measure: Size | None = None
    least: Amount | None = None
    below: Amount | None = None
    rep: Name | None = None
    reps: dict[Name, Name] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "Segment":
        bounds = (self.least, self.below)
        if (self.measure is None) != (bounds == (None, None)):
            raise ValueError("measure goes with least, below or both")
        if self.least is not None and self.below is not None and self.below <= self.least:
            raise ValueError("below is not above least")
        if self.rep and self.reps:
            raise ValueError("give either rep or reps")
        return self


class Growth(Form):
    """What becomes of an account of `segment` that outgrows it into the segment `into`.

    It does so on the first day on which `measure` is at or above `at`; with `on`, only that day is
    looked at. Then it stays; or moves at the renewal; or is covered jointly for `days`, the rep of
    the other segment having `share` of it, and moves after that.
    """

    segment: Name
    into: Name
    measure: Size | None = None
    at: Amount | None = None
    on: Day | None = None
    then: Outcome
    days: Days | None = None
    share: Annotated[float, Field(strict=True, gt=0, lt=1)] | None = None
    term_months: Annotated[int, Field(strict=True, ge=1, le=120)] = 12

    @model_validator(mode="after")
    def _whole(self) -> "Growth":
        if (self.measure is None) != (self.at is None):
            raise ValueError("measure and at go together")
        if self.measure is None and self.on is None:
            raise ValueError("give measure and at, or the day on which they move")
        if self.then == "joint" and self.days is None:
            raise ValueError("joint coverage needs days: for how long?")
        if self.then != "joint" and (self.days is not None or self.share is not None):
            raise ValueError('days and share go with then = "joint"')
        if self.segment == self.into:
            raise ValueError("into is the segment itself")
        return self


class Rules(Form):
    """All of engagement.toml. `precedence`: the first kind of claim that somebody has decides.

    Kinds left out do not count. `ties` decide between claims of one kind, the first that can.
    """

    format: Literal["bailiwick-engagement/1"] = FORMAT
    precedence: tuple[Kind, ...] = Field(default=KINDS, min_length=1)
    ties: tuple[Tie, ...] = TIES
    holdover: Holdover | None = None
    opportunity: Opportunity | None = None
    named: tuple[Named, ...] = Field(default=(), max_length=100_000)
    protected: tuple[Protected, ...] = Field(default=(), max_length=100_000)
    segments: tuple[Segment, ...] = Field(default=(), max_length=1000)
    growth: tuple[Growth, ...] = Field(default=(), max_length=1000)

    @model_validator(mode="after")
    def _fit(self) -> "Rules":
        for what, names in (
            ("precedence", self.precedence), ("ties", self.ties),
            ("segments", [s.name for s in self.segments]),
        ):  # fmt: skip
            if twice := next((n for n in names if list(names).count(n) > 1), None):
                raise ValueError(f"{what} has {twice!r} twice")
        known = {segment.name for segment in self.segments}
        for rule in self.growth:
            if missing := next((n for n in (rule.into,) if n not in known), None):
                raise ValueError(f"growth names the segment {missing!r}, which is not declared")
        for part in ("holdover", "opportunity", "named", "protected"):
            if getattr(self, part) and part not in self.precedence:
                raise ValueError(f"there are rules for {part}, but precedence leaves it out")
        served = any(segment.rep or segment.reps for segment in self.segments)
        if served and "segment" not in self.precedence:
            raise ValueError("segments have reps, but precedence leaves segment out")
        return self
