"""Territories rolled up: regions and areas with their outlines and the sums of what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.cells.index import hex_to_cell
from geo.cells.outlines import Outline, outlines
from sales.plan import PlanBundle

_COUNTS = ("accounts", "cells")


@dataclass(frozen=True, slots=True)
class Group:
    """Territories that belong together, by their ids."""

    id: str
    name: str
    territories: tuple[str, ...]


def roll_up(
    bundle: PlanBundle, groups: Sequence[Group]
) -> tuple[list[dict[str, Any]], list[Outline]]:
    """Properties and outline of each group.

    `territories` is how many of the group's the plan has; `target`, the measures, `accounts` and
    `cells` are their sums, and `deviation` is that of the sum. Drawn from the cells, so that two
    groups share their border vertex by vertex. A territory counts in one group at most.
    """
    document = bundle.document
    held = {str(t["id"]): t for t in document["territories"]}
    records = [_record(group, held, document["measures"]) for group in groups]
    index = {t: i for i, group in enumerate(groups) for t in group.territories}
    owner = np.array([index.get(t, -1) for t in bundle.units["territory_id"].tolist()], np.int32)
    if document["units"] == "cells":
        cells = hex_to_cell(bundle.units["cell"].tolist())
        return records, outlines(cells[owner >= 0], owner[owner >= 0], len(groups))
    return records, _unions(bundle, groups)


def _record(group: Group, held: dict[str, Any], measures: Sequence[str]) -> dict[str, Any]:
    own = [held[t] for t in group.territories if t in held]
    record: dict[str, Any] = {"id": group.id, "name": group.name, "territories": len(own)}
    for name in (*measures, "target", *_COUNTS):
        record[name] = sum(t.get(name, 0) for t in own)
    target = record["target"]
    record["deviation"] = (record[measures[0]] - target) / target if target else None
    return record


def _unions(bundle: PlanBundle, groups: Sequence[Group]) -> list[Outline]:
    """Of polygon units there is no cell; their territories' outlines share vertices."""
    shape = {
        str(feature["id"]): shapely.geometry.shape(feature["geometry"])
        for feature in bundle.outlines["features"]
        if feature["geometry"] is not None
    }
    return [
        _outline(shapely.union_all([shape[t] for t in group.territories if t in shape]))
        for group in groups
    ]


def _outline(area: BaseGeometry) -> Outline:
    parts = [orient(p) for p in shapely.get_parts(area) if isinstance(p, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
