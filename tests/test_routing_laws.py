"""Laws of routing: the picture says what the cells say, and rules come in their order."""

from dataclasses import replace
from datetime import UTC, datetime

import h3.api.basic_str as h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells.index import hex_to_cell
from geo.cells.outlines import outlines
from geo.geocode.types import Address
from sales.accounts.identity import canonical_id, checksum
from sales.lookup import Lookup, make_lookup
from sales.owners import Outside, Override
from sales.planfiles import read_bundle
from sales.route import Question, ask
from sales.routing_rules import World
from tests.service.made_up import plan_files

BUNDLE = read_bundle(plan_files())
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def mixed(seed: int, center: tuple[float, float] = (50.0, 10.0)) -> Lookup:
    """A market in which random cells are split, some twice, with holes, in two territories."""
    rng = np.random.default_rng(seed)
    cells = set(h3.grid_disk(h3.latlng_to_cell(*center, 5), 3))
    for level in (6, 7):
        split = [c for c in sorted(cells) if rng.random() < 0.3]
        for cell in split:
            cells.remove(cell)
            cells |= {c for c in h3.cell_to_children(cell, level) if rng.random() < 0.9}
    rows = [(c, f"T0{rng.integers(1, 3)}") for c in sorted(cells)]
    units = pd.DataFrame(rows, columns=["cell", "territory_id"]).assign(potential=1.0)
    return make_lookup(replace(BUNDLE, units=units))


@pytest.mark.parametrize("center", [(50.0, 10.0), (-17.0, 179.95), (64.7, 10.5)])
@pytest.mark.parametrize("seed", range(4))
def test_the_picture_says_what_the_cells_say(seed: int, center: tuple[float, float]) -> None:
    lookup = mixed(seed, center)
    rng = np.random.default_rng(seed)
    lat = rng.uniform(center[0] - 0.7, center[0] + 0.7, 20_000)
    lng = (rng.uniform(center[1] - 1.2, center[1] + 1.2, 20_000) + 180) % 360 - 180
    assert np.array_equal(lookup.owners_at(lat, lng), lookup.territories_at(lat, lng)[0])
    assert lookup.raster is not None
    assert (lookup.raster.at(lat, lng) != -2).mean() > 0.2  # it does decide


def test_near_a_pole_there_is_no_picture_and_the_answers_are_the_same() -> None:
    lookup = mixed(0, (88.0, 10.0))
    assert lookup.raster is None
    lat, lng = np.array([88.0, 0.0]), np.array([10.0, 0.0])
    assert np.array_equal(lookup.owners_at(lat, lng), lookup.territories_at(lat, lng)[0])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(49.4, 50.6), st.floats(9.2, 10.8)), min_size=1, max_size=30))
def test_a_point_goes_to_the_territory_whose_outline_holds_it(
    where: list[tuple[float, float]],
) -> None:
    lookup = make_lookup(BUNDLE)
    cells = hex_to_cell(BUNDLE.units["cell"].tolist())
    order = np.argsort(cells)
    shapes = outlines(cells[order], lookup.owner, 2)
    answers = ask(
        World(lookup, Outside(), {}, NOW),
        lambda _: None,
        [Question(Address(lat=lat, lng=lng)) for lat, lng in where],
    )
    for (lat, lng), answer in zip(where, answers, strict=True):
        place = shapely.Point(lng, lat)
        if any(shape.boundary.distance(place) < 1e-4 for shape in shapes):
            continue  # an outline's edge is straight on the map, a cell's is an arc
        holding = [lookup.ids[i] for i, shape in enumerate(shapes) if shape.contains(place)]
        assert ([answer.territory] if answer.territory else []) == holding


def test_named_first_then_segment_then_cell_then_outside() -> None:
    document = dict(BUNDLE.document)
    document["territories"] = [
        t | {"segment": s} for t, s in zip(document["territories"], ("smb", "large"), strict=True)
    ]
    lookup = make_lookup(replace(BUNDLE, document=document))
    overrides = {
        "A": (Override("named", rep="Cy"),),
        "B": (Override("override", territory="T99"),),
        "C": (Override("named", rep="Cy", valid_to=NOW),),
        "D": (Override("named", rep="Cy"), Override("override", territory="T02")),
    }
    world = World(lookup, Outside("queue", queue="Desk"), overrides, NOW)
    west, far = Address(lat=50.0, lng=9.9), Address(lat=0.0, lng=0.0)
    asked = [
        Question(west, "A", "large"), Question(west, "B"), Question(west, "C"),
        Question(west, "D"), Question(west, "E", "large"), Question(west, "E", "huge"),
        Question(far), Question(far, "A"), Question(None, "A"),
    ]  # fmt: skip
    found = ask(world, lambda _: None, asked)
    assert [(a.rule, a.territory, a.rep) for a in found] == [
        ("named", None, "Cy"), ("cell", "T01", "Ann"), ("cell", "T01", "Ann"),
        ("named", "T02", "Bo"), ("segment", "T02", "Bo"), ("cell", "T01", "Ann"),
        ("outside", None, "Desk"), ("named", None, "Cy"), ("named", None, "Cy"),
    ]  # fmt: skip
    assert "T99" in found[1].trace[0]
    near = ask(replace(world, outside=Outside("nearest", 100)), lambda _: None, asked[6:7])[0]
    assert (near.code, near.territory) == ("outside_market", None)
    assert "km away" in near.reason


@given(st.from_regex(r"\A0[0-9A-Za-z]{14}\Z"))
def test_both_spellings_of_a_salesforce_id_have_one_canonical_id(short: str) -> None:
    full = short + checksum(np.array([short], dtype="S15"))[0].decode()
    assert canonical_id(short) == canonical_id(full) == canonical_id(short + full[15:].lower())
    assert canonical_id(canonical_id(short)) == full


@pytest.mark.parametrize(
    "other", ["", "A-1", "123456789012345", "001A0000006Vm9rXXX", "é" * 15, "b2f7-11"]
)
def test_other_ids_stay_as_they_are(other: str) -> None:
    assert canonical_id(other) == other
