"""What is asked and answered about scores, sizes and certainty."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, JsonValue

from app.api.schemas import Asked, DatasetOut, Name
from sales.potential.certainty import Certainty
from sales.potential.explain import Explanation
from sales.potential.summary import Summary
from sales.sizing.model import SizingModel
from sales.sizing.size import Sizing


def _written(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds half a surrogate pair, which is no text") from error
    return value


Rules = Annotated[dict[str, JsonValue], AfterValidator(_written)]


class ScoreRequest(Asked):
    """A scoring model, with the keys of the TOML file (docs/guide/potential.md)."""

    model: Rules
    explain: list[Name] = Field([], max_length=100, description="ids of accounts to explain")


class Scored(BaseModel):
    """The new dataset, whose `potential` is the score, and what the scoring did."""

    dataset: DatasetOut
    summary: Summary
    explained: list[Explanation]


class SizingRequest(Asked):
    """Assumptions with the keys of the TOML file (docs/guide/sizing.md); those left out have
    defaults."""

    dataset: Name
    model: Rules = Field(default_factory=dict)
    plan: Name | None = Field(None, description="whose territories are sized one by one")


class Sized(BaseModel):
    """The sizing, and everything that was assumed for it."""

    assumptions: SizingModel
    sizing: Sizing


class SharedIn(Asked):
    """An error that all accounts with the same text in a column have in common."""

    column: Name
    sd: float = Field(ge=0, le=10, allow_inf_nan=False)


class CertaintyRequest(Asked):
    """`dataset`: one that was scored, by default the plan's."""

    dataset: Name | None = None
    shared: list[SharedIn] = Field([], max_length=10)
    tolerance: float | None = Field(None, gt=0, lt=10, allow_inf_nan=False)
    draws: int = Field(2000, ge=100, le=20_000)
    seed: int = Field(0, ge=0, lt=2**63)


class Certain(BaseModel):
    """How likely a plan is in balance."""

    plan: str
    dataset: str
    certainty: Certainty
