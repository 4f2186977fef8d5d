"""What a diagnosis and a review answer."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

Verdict = Literal["rep", "territory", "both", "neither", "cannot tell yet"]


class RulesOut(BaseModel):
    """When something is said."""

    alpha: float = Field(description="rate of false alarms in pure noise")
    looks: int
    matters: float
    level: float
    least_deals: int


class EffectOut(BaseModel):
    """A factor on bookings, 1 the average."""

    kind: Literal["rep", "territory"]
    id: str
    name: str
    factor: float
    low: float
    high: float
    p: float
    told: float = Field(description="0..1: how much changes of hands say about it")
    peers: int
    named: bool = Field(description="stands out after all corrections")
    why: str


class JudgedOut(BaseModel):
    """What explains a territory under its rep of today."""

    territory: str
    name: str
    rep: str
    booked: float
    expected: float
    product: float = Field(description="rep and territory together, a factor")
    low: float
    high: float
    attention: float
    competition: float
    verdict: Verdict
    why: str


class TerritoryOut(BaseModel):
    """A territory in figures; null for what is not known."""

    territory: str
    name: str
    rep: str
    accounts: int
    potential: float
    booked: float
    share: float | None = Field(description="bookings over the company's for that potential")
    quota: float | None
    attainment: float | None
    pipeline: float | None
    pipeline_share: float | None
    decided: int
    win_rate: float | None
    win_low: float | None
    win_high: float | None
    lost_to_competitors: float | None
    verdict: JudgedOut | None = Field(description="null where there are too few deals")


class DiagnosisOut(BaseModel):
    """A diagnosis, as `bailiwick diagnose --json` prints it."""

    format: str
    periods: list[str]
    rules: RulesOut
    summary: dict[str, Any]
    territories: list[TerritoryOut]
    effects: list[EffectOut]
    spread: dict[str, float]
    learned: dict[str, dict[str, float]]
    coverage: dict[str, Any] | None = Field(description="null without activities")
    notes: list[str]


class AlertOut(BaseModel):
    """What was seen, the threshold, and the next step."""

    kind: Literal["balance", "headcount", "vacancy", "time", "density", "value", "mix"]
    level: Literal["watch", "act"]
    about: str
    then: float | None
    now: float
    change: float
    threshold: float
    message: str
    step: str
    command: str


class DriftOut(BaseModel):
    """The alerts, what to act on first."""

    format: str
    plan: str
    today: date
    since: date
    alerts: list[AlertOut]
    looked_at: list[str]
    not_looked_at: list[str]
    accounts: dict[str, int]
