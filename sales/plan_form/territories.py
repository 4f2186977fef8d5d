"""Territories and reps in plan.json."""

from typing import Annotated

from pydantic import Field, StrictBool

from sales.plan_form.parts import Count, Latitude, Longitude, Number, Part, Text


class Center(Part):
    """A position in degrees."""

    lat: Latitude
    lng: Longitude


class Territory(Part):
    """One territory."""

    id: Annotated[Text, Field(min_length=1)]
    name: Text
    rep: Text
    rep_name: Text
    target: Annotated[Number, Field(gt=0)]
    deviation: Number
    deviations: dict[str, Number]
    accounts: Count
    cells: Count
    contiguous: StrictBool
    center: Center


class Rep(Part):
    """One rep."""

    rep_id: Text
    name: Text
    capacity: Annotated[Number, Field(gt=0)]
    lat: Latitude | None
    lng: Longitude | None
    territory: Text


class Override(Part):
    """An account that was moved out of its unit by itself, and what it is worth."""

    account_id: Text
    unit: Text
    territory: Text
    measures: dict[str, Number]
