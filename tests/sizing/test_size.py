import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import MissingColumnError, NotFoundError, NothingLocatedError, OptionError
from sales.sizing.market import class_of
from sales.sizing.model import Classes, Quota, RepYear, SizingModel, Travel
from sales.sizing.placed import Market, Seats, market_of
from sales.sizing.size import size
from sales.sizing.workload import workload_of
from sales.sizing.written import sizing_of
from tests.potential.made import table

# One place, so travel is the least distance only: 30 km at 60 km/h, half an hour a visit
HERE = Travel(speed_kmh=60.0, road_factor=1.0, stops=1.0, least_km=30.0)
MODEL: dict[str, Any] = {
    "class": [
        {"name": "A", "least": 100.0, "calls": 10, "hours": 1.5},
        {"name": "C", "least": 0.0, "calls": 2, "hours": 0.5},
    ],
    "travel": {"speed_kmh": 60, "road_factor": 1, "stops": 1, "least_km": 30},
    "rep": {"weeks": 10, "days": 1, "hours": 4, "selling_share": 0.5, "cost": 100},
    "response": {"margin": 0.5},
    "quota": {"share": 0.5, "per_rep": 100.0},
}


def market(territory: list[int] | None = None) -> Market:
    """Two A of 300 and 100, two C of 50 each: 400 + 100 = 500."""
    n = 4
    at = np.full(n, 50.0), np.full(n, 10.0)
    potential = np.array([300.0, 100.0, 50.0, 50.0])
    model = sizing_of(MODEL)
    return Market(
        *at, potential, class_of(potential, None, model.classes),
        np.array(["x", "y", "y", "x"], dtype=object),
        np.array(territory or [-1] * n),
    )  # fmt: skip


def seats() -> Seats:
    base = np.tile([50.0, 10.0], (2, 1))
    return Seats(("T1", "T2"), ("North", "South"), ("Ann", "Bo"), base, np.array([1.0, 0.5]))


def test_a_market_sized_by_hand() -> None:
    found = size(market(), None, sizing_of(MODEL))
    # A: 2 · 10 · (1.5 + 0.5) = 40 h, C: 2 · 2 · (0.5 + 0.5) = 4 h; a rep has 10·1·4·0.5 = 20 h
    assert found.hours == pytest.approx(44.0)
    assert found.travel_share == pytest.approx(12.0 / 44.0)
    assert found.selling_hours == 20.0
    assert found.by_workload == pytest.approx(2.2)
    assert found.by_potential == pytest.approx(500 * 0.5 / 100)
    assert found.base == 3
    by_class = {row.name: row for row in found.classes}
    assert (by_class["A"].accounts, by_class["A"].calls) == (2, 20.0)
    assert by_class["A"].reps == pytest.approx(2.0)
    assert [(row.name, row.potential) for row in found.segments] == [("x", 350.0), ("y", 150.0)]
    assert found.steps[1].reps == 2
    assert found.steps[1].added == pytest.approx(found.steps[1].sales - found.steps[0].sales)


def test_what_each_territory_carries_and_which_quota_is_out_of_reach() -> None:
    model = sizing_of(MODEL)
    found = size(market([0, 1, 1, 1]), seats(), model)
    first, second = found.territories
    # T1: 20 h needed, 20 h there: all of 0.5·300. T2: 20 + 4 h needed, 10 h there.
    assert (first.coverage, first.carries, first.quota) == pytest.approx((1.0, 150.0, 100.0))
    assert first.reason == ""
    assert second.quota == 50.0
    c, k = 10 / 24, 2.0
    sold = 0.3 + 0.7 * (1 - np.exp(-k * c)) / (1 - np.exp(-k))
    assert second.carries == pytest.approx(100.0 * sold)
    tight = dataclasses.replace(model, quota=Quota(0.5, None, {"Bo": 90.0, "T1": 160.0}))
    first, second = size(market([0, 1, 1, 1]), seats(), tight).territories
    assert first.reason.startswith("too little potential: 150")
    assert second.reason.startswith("too little time: 10 of 24 h")
    with pytest.raises(NotFoundError, match="'Cy'"):
        size(market([0, 1, 1, 1]), seats(), dataclasses.replace(model, quota=Quota(of={"Cy": 1.0})))


def test_the_most_profitable_number_is_that() -> None:
    model = sizing_of(MODEL | {"rep": MODEL["rep"] | {"cost": 10}})
    found = size(market(), None, model)
    wide = dataclasses.replace(model, quota=dataclasses.replace(model.quota, steps=30))
    steps = size(market(), None, wide).steps
    assert max(steps, key=lambda step: step.profit).reps == found.best


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 40), st.integers(0, 3))
def test_without_a_plan_the_number_fits_its_own_travel(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    each = Market(
        rng.uniform(45, 50, n), rng.uniform(5, 12, n), np.full(n, 10.0), np.zeros(n, dtype=int),
        np.full(n, "all", dtype=object), np.full(n, -1),
    )  # fmt: skip
    model = SizingModel(rep=RepYear(weeks=10), travel=Travel())
    work = workload_of(each, model, None)
    assert 1 <= work.territories <= n
    assert (work.travel_h > 0.0).all()


def test_given_classes_and_those_not_listed() -> None:
    classes = Classes(sizing_of(MODEL).classes.classes, column="Class")
    given = np.array(["a", "c", ""], dtype=object)
    assert class_of(np.zeros(3), given, classes).tolist() == [0, 1, -1]
    with pytest.raises(OptionError, match="class “d”"):
        class_of(np.zeros(1), np.array(["d"], dtype=object), classes)


def test_what_cannot_be_sized() -> None:
    model = SizingModel()
    nowhere = np.full(1, np.nan)
    with pytest.raises(MissingColumnError, match="no potential"):
        market_of(table({"employees": [1]}), nowhere, nowhere, model, None)
    lost, _ = market_of(table({"potential": [1]}), nowhere, nowhere, model, None)
    with pytest.raises(NothingLocatedError):
        size(lost, None, model)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"travel": {"speed": 60}}, "travel.speed: there is no such key"),
        ({"rep": {"selling_share": 1.5}}, "out of range"),
        ({"response": {"kind": "linear"}}, "response.kind"),
        ({"response": {"kind": "power"}}, "starts from today"),
        ({"class_column": "Class"}, "class: is missing"),
        ({"class": [{"name": "A", "least": 1, "calls": 1, "hours": 1},
                    {"name": "B", "least": 2, "calls": 1, "hours": 1}]}, "does not fall"),
        ({"quota": {"territories": {"T1": -1}}}, "out of range"),
        ({"format": "x"}, "format"),
    ],
)  # fmt: skip
def test_assumptions_that_are_not_understood(document: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        sizing_of(document)
    assert words in caught.value.message
