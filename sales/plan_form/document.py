"""plan.json as a whole."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sales.plan_form.certificate import Certificate, Tradeoff
from sales.plan_form.parts import Count, Fraction, Part, Text
from sales.plan_form.rules import Rules
from sales.plan_form.summary import Summary, Violation
from sales.plan_form.territories import Override, Rep, Territory


class Provenance(Part):
    """Where the plan comes from."""

    version: Text
    seed: Count
    parameters: dict[str, Any]
    input_sha256: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    fingerprint: Text
    stop_reason: Text


class Plan(Part):
    """All of plan.json."""

    units: Literal["cells", "units"]
    resolution: Annotated[int, Field(strict=True, ge=0, le=15)] | None
    measures: Annotated[list[Text], Field(min_length=1)]
    tolerance: Annotated[dict[str, Fraction], Field(min_length=1)]
    territories: Annotated[list[Territory], Field(min_length=1)]
    reps: list[Rep]
    summary: Summary
    rules: Rules | None = None
    violations: list[Violation]
    certificate: Certificate
    tradeoffs: tuple[Tradeoff, ...] = ()
    overrides: tuple[Override, ...] = ()
    provenance: Provenance
