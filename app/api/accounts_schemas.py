"""Accounts as a CRM sends them, and whose they are."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.api.schemas import Asked, Name, Page, Text, Written


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise ValueError("this moment is too far from today") from error


# Without a zone a moment is in UTC; a bare date is its first moment.
Moment = Annotated[datetime, Written, AfterValidator(_in_utc)]
Coordinate = Annotated[float, Field(allow_inf_nan=False, strict=True)]


class AccountIn(BaseModel):
    """Where an account is, and any attributes beside; all of it is kept, and replaces what was."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    lat: Coordinate | None = None
    lng: Coordinate | None = None
    street: Text | None = None
    city: Text | None = None
    state: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None
    segment: Text | None = None


class AccountRow(AccountIn):
    """The same with its id."""

    external_id: Name


class AccountRows(Asked):
    """Accounts to be upserted. A row that cannot be used fails alone."""

    accounts: list[AccountRow | Annotated[JsonValue, Field(description="any other fails alone")]]


class Upserted(BaseModel):
    """What became of a row, and whose the account is."""

    external_id: str | None
    id: str | None = Field(description="canonical: 18 characters for a Salesforce id")
    status: Literal["created", "updated", "unchanged", "failed"]
    code: str = Field(description="of the answer that routed it, or why the row failed")
    reason: str
    territory: str | None
    rep: str | None
    rule: str
    precision: str
    version: int | None = Field(description="counts the changes of the account")


class UpsertAnswer(BaseModel):
    """A result per row, in the order of the rows, and how many there are of each."""

    created: int
    updated: int
    unchanged: int
    failed: int
    results: list[Upserted]


class AccountOut(BaseModel):
    """Whose an account is, why, and since when; null where nobody's or not known."""

    external_id: str
    id: str
    territory: str | None
    territory_name: str | None
    rep: str | None
    code: str
    reason: str
    rule: str
    trace: list[str]
    precision: str
    cell: str | None
    lat: float | None
    lng: float | None
    since: datetime | None = Field(description="when this owner got it")
    plan: str | None
    plan_version: int | None
    notice: str
    version: int | None
    updated_at: datetime | None
    sent: dict[str, Any] | None = Field(description="what the CRM sent last")


class OwnerAt(BaseModel):
    """Whose an account was at a moment, by the log of owners."""

    external_id: str
    id: str
    at: datetime
    territory: str | None
    rep: str | None
    rule: str | None
    cause: str | None
    since: datetime | None
    plan: str | None
    plan_version: int | None
    seq: int | None


class Change(BaseModel):
    """An account changed hands; null is nobody."""

    seq: int
    account_id: str
    effective_at: datetime
    recorded_at: datetime
    former_territory: str | None
    former_rep: str | None
    territory: str | None
    rep: str | None
    rule: str
    cause: str = Field(description="publish, rollback, upsert, override, rules or delete")
    plan: str
    plan_version: int


class Changes(Page):
    """Changes in the order of `seq`; `last` is the cursor to go on from, always there."""

    changes: list[Change]
    last: int
