"""Rules in plan.json."""

from typing import Annotated, Literal

from pydantic import Field

from sales.plan_form.parts import Count, Number, Part, Text


class Lock(Part):
    """A unit locked to a territory."""

    unit: Text
    territory: Text
    account_id: Text
    source: Text


class Closed(Part):
    """A territory that keeps its units."""

    territory: Text
    units: list[Text]


class Group(Part):
    """Units that share a territory."""

    group: Text
    units: Annotated[list[Text], Field(min_length=1)]


class Pair(Part):
    """Two that must not share a territory."""

    a: Text
    b: Text
    unit_a: Text
    unit_b: Text


class Limit(Part):
    """Least and most of a measure."""

    measure: Text
    min: Number | None
    max: Number | None


class Barriers(Part):
    """Lines that part neighbours."""

    parted: Count


class Rules(Part):
    """The rules that the plan keeps."""

    locks: tuple[Lock, ...] = ()
    closed: tuple[Closed, ...] = ()
    together: tuple[Group, ...] = ()
    apart: tuple[Pair, ...] = ()
    limits: tuple[Limit, ...] = ()
    least_territories: Count | None = None
    barriers: Barriers | None = None
    homes: Literal["hard", "off"] | None = None
