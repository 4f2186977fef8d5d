"""The form of plan.json where the plan has segments."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sales.plan_form.certificate import Certificate
from sales.plan_form.document import Provenance
from sales.plan_form.parts import Count, Fraction, Number, Part, Text
from sales.plan_form.summary import Summary, Violation
from sales.plan_form.territories import Center, Rep, Territory


class Segment(Part):
    """A segment: its rule in words, who claimed and who got how many accounts."""

    id: Annotated[Text, Field(min_length=1)]
    name: Text
    rule: Text
    cover: Literal["geography", "list"]
    geography: Text
    claimed: Count
    accounts: Count
    assigned: Count
    review: Count
    territories: Count
    tolerance: dict[str, Fraction]
    max_deviation: Number | None
    fingerprint: Text


class SegmentTerritory(Territory):
    """A territory, and the segments that it serves; one of a list has no cells."""

    target: Number
    center: Center | None  # type: ignore[assignment]
    segment: Text
    segments: Annotated[list[Text], Field(min_length=1)]
    geography: Text


class Geographies(Part):
    """The certificate of each geography."""

    geographies: dict[str, Certificate]


class SegmentProvenance(Provenance):
    """Where the plan comes from, its model too."""

    model: Text
    model_sha256: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]


class SegmentedPlan(Part):
    """All of plan.json of a plan with segments."""

    units: Literal["cells"]
    resolution: None
    measures: Annotated[list[Text], Field(min_length=1)]
    tolerance: dict[str, Fraction]
    segments: Annotated[list[Segment], Field(min_length=1)]
    territories: Annotated[list[SegmentTerritory], Field(min_length=1)]
    reps: list[Rep]
    summary: Summary
    violations: list[Violation]
    certificate: Geographies
    provenance: SegmentProvenance
    rules: Any = None
