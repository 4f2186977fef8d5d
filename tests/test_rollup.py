"""Territories rolled up to regions: the same ground, sums that add up, no slivers between."""

import numpy as np
import pytest
import shapely

from sales.rollup import Group, roll_up
from sales.trim import trimmed
from tests.service.ogc_plan import FIJI, KENTUCKY, bundle

GROUPS = (Group("west", "West", ("T01", "T02")), Group("east", "East", ("T03",)))


@pytest.mark.parametrize("place", [KENTUCKY, FIJI])
def test_regions_are_their_territories_together(place: tuple[float, float]) -> None:
    plan = bundle(place)
    records, shapes = roll_up(plan, GROUPS)
    outline = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in plan.outlines["features"]}
    west, east = shapes
    assert all(shape.is_valid for shape in shapes)
    both = shapely.union_all([outline["T01"], outline["T02"]])
    assert west.symmetric_difference(both).area < 1e-9
    assert east.equals(outline["T03"])
    assert west.intersection(east).area == 0
    assert shapely.union_all(shapes).area == pytest.approx(sum(s.area for s in shapes))
    for name in ("potential", "accounts", "cells", "target"):
        parts = {t["id"]: t[name] for t in plan.document["territories"]}
        assert records[0][name] == pytest.approx(parts["T01"] + parts["T02"])
        assert records[1][name] == parts["T03"]
    assert records[0]["deviation"] == pytest.approx(
        records[0]["potential"] / records[0]["target"] - 1
    )
    assert [r["territories"] for r in records] == [2, 1]


def test_a_group_of_territories_that_are_not_there_is_empty() -> None:
    records, shapes = roll_up(bundle(), [Group("none", "None", ("T77",)), *GROUPS])
    assert records[0]["territories"] == 0
    assert records[0]["deviation"] is None
    assert shapes[0].is_empty


def test_a_part_has_nothing_of_the_rest() -> None:
    whole = bundle()
    part = trimmed(whole, ["T01", "T03"])
    assert [t["id"] for t in part.document["territories"]] == ["T01", "T03"]
    assert {f["id"] for f in part.outlines["features"]} == {"T01", "T03"}
    assert (
        set(part.units["territory_id"]) == set(part.assignments["territory_id"]) == {"T01", "T03"}
    )
    assert [r["territory"] for r in part.document["reps"]] == ["T01", "T03"]
    assert part.document["summary"]["territories"] == 2
    assert part.document["summary"]["assigned"] == len(part.assignments)
    assert part.document["summary"]["max_deviation"] == max(
        abs(t["deviation"]) for t in part.document["territories"]
    )
    assert part.document["certificate"] == {}
    assert len(part.review) == 0
    assert np.isfinite(part.assignments["lat"]).all()
