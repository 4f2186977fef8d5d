import io
from dataclasses import replace

import h3.api.basic_str as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells.hierarchy import resolution_of
from geo.errors import GeometryError, PlanFilesError
from sales.lookup import NOWHERE, make_lookup
from sales.plan import PlanBundle
from sales.planfiles import read_bundle
from tests.service.made_up import plan_files

BUNDLE = read_bundle(plan_files())
OWNER = dict(zip(BUNDLE.units["cell"], BUNDLE.units["territory_id"], strict=True))


def refined(bundle: PlanBundle) -> PlanBundle:
    """The same plan with one western cell split, one child of it given to the east."""
    split = next(c for c, t in OWNER.items() if t == "T01")
    children = sorted(h3.cell_to_children(split, 6))
    rows = [(c, t) for c, t in OWNER.items() if c != split]
    rows += [(c, "T02" if i == 0 else "T01") for i, c in enumerate(children)]
    units = pd.DataFrame(rows, columns=["cell", "territory_id"]).assign(potential=1.0)
    return replace(bundle, units=units)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(49.4, 50.6), st.floats(9.2, 10.8)), min_size=1, max_size=30))
def test_a_point_belongs_to_the_territory_of_its_cell(where: list[tuple[float, float]]) -> None:
    lookup = make_lookup(BUNDLE)
    lat, lng = np.array(where).T
    found, cells = lookup.territories_at(lat, lng)
    for (y, x), territory, cell in zip(where, found, cells, strict=True):
        expected = OWNER.get(h3.latlng_to_cell(y, x, 5))
        assert (lookup.ids[territory] if territory != NOWHERE else None) == expected
        assert format(cell, "x") == h3.latlng_to_cell(y, x, 5)


def test_the_finest_cell_decides_where_resolutions_are_mixed() -> None:
    bundle = refined(BUNDLE)
    lookup = make_lookup(bundle)
    assert lookup.index is not None
    assert set(resolution_of(lookup.index.cells).tolist()) == {5, 6}
    centers = np.array([h3.cell_to_latlng(c) for c in bundle.units["cell"]])
    found, cells = lookup.territories_at(centers[:, 0], centers[:, 1])
    assert [lookup.ids[i] for i in found] == list(bundle.units["territory_id"])
    assert [format(c, "x") for c in cells] == list(bundle.units["cell"])


def test_polygon_units_are_looked_up_by_outline() -> None:
    units = pd.read_csv(io.StringIO("unit_id,territory_id,potential\nA,T01,1\nB,T02,1\n"))
    document = dict(BUNDLE.document) | {"units": "units"}
    lookup = make_lookup(replace(BUNDLE, document=document, units=units))
    lat, lng = np.array([50.0, 50.0, 10.0]), np.array([9.8, 10.2, 10.0])
    found, _ = lookup.territories_at(lat, lng)
    assert found.tolist() == [0, 1, NOWHERE]
    on_the_border, _ = lookup.territories_at(np.array([50.0]), np.array([10.0]))
    assert on_the_border.tolist() == [0]


def test_a_place_not_on_earth_is_an_error() -> None:
    with pytest.raises(GeometryError):
        make_lookup(BUNDLE).territories_at(np.array([91.0]), np.array([0.0]))


def test_a_cell_of_an_unknown_territory_is_an_error() -> None:
    units = BUNDLE.units.assign(territory_id="T99")
    with pytest.raises(PlanFilesError):
        make_lookup(replace(BUNDLE, units=units))


def test_no_points_are_no_answers() -> None:
    found, cells = make_lookup(BUNDLE).territories_at(np.array([]), np.array([]))
    assert len(found) == len(cells) == 0
