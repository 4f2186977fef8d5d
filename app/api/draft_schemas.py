"""The JSON of edits and publications."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from app.api.schemas import Asked, Name, PlanLine, Text, Zoned


class MoveAsked(Asked):
    """A cell (or polygon unit) with all that is in it, or one account by itself."""

    cell: Text | None = Field(default=None, examples=["852a1073fffffff"])
    account: Text | None = Field(default=None, examples=["001Aa00000abcde"])
    territory: Name = Field(examples=["T03"])

    @model_validator(mode="after")
    def _one(self) -> "MoveAsked":
        if (self.cell is None) == (self.account is None):
            raise ValueError("name either a cell or an account")
        return self


class Moves(Asked):
    """Moves that are made together: all or none."""

    moves: list[MoveAsked] = Field(min_length=1, max_length=100_000)
    reason: Text = Field(default="", description="why, for the history")


class Reason(Asked):
    """Why, for the history."""

    reason: Text = ""


class StepOut(BaseModel):
    """A cell or an account went from one territory to another."""

    cell: str | None = None
    account: str | None = None
    was: str
    to: str


class EditOut(BaseModel):
    """What an edit made, or with `preview` would make, of a plan."""

    plan: str
    version: int = Field(description="that the edit made; with `preview` the one it would make")
    preview: bool
    steps: list[StepOut]
    summary: dict[str, Any]
    violations: list[dict[str, Any]]
    before: list[dict[str, Any]] = Field(description="the touched territories, as they were")
    after: list[dict[str, Any]] = Field(description="the same, as they are now")


class Entry(BaseModel):
    """An entry of the edit log."""

    version: int
    kind: Literal["move", "undo", "redo"]
    actor: str
    reason: str
    at: datetime
    steps: list[StepOut]
    summary: dict[str, Any]
    within_tolerance: bool


class History(BaseModel):
    """The edit log, newest first; version 1 is what the solver made."""

    plan: str
    entries: list[Entry]
    undo: int | None = Field(description="version of the edit that undo would take back")
    redo: int | None = Field(description="version of the edit that redo would do again")
    next: str | None = None


class PublishAsked(Asked):
    """When a plan takes effect, and why."""

    effective_at: Zoned | None = Field(
        default=None, description="now if left out; in the future: it is put in force then"
    )
    reason: Text = ""


class Published(PlanLine):
    """The plan, and its publication."""

    publication: int | None = Field(description="null where it was in force already")
    effective_at: datetime | None


class PublicationOut(BaseModel):
    """A plan version that was, is or will be in force."""

    id: int
    plan: str
    version: int
    former_plan: str | None
    former_version: int | None
    state: Literal["scheduled", "done", "withdrawn"]
    cause: Literal["publish", "rollback"]
    actor: str
    reason: str
    effective_at: datetime
    published_at: datetime


class Publications(BaseModel):
    """Publications, newest first."""

    publications: list[PublicationOut]
    next: str | None = None


class Comparison(BaseModel):
    """What changes between two plan versions."""

    measure: str
    accounts: int = Field(description="that are in both")
    moved: dict[str, float] = Field(description="accounts and weight whose territory changes")
    rep_changed: dict[str, float] = Field(description="accounts and weight whose rep changes")
    added: int
    dropped: int
    territories: list[dict[str, Any]]
    summary_was: dict[str, Any]
    summary_now: dict[str, Any]
    changes: list[dict[str, Any]]
    next: str | None = None
