"""Accounts, cell tables and units are told apart, and read."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo.errors import GeometryError, InputError, MissingColumnError, OptionError
from sales.accounts.types import AccountTable
from sales.inputs import CellInput, UnitInput, read_input

CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(42.5, -73.5, 6), 2))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def cells(path: Path) -> CellInput:
    found = read_input(path)
    assert isinstance(found, CellInput)
    return found


def units(path: Path, **options: Any) -> UnitInput:
    found = read_input(path, **options)
    assert isinstance(found, UnitInput)
    return found


def codes(found: CellInput | UnitInput) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in found.issues]


# Cell tables


@pytest.mark.parametrize("kind", ["hex", "integer", "0x"])
@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
def test_cell_tables_in_every_format(tmp_path: Path, kind: str, suffix: str) -> None:
    names = [c if kind == "hex" else "0x" + c if kind == "0x" else str(int(c, 16)) for c in CELLS]
    frame = pd.DataFrame(
        {"cell": names[::-1], "potential": np.arange(19.0), "visits": np.arange(19)}
    )
    path = tmp_path / f"cells.{suffix}"
    if suffix == "xlsx":
        frame.to_excel(path, index=False)
    elif suffix == "parquet":
        frame.assign(cell=[int(c, 16) for c in CELLS[::-1]]).to_parquet(path)
    elif suffix == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, sep="\t" if suffix == "tsv" else ",", index=False)
    table = cells(path).table
    assert [h3.int_to_str(c) for c in table.cell] == CELLS
    assert table.measures == ("potential", "visits")
    assert table.measure("potential").tolist() == list(range(18, -1, -1))
    lat, lng = h3.cell_to_latlng(CELLS[0])
    assert (table.lat[0], table.lng[0]) == pytest.approx((lat, lng))
    assert table.accounts.tolist() == [1] * 18 + [0]


def test_doubts_in_a_cell_table(tmp_path: Path) -> None:
    a, b, c = CELLS[:3]
    text = (
        f"cell,Annual Potential,accounts,lat\n{a},10,2,1\n{b},-5,1,1\nnonsense,99,1,1\n"
        f"{a},5,1,1\n{c},n/a,0,1\n,7,1,1\n"
    )
    found = cells(write(tmp_path / "cells.csv", text))
    assert found.table.measures == ("potential", "accounts")
    assert found.table.activity.tolist() == [[15, 3], [0, 1], [0, 0]]
    assert found.table.accounts.tolist() == [3, 1, 0]
    assert codes(found) == [
        (3, "negative_value"), (4, "bad_cell"), (5, "duplicate_cell"), (7, "bad_cell"),
    ]  # fmt: skip


def test_cells_of_several_resolutions_may_not_overlap(tmp_path: Path) -> None:
    child = h3.cell_to_center_child(CELLS[0], 8)
    beside = write(tmp_path / "a.csv", f"cell,potential\n{CELLS[1]},1\n{child},2\n")
    assert len(cells(beside).table) == 2
    within = write(tmp_path / "b.csv", f"cell,potential\n{CELLS[0]},1\n{child},2\n")
    with pytest.raises(GeometryError, match=f"{child} lies within {CELLS[0]}"):
        read_input(within)


def test_a_column_of_cell_phones_is_no_cell_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,city,cell\n1,Troy,518-555-0100\n2,Rome,5185550101\n")
    assert isinstance(read_input(path), AccountTable)


# Polygons


def collection(*features: tuple[Any, dict[str, Any]]) -> str:
    items = [
        {"type": "Feature", "geometry": g if g is None else g.__geo_interface__, "properties": p}
        for g, p in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": items})


def test_polygons_with_doubts(tmp_path: Path) -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    text = collection(
        (box(0, 0, 1, 1), {"geoid": "01", "potential": 3}),
        (bow, {"geoid": "02", "potential": -4}),
        (None, {"geoid": "03", "potential": 5}),
        (Point(3, 3), {"geoid": "04", "potential": 6}),
        (MultiPolygon([box(2, 0, 3, 1), box(2, 5, 3, 6)]), {"geoid": "05", "potential": 7}),
    )
    found = units(write(tmp_path / "units.geojson", text), unit_id="geoid")
    assert found.ids == ("01", "02", "05")
    assert found.activity.tolist() == [[3], [0], [7]]
    assert found.geometry is not None
    assert found.edges is None
    for shape, lat, lng in zip(found.geometry, found.lat, found.lng, strict=True):
        assert shape.is_valid
        assert shape.contains(Point(lng, lat))
    assert codes(found) == [
        (3, "invalid_geometry"), (3, "negative_value"), (4, "null_geometry"), (5, "null_geometry"),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "parquet"])
def test_polygons_in_every_format_and_projection(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "worth": [1.5, 2.5]},
        geometry=[box(10, 50, 11, 51), box(11, 50, 12, 51)],
        crs="EPSG:4326",
    )
    path = tmp_path / f"units.{suffix}"
    if suffix == "parquet":
        frame.to_crs("EPSG:3857").to_parquet(path)
    else:
        frame.to_crs("EPSG:4326" if suffix == "geojson" else "EPSG:3857").to_file(path)
    found = units(path)
    assert found.ids == ("a", "b")
    assert found.measures == ("worth",)
    assert found.lng == pytest.approx([10.5, 11.5])
    assert found.lat == pytest.approx([50.5, 50.5], abs=0.01)


def test_polygons_that_cannot_be_used(tmp_path: Path) -> None:
    one, two = box(0, 0, 1, 1), box(1, 0, 2, 1)
    path = write(tmp_path / "u.geojson", collection((one, {"k": "a"}), (two, {"k": "a"})))
    with pytest.raises(InputError, match="“a” stands in row 2 already"):
        read_input(path, unit_id="k")
    with pytest.raises(MissingColumnError, match="nothing"):
        read_input(path, unit_id="nothing")
    numbered = units(path)
    assert numbered.ids == ("1", "2")
    assert codes(numbered) == [(0, "no_id_column")]
    metres = write(tmp_path / "m.geojson", collection((box(5e5, 6e6, 5e5 + 9, 6e6 + 9), {})))
    with pytest.raises(GeometryError, match="not in degrees"):
        read_input(metres)


def test_points_of_a_layer_are_accounts(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(-73.5, 42.5)], crs="EPSG:4326")
    frame.to_file(tmp_path / "points.gpkg")
    found = read_input(tmp_path / "points.gpkg")
    assert isinstance(found, AccountTable)
    assert found.frame.iloc[0][["latitude", "longitude"]].tolist() == [42.5, -73.5]


# Units with edges

TABLE = (
    "node,geoid,name,latitude,longitude,population\n"
    "0,19,A,42,-92,5\n1,20,B,43,-93,6\n2,21,C,44,-94,7\n"
)


def test_a_table_with_edges(tmp_path: Path) -> None:
    table = write(tmp_path / "units.csv", TABLE)
    edges = write(tmp_path / "edges.csv", "node_a,node_b\n0,1\n1,2\n1,1\n")
    found = units(table, edges=edges)
    assert found.ids == ("0", "1", "2")
    assert found.edges is not None
    assert found.edges.tolist() == [[0, 1], [1, 2]]
    assert found.activity[:, found.measures.index("population")].tolist() == [5, 6, 7]
    assert found.geometry is None
    assert codes(found) == [(0, "self_edge")]


@pytest.mark.parametrize("text", ["19,20\n20,21\n", "A,B\nB,C\n", "from;to\nA;B\nB;C\n"])
def test_the_ids_are_those_that_the_edges_name(tmp_path: Path, text: str) -> None:
    found = units(write(tmp_path / "u.csv", TABLE), edges=write(tmp_path / "e.csv", text))
    assert found.edges is not None
    assert found.edges.tolist() == [[0, 1], [1, 2]]


def test_edges_beside_polygons(tmp_path: Path) -> None:
    shapes = collection(
        (box(0, 0, 1, 1), {"id": "a"}), (box(5, 0, 6, 1), {"id": "b"}), (None, {"id": "c"})
    )
    edges = write(tmp_path / "e.csv", "a,b\nb,c\n")
    found = units(write(tmp_path / "u.geojson", shapes), edges=edges)
    assert found.edges is not None
    assert found.edges.tolist() == [[0, 1]]


def test_units_and_edges_that_do_not_fit(tmp_path: Path) -> None:
    table = write(tmp_path / "units.csv", TABLE)
    strange = write(tmp_path / "e.csv", "node_a,node_b\n0,7\n")
    with pytest.raises(InputError, match="No column of units"):
        read_input(table, edges=strange)
    with pytest.raises(InputError, match="no unit “7”"):
        read_input(table, edges=strange, unit_id="node")
    with pytest.raises(InputError, match="one column"):
        read_input(table, edges=write(tmp_path / "e1.csv", "node\n1\n"))
    nowhere = write(tmp_path / "n.csv", TABLE + "3,22,D,95,-200,1\n")
    with pytest.raises(GeometryError, match="row 5: the unit “3”"):
        read_input(nowhere, edges=write(tmp_path / "e2.csv", "node_a,node_b\n0,3\n"))
    with pytest.raises(OptionError, match="--unit-id"):
        read_input(table, unit_id="node")
