"""A finished plan as it is written, read back, served and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

ASSIGNMENT_COLUMNS = (
    "account_id", "territory_id", "rep", "segment", "cell", "lat", "lng", "precision", "rule",
)  # fmt: skip
REVIEW_COLUMNS = ("row", "account_id", "column", "code", "message", "hint")
EDGE_COLUMNS = ("unit_a", "unit_b")
PLACE_COLUMNS = ("unit_id", "lat", "lng")
INCUMBENT_COLUMNS = ("account_id", "territory_id", "rep", "weight")  # or unit_id
BRIDGE_COLUMNS = ("cell_a", "cell_b", "km")
LIST_COLUMNS = ("account_id", "rep")
MEMBER_COLUMNS = ("account_id", "usable", "segment", "by", "parent", "head")
POSTCODE_COLUMNS = ("account_id", "country", "postal_code", "weight")


@dataclass(frozen=True, eq=False)
class PlanBundle:
    """Everything in a plan's directory, parsed.

    `document`     plan.json; besides the contract's keys: `measures` (names, the balanced first),
                   `reps[]` {`rep_id`, `name`, `capacity`, `lat`, `lng` (null if unknown),
                   `territory`}, `units` ("cells" or "units"), `resolution` (int or null),
                   `tolerance` {measure: fraction}
    `assignments`  assignments.csv: ASSIGNMENT_COLUMNS; all str ("" = none) but lat, lng float64
                   (NaN = none); `cell` is the H3 index as hex string (unit id for polygon units)
    `units`        cells.csv (`cell` hex string) or units.csv (`unit_id`), `territory_id`, then one
                   float64 column per measure
    `bridges`      bridges.csv: BRIDGE_COLUMNS
    `review`       review.csv: REVIEW_COLUMNS
    `outlines`     territories.geojson as a dict
    `names`        account names in the order of `assignments`, or None when read from a directory
                   (the contract's files do not carry them)
    `edges`        for polygon units, edges.csv: `unit_a`, `unit_b`, the contiguity without bridges
    `places`       for polygon units, places.csv: `unit_id`, `lat`, `lng`; for cells both are None,
                   since the cell ids say it all
    `incumbent`    with an incumbent, incumbent.csv: one row per row of `assignments` (or of `units`
                   where there are no accounts), `account_id` (or `unit_id`), `territory_id` and
                   `rep` before, "" for none, `weight` that is disrupted if it changes hands
    `barriers`     with barriers, the GeoJSON as it was given
    `postcodes`    where the accounts had postal codes, postcodes.csv: POSTCODE_COLUMNS, one row per
                   row of `assignments`; `weight` is the first measure

    A plan with segments (docs/decisions/0012-segments.md) has beside these:

    `model`        model.toml: the territory model, as it was given
    `lists`        lists/<segment>.csv: LIST_COLUMNS, the accounts named for a segment
    `members`      members.csv: MEMBER_COLUMNS and what the model asks about, one row per row of
                   `assignments`
    `parts`        segments/<geography>/: the plan of each geography, a plan by itself
    """

    document: Mapping[str, Any]
    assignments: pd.DataFrame
    units: pd.DataFrame
    bridges: pd.DataFrame
    review: pd.DataFrame
    outlines: Mapping[str, Any]
    names: tuple[str, ...] | None = None
    edges: pd.DataFrame | None = None
    places: pd.DataFrame | None = None
    incumbent: pd.DataFrame | None = None
    barriers: Mapping[str, Any] | None = None
    postcodes: pd.DataFrame | None = None
    model: str | None = None
    lists: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    members: pd.DataFrame | None = None
    parts: Mapping[str, "PlanBundle"] = field(default_factory=dict)
