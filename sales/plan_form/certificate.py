"""The certificate in plan.json."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from sales.plan_form.parts import Count, Fraction, Number, Part, Text


class Granularity(Part):
    """How even a plan could be at best."""

    measure: Text
    heaviest_unit: Text
    share_of_target: Number
    least_max_deviation: Number
    accounts: Count
    positions: Count
    account: Text


class Compactness(Part):
    """The bound on the inertia."""

    measure: Text
    band: Annotated[Number, Field(ge=0)]
    prices_km2: list[Number]
    inertia: Number
    bound: Number
    gap: Number | None


class Exact(Part):
    """What was proven of the optimum."""

    objective: Literal["inertia", "cut_edges"]
    status: Literal["optimal", "gap", "infeasible", "unknown"]
    proven: StrictBool
    measure: Text
    unit: Text
    value: Number | None
    bound: Number | None
    gap: Number | None
    statement: Text


class LeastDisruption(Part):
    """The bound on the disruption."""

    measures: list[Text]
    prices: list[list[Number]]
    bound: Number
    share: Number


class Conflict(Part):
    """Two measures that cannot both be met."""

    unit: Text
    measure: Text
    tolerance: Fraction
    other: Text
    least_deviation: Number
    needed_tolerance: Number | None


class Crux(Part):
    """Units that forbid a better balance, with the prices that prove it."""

    measure: Text
    units: Annotated[list[Text], Field(min_length=1)]
    prices: list[Number]
    least_max_deviation: Annotated[Number, Field(gt=0)]


class Tradeoff(Part):
    """A weighing that was tried."""

    tolerance: dict[str, Fraction]
    reached: dict[str, Number]
    chosen: StrictBool


class Certificate(Part):
    """What the plan proves."""

    granularity: Granularity
    granularities: tuple[Granularity, ...] = ()
    cruxes: tuple[Crux, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    compactness: Compactness
    exact: Exact | None = None
    disruption: LeastDisruption | None = None
