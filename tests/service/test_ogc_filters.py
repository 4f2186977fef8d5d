"""Filters and boxes beside the plainest way to do the same; nothing that is asked ends in a 500."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadParameterError
from app.main import create_app
from app.ogc import cql2
from app.ogc.layer import Layer
from app.ogc.layers import accounts_layer, cell_boxes, cells_layer, territories_layer
from app.ogc.selection import selected
from app.settings import Settings
from geo.cells.index import cell_centers
from geo.formats.hexagons import cell_polygons
from tests.service.client import Client, running
from tests.service.ogc_plan import bundle, publish_plan

PLAN = bundle()
CELLS, TERRITORIES, ACCOUNTS = cells_layer(PLAN), territories_layer(PLAN), accounts_layer(PLAN)
ROWS: list[dict[str, Any]] = CELLS.table.to_pylist()


def chosen(layer: Layer, text: str, language: str = cql2.TEXT) -> list[str]:
    mask = selected(layer, cql2.parse(text, language))
    return [
        str(row[layer.key]) for row, kept in zip(layer.table.to_pylist(), mask, strict=True) if kept
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("potential > 100", lambda r: r["potential"] > 100),
        ("potential BETWEEN 5 AND 7", lambda r: 5 <= r["potential"] <= 7),
        ("potential IN (1, 2, 500)", lambda r: r["potential"] in (1, 2)),
        ("territory_id IN ('T01','T02') AND potential < 30",
         lambda r: r["territory_id"] in ("T01", "T02") and r["potential"] < 30),
        ("NOT (territory_id = 'T01' OR potential >= 50)",
         lambda r: not (r["territory_id"] == "T01" or r["potential"] >= 50)),
        ("potential * 2 + 1 = 21", lambda r: r["potential"] == 10),
        ("potential % 10 = 3 AND potential div 10 = 4", lambda r: r["potential"] == 43),
        ("CASEI(territory_id) = CASEI('t02')", lambda r: r["territory_id"] == "T02"),
        ("cell LIKE '%8%' AND \"territory_id\" <> 'T03'", lambda r: r["territory_id"] != "T03"),
        ("territory_id NOT LIKE 'T_1'", lambda r: r["territory_id"] != "T01"),
        ("territory_id IS NOT NULL AND TRUE", lambda r: True),
    ],
)  # fmt: skip
def test_filters_are_true_for_what_they_say(
    text: str, same: Callable[[dict[str, Any]], bool]
) -> None:
    assert chosen(CELLS, text) == [r["cell"] for r in ROWS if same(r)]


def test_names_and_accents() -> None:
    assert chosen(TERRITORIES, "name = 'O''Hara''s'") == ["T02"]
    assert chosen(TERRITORIES, "ACCENTI(rep) = 'Uni'") == ["T03"]
    assert chosen(TERRITORIES, "CASEI(ACCENTI(rep)) LIKE 'un%'") == ["T03"]
    assert chosen(TERRITORIES, "contiguous") == ["T01", "T03"]
    assert chosen(TERRITORIES, "contiguous = FALSE") == ["T02"]


def test_what_is_missing_is_neither_equal_nor_different() -> None:
    assert chosen(ACCOUNTS, "territory_id IS NULL") == ["A-59"]
    known = set(chosen(ACCOUNTS, "territory_id = 'T01' OR NOT (territory_id = 'T01')"))
    assert "A-59" not in known
    assert len(known) == 59
    assert chosen(ACCOUNTS, "geometry IS NULL") == ["A-59"]
    assert chosen(ACCOUNTS, "territory_id IS NULL OR rep = 'Nobody'") == ["A-59"]


@pytest.mark.parametrize(
    ("op", "relation"),
    [("S_INTERSECTS", shapely.intersects), ("S_WITHIN", shapely.within),
     ("S_DISJOINT", shapely.disjoint), ("S_CONTAINS", shapely.contains),
     ("S_OVERLAPS", shapely.overlaps), ("S_TOUCHES", shapely.touches)],
)  # fmt: skip
@pytest.mark.parametrize("layer", [CELLS, TERRITORIES])
def test_spatial_filters_are_those_of_the_geometries(
    op: str, relation: Callable[..., Any], layer: Layer
) -> None:
    shapes = layer.shapes(np.arange(len(layer)))
    for wkt in (
        "POLYGON((-86 37.5, -84.6 37.4, -85 38.6, -86 37.5))",
        "POINT(-85 38)",
        "LINESTRING(-86 38, -84 38.1)",
        "MULTIPOLYGON(((-86 37, -85.5 37, -85.5 39, -86 37)), ((-84 38, -83 38, -83 39, -84 38)))",
    ):
        area = shapely.from_wkt(wkt)
        wanted = [str(k) for k, s in zip(layer.table.column(0).to_pylist(), shapes, strict=True)
                  if relation(s, area)]  # fmt: skip
        assert chosen(layer, f"{op}(geometry, {wkt})") == wanted
        tree = {
            "op": op.lower(),
            "args": [{"property": "geometry"}, shapely.geometry.mapping(area)],
        }
        assert chosen(layer, json.dumps(tree), cql2.JSON) == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 9)
)  # fmt: skip
def test_boxes_hold_their_cells(lat: float, lng: float, resolution: int) -> None:
    cells = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), 1)), np.int64)
    boxes = cell_boxes(cells, *cell_centers(cells))
    bounds = shapely.bounds(np.array(cell_polygons(cells), dtype=object))
    polar = np.abs(bounds[:, [1, 3]]).max(axis=1) >= 89.999
    held = (boxes[:, :2] <= bounds[:, :2] + 1e-9) & (boxes[:, 2:] >= bounds[:, 2:] - 1e-9)
    assert (held.all(axis=1) | polar).all()
    assert (boxes[polar, 0] == -180).all()


@pytest.mark.parametrize(
    "text",
    ["(" * 30, "(" * 4000 + "a=1" + ")" * 4000, "a=" + "-" * 4000 + "1", "NOT " * 2000 + "a=1",
     "a='" + "(" * 5000, "x" * 9000, "'" * 7999, "a = 1 \\' " + "(" * 50],
)  # fmt: skip
def test_filters_made_to_hurt_are_refused_at_once(text: str) -> None:
    with pytest.raises(BadParameterError):
        selected(CELLS, cql2.parse(text, cql2.TEXT))


def test_deep_json_is_refused() -> None:
    for depth in (60, 100_000):
        text = '{"op":"not","args":[' * depth + "true" + "]}" * depth
        with pytest.raises(BadParameterError):
            cql2.parse(text[: cql2.MOST_CHARACTERS], cql2.JSON)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(
        create_app(Settings(data_dir=tmp_path_factory.mktemp("fuzz"), run_worker=False))
    ) as client:
        publish_plan(client.services.database)
        yield client


numbers = st.one_of(st.floats().map(str), st.integers().map(str), st.text(max_size=4))
properties = st.sampled_from(["potential", "territory_id", "cell", "geometry", "none", "rep"])
literals = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.fixed_dictionaries({"property": properties}),
    st.fixed_dictionaries({"bbox": st.lists(st.floats(-200, 200), max_size=7)}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Point", "Polygon", "MultiPoint", "LineString", "?"]),
         "coordinates": st.recursive(st.floats(-200, 200) | st.none(), st.lists, max_leaves=8)}
    ),
    st.fixed_dictionaries({"date": st.text(max_size=5)}),
)  # fmt: skip
operators = st.sampled_from(
    ["and", "or", "not", "=", "<>", "<", ">", "<=", ">=", "between", "in", "like", "isNull",
     "casei", "accenti", "+", "-", "*", "/", "%", "div", "^", "s_intersects", "s_within",
     "s_contains", "s_disjoint", "s_touches", "s_equals", "s_crosses", "s_overlaps", "t_after", "x"]
)  # fmt: skip
trees = st.recursive(
    literals,
    lambda inner: st.fixed_dictionaries(
        {"op": operators, "args": st.lists(inner | st.lists(inner, max_size=3), max_size=4)}
    ),
    max_leaves=8,
)
words = st.lists(
    st.sampled_from(
        ["potential", "territory_id", "geometry", "=", "<", ">", "AND", "OR", "NOT", "(", ")",
         "'x'", "1", "-", "+", "LIKE", "'%a_'", "IN", "BETWEEN", "IS NULL", "CASEI(",
         "S_INTERSECTS(", ",",
         "POINT(1 2)", "BBOX(0,0,1,1)", "POLYGON((0 0,1 1,0 1,0 0))", "TRUE", '"', "1e999", "é"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip
values: dict[str, st.SearchStrategy[str]] = {
    "limit": numbers, "offset": numbers, "potential": numbers, "version": numbers,
    "bbox": st.lists(numbers, max_size=7).map(",".join),
    "datetime": st.text(alphabet="0123456789-:TZ./+", max_size=30) | st.text(max_size=5),
    "territory_id": st.text(max_size=5), "plan": st.text(max_size=5), "f": st.text(max_size=5),
    "level": st.sampled_from(["region", "area", "territory", ""]) | st.text(max_size=3),
    "crs": st.text(max_size=5), "filter-lang": st.text(max_size=9),
}  # fmt: skip


def _no_constant(name: str) -> None:
    raise AssertionError(name)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["territories", "cells", "accounts", "reps", "regions"]),
    st.fixed_dictionaries({}, optional=values),
    st.none() | words | trees.map(json.dumps),
    st.text(max_size=12),
)
def test_no_question_ends_in_a_500(
    service: Client, collection: str, params: dict[str, str], text: str | None, identity: str
) -> None:
    if text is not None:
        params["filter"] = text
        if text[:1] in '{["0123456789tfn-NI':
            params["filter-lang"] = cql2.JSON
    encoded = {k: v.encode("utf-8", "replace").decode() for k, v in params.items()}
    answer = service.get(f"/ogc/collections/{collection}/items", params=encoded)
    assert answer.status_code in (200, 400, 404), answer.text
    if answer.status_code == 200 and "json" in answer.headers["content-type"]:
        json.loads(answer.text, parse_constant=_no_constant)  # neither NaN nor Infinity
    path = identity.encode("utf-8", "replace").decode()
    one = service.get(
        f"/ogc/collections/{collection}/items/" + "".join(f"%{b:02X}" for b in path.encode())
    )
    assert one.status_code in (200, 404), one.text
