"""The JSON of rules of engagement, explanations and challenges."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from app.api.schemas import Asked, Name, Page, Text
from sales.ownership.rules import Rules


class EngagementVersion(BaseModel):
    """A version of the rules: who put it in force, and when."""

    version: int
    created_at: datetime
    created_by: str


class Engagement(BaseModel):
    """The rules in force, and the versions before, newest first."""

    version: int = Field(description="0 before any were set: then the usual precedence holds")
    rules: Rules
    history: list[EngagementVersion]


class OwnerOf(BaseModel):
    """Who has an account, or a share of it; all null where it may not be seen."""

    rep: str | None
    rep_name: str | None
    territory: str | None
    share: float


class SpanOf(BaseModel):
    """From `from` (null: ever) until just before `until` (null: for ever)."""

    from_: date | None = Field(alias="from")
    until: date | None
    owners: list[OwnerOf]
    rule: str
    why: str
    tie: str


class SaidOf(BaseModel):
    """What one kind of claim had to say."""

    rule: str
    said: str
    decided: bool


class Explanation(BaseModel):
    """Why an account is whose it is, and what it would cost to make it another's."""

    plan: str
    version: int
    rules_version: int
    account: dict[str, Any]
    at: date
    sentences: list[str] = Field(description="all of it in plain words")
    owners: list[OwnerOf] = Field(description="none: nobody has it")
    rule: str
    why: str
    tie: str
    trace: list[SaidOf]
    timeline: list[SpanOf]
    outgrown: list[dict[str, Any]]
    geography: dict[str, Any] | None = Field(description="null: it has no place on the map")
    asked: dict[str, Any] | None
    asked_claims: list[dict[str, Any]]
    counterfactuals: list[dict[str, Any]] = Field(
        description="for each territory beside it, or the one asked about: the account alone, and"
        " with its cell; what changes in balance, shape and disruption"
    )


class ChallengeIn(Asked):
    """An account that a rep (or a territory) should have, and why."""

    plan: Name
    account: Name
    rep: Name | None = Field(None, description="by id or name; or give the territory")
    territory: Name | None = None
    reason: Text = Field(min_length=1, max_length=2000)

    @model_validator(mode="after")
    def _one(self) -> "ChallengeIn":
        if (self.rep is None) == (self.territory is None):
            raise ValueError("name either the rep or the territory that should have it")
        return self


class DecisionIn(Asked):
    """Accept, refuse, or let the rules of engagement decide."""

    decision: Literal["accept", "refuse", "rule"]
    make: Literal["move", "override"] = Field(
        "move", description="of what is accepted: a move in the plan, or an override in force"
    )
    reason: Text = Field("", max_length=2000)


class ChallengeOut(BaseModel):
    """A challenge, and what was decided."""

    id: int
    plan: str
    account: str
    territory: str
    rep: str | None
    reason: str
    state: Literal["open", "accepted", "refused"]
    created_at: datetime
    created_by: str
    decision: Literal["accept", "refuse", "rule"] | None
    rule: str | None = Field(description="the rule that decided")
    rules_version: int | None
    answer: str
    explanation: dict[str, Any] | None = Field(
        description="what was known when it was decided; for planners"
    )
    made: Literal["move", "override"] | None
    version: int | None = Field(description="of the plan, that the move made")
    override: int | None
    decided_at: datetime | None
    decided_by: str | None


class Challenges(Page):
    """Challenges, newest first."""

    challenges: list[ChallengeOut]
