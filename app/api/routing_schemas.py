"""The planner's rules beside the map."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from app.api.accounts_schemas import Moment
from app.api.schemas import Asked, Name, Page, Text


class RoutingIn(Asked):
    """Who has a place outside the market."""

    outside: Literal["nearest", "queue", "none"]
    nearest_km: float | None = Field(
        None,
        strict=True,
        gt=0,
        allow_inf_nan=False,
        description="with nearest: no farther; null: any distance",
    )
    queue: Text = Field("", max_length=200, description="with queue: its name, given as the rep")

    @model_validator(mode="after")
    def _of_one_rule(self) -> "RoutingIn":
        if (self.outside == "queue") != bool(self.queue.strip()):
            raise ValueError("outside: queue and the name of the queue go together")
        if self.nearest_km is not None and self.outside != "nearest":
            raise ValueError("nearest_km goes with outside: nearest only")
        return self


class RulesVersion(BaseModel):
    """One version of the rules."""

    version: int
    outside: Literal["nearest", "queue", "none"]
    nearest_km: float | None
    queue: str
    created_at: datetime | None
    created_by: str


class Routing(RulesVersion):
    """The rules in force, and the versions before, newest first."""

    history: list[RulesVersion]


class OverrideIn(Asked):
    """An account's owner whatever the geography: a territory, or a rep."""

    kind: Literal["named", "override"] = "override"
    territory: Text = Field("", max_length=200)
    rep: Text = Field("", max_length=200)
    reason: Text = Field("", max_length=1000)
    valid_from: Moment | None = Field(None, description="null, or past: from now on")
    valid_to: Moment | None = Field(None, description="null: until further notice")

    @model_validator(mode="after")
    def _an_owner_for_a_while(self) -> "OverrideIn":
        if not (self.territory or self.rep):
            raise ValueError("an override needs a territory or a rep")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is not after valid_from")
        return self


class OverrideRow(OverrideIn):
    """The same with the account's id."""

    account: Name


class OverrideRows(Asked):
    """All overrides that shall be; what is not among them ends."""

    overrides: list[OverrideRow] = Field(max_length=100_000)


class OverrideOut(BaseModel):
    """An override as it was set."""

    id: int
    account: str
    kind: Literal["named", "override"]
    territory: str
    rep: str
    reason: str
    valid_from: datetime
    valid_to: datetime | None
    created_at: datetime
    created_by: str


class OverridePage(Page):
    """Overrides, in the order in which they were set."""

    overrides: list[OverrideOut]
