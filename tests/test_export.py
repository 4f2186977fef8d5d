"""Exports, read back with the libraries that their users have."""

import hashlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OptionError
from geo.formats import xlsx
from geo.formats.columns import bearable_names
from geo.formats.geojson import dumps
from geo.formats.text import spreadsheet_safe
from sales.export import FORMATS, export
from sales.plan import ASSIGNMENT_COLUMNS, BRIDGE_COLUMNS, REVIEW_COLUMNS, PlanBundle

EVIL = (
    '=HYPERLINK("http://x.example","y")',
    "+SUM(1)",
    "@cmd",
    "-2+3",
    "\tTabbed",
    'Ünïcode "Quoted" <b>&amp;</b>, O\'Neil\nLine two',
    "株式会社クエル 🚀",
    "bell\x07 and lone \ud800 surrogate",
    "ж" * 300,
)
CENTERS = ((47.6, -122.3), (45.5, -122.7), (-16.5, 180.0))  # the last lies on the date line
REVENUE, REVENUE_TOO = "Annual revenue of the group, €", "Annual revenue of last year, €"


def small_bundle() -> PlanBundle:
    territories: list[dict[str, Any]] = []
    features: list[dict[str, Any]] = []
    cells: list[str] = []
    owner: list[str] = []
    for i, (lat, lng) in enumerate(CENTERS):
        tid = f"T{i + 1}"
        cell = h3.latlng_to_cell(lat, lng, 5)
        disk = sorted(h3.grid_disk(cell, 1)) if i < 2 else [cell]
        cells += disk
        owner += [tid] * len(disk)
        properties = {
            "id": tid, "name": EVIL[5] if i == 0 else EVIL[6], "rep": EVIL[0], "target": 100.0,
            "potential": 104.25 + i, REVENUE: 5.0, REVENUE_TOO: 6.0, "fid": 7.0,
            "deviation": 0.0425 - i / 100, "deviations": {"potential": 0.0425 - i / 100},
            "accounts": 3, "cells": len(disk), "contiguous": i != 1,
            "center": {"lat": lat, "lng": lng},
        }  # fmt: skip
        territories.append(properties)
        shape = shapely.geometry.mapping(shapely.box(lng - 1, lat - 1, min(lng + 1, 180), lat + 1))
        features.append({"type": "Feature", "id": tid, "geometry": shape, "properties": properties})
    features[1]["geometry"] = None
    n = len(EVIL)
    assignments = pd.DataFrame(
        {
            "account_id": ["-00012", "007", *[f"001x{i}" for i in range(n - 2)]],
            "territory_id": ["T1", "T2", "T3"] * (n // 3 - 1) + ["T1", "T2", ""],
            "rep": [EVIL[0]] * (n - 1) + [""],
            "segment": "geographic",
            "cell": [cells[i] for i in range(n - 1)] + [""],
            "lat": [47.5 + i / 7 for i in range(n - 1)] + [np.nan],
            "lng": [-122.25] * (n - 1) + [np.nan],
            "precision": "postcode",
            "rule": "territory",
        }
    )[list(ASSIGNMENT_COLUMNS)]
    units = pd.DataFrame({"cell": cells, "territory_id": owner})
    units["potential"] = np.arange(len(cells), dtype=np.float64)
    review = pd.DataFrame(
        [[n + 1, "001x6", "city", "not_found", "=no such city", "Mend it."]], columns=REVIEW_COLUMNS
    )
    document = {
        "format": "bailiwick-plan/1",
        "territories": territories,
        "summary": {"territories": 3, "accounts": n, "assigned": n - 1, "max_deviation": 0.0425},
        "violations": [],
        "measures": ["potential", REVENUE, REVENUE_TOO, "fid"],
        "tolerance": {"potential": 0.05},
        "units": "cells",
        "reps": [{"rep_id": EVIL[0], "name": EVIL[6], "capacity": 1.0, "territory": "T1"}],
        "provenance": {"version": "0.1.0", "seed": 0, "stop_reason": "done"},
    }
    outlines = {"type": "FeatureCollection", "features": features}
    bridges = pd.DataFrame(columns=BRIDGE_COLUMNS)
    return PlanBundle(document, assignments, units, bridges, review, outlines, EVIL)


@pytest.fixture(scope="module")
def bundle() -> PlanBundle:
    return small_bundle()


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_plan_gives_the_same_bytes_and_nothing_else(
    bundle: PlanBundle, fmt: str, tmp_path: Path
) -> None:
    digests = set()
    for attempt in ("one", "two"):
        path = tmp_path / attempt / f"plan{FORMATS[fmt].suffix}"
        assert export(bundle, fmt, path) == path
        export(small_bundle(), fmt, path)  # over the file that is there
        assert [p.name for p in path.parent.iterdir()] == [path.name]
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_no_file_tells_when_it_was_made(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "gpkg", tmp_path / "plan.gpkg")
    with sqlite3.connect(path) as database:
        changed = database.execute("select distinct last_change from gpkg_contents").fetchall()
    assert changed == [("1980-01-01T00:00:00.000Z",)]

    with zipfile.ZipFile(export(bundle, "shp", tmp_path / "plan.zip")) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert archive.read("plan.dbf")[1:4] == bytes([80, 1, 1])

    path = export(bundle, "xlsx", tmp_path / "plan.xlsx")
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
    properties = openpyxl.load_workbook(path).properties
    assert (properties.created.year, properties.modified.year) == (1980, 1980)


def test_geojson_is_the_plans_own(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "geojson", tmp_path / "t.geojson")
    assert path.read_bytes() == dumps(bundle.outlines)


def test_geopackage_has_territories_cells_and_accounts(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "gpkg", tmp_path / "plan.gpkg")
    assert [name for name, _ in pyogrio.list_layers(path)] == ["territories", "cells", "accounts"]
    territories = gpd.read_file(path, layer="territories")
    assert territories["name"].tolist() == [EVIL[5], EVIL[6], EVIL[6]]
    assert territories["fid_2"].tolist() == [7.0] * 3
    assert territories[REVENUE].tolist() == [5.0] * 3
    assert territories["center_lat"].tolist() == [c[0] for c in CENTERS]
    assert territories.geometry.isna().tolist() == [False, True, False]
    assert territories.crs == "EPSG:4326"

    cells = gpd.read_file(path, layer="cells")
    assert cells["cell"].tolist() == bundle.units["cell"].tolist()
    assert cells["potential"].tolist() == bundle.units["potential"].tolist()
    lat, lng = zip(*(h3.cell_to_latlng(cell) for cell in cells["cell"][:14]), strict=True)
    assert shapely.contains_xy(np.array(cells.geometry[:14]), lng, lat).all()
    on_date_line = cells.geometry.iloc[-1]
    assert on_date_line.is_valid
    assert on_date_line.geom_type == "MultiPolygon"
    assert on_date_line.area < 1  # not a band around the Earth

    accounts = gpd.read_file(path, layer="accounts")
    assert accounts["account_id"].tolist() == bundle.assignments["account_id"].tolist()
    assert accounts["account_name"][:7].tolist() == list(EVIL[:7])
    assert accounts["account_name"][8] == EVIL[8]
    assert (
        shapely.get_y(np.array(accounts.geometry[:8])).tolist()
        == bundle.assignments["lat"][:8].tolist()
    )
    assert accounts.geometry.isna().tolist() == [False] * 8 + [True]
    with sqlite3.connect(path) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)


def test_units_without_geometry_become_a_plain_table(bundle: PlanBundle, tmp_path: Path) -> None:
    units = bundle.units.rename(columns={"cell": "unit_id"})
    brought = PlanBundle(
        {**bundle.document, "units": "units"}, bundle.assignments, units, bundle.bridges,
        bundle.review, bundle.outlines,
    )  # fmt: skip
    path = export(brought, "gpkg", tmp_path / "plan.gpkg")
    table = pyogrio.read_dataframe(path, layer="cells")
    assert not isinstance(table, gpd.GeoDataFrame)
    assert table["unit_id"].tolist() == units["unit_id"].tolist()


def test_kml_names_the_territories(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "kml", tmp_path / "plan.kml")
    assert path.read_bytes().startswith(b"<?xml")
    territories = gpd.read_file(path, layer="territories")
    assert territories["Name"].tolist() == [EVIL[5], EVIL[6], EVIL[6]]
    assert territories["rep"].tolist() == [EVIL[0]] * 3
    assert territories["deviation"].tolist() == pytest.approx([0.0425, 0.0325, 0.0225])


def test_zipped_shapefile_says_how_it_shortened_the_columns(
    bundle: PlanBundle, tmp_path: Path
) -> None:
    path = export(bundle, "shp", tmp_path / "plan.zip")
    with zipfile.ZipFile(path) as archive:
        members = {Path(name).suffix for name in archive.namelist()}
        legend = pd.read_csv(io.BytesIO(archive.read("plan_columns.csv")))
    assert {".shp", ".shx", ".dbf", ".prj", ".cpg"} <= members
    layer = gpd.read_file(f"zip://{path}!plan.shp")
    was: dict[str, str] = dict(zip(legend["was"], legend["column"], strict=True))
    assert was[REVENUE] != was[REVENUE_TOO]
    assert layer[was[REVENUE]].tolist() == [5.0] * 3
    assert layer[was[REVENUE_TOO]].tolist() == [6.0] * 3
    assert layer["name"].tolist() == [EVIL[5], EVIL[6], EVIL[6]]
    assert layer["rep"].tolist() == [EVIL[0]] * 3


def test_shapefile_by_name_is_several_files(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "shp", tmp_path / "plan.shp")
    assert {p.suffix for p in tmp_path.iterdir()} == {
        ".shp", ".shx", ".dbf", ".prj", ".cpg", ".csv",
    }  # fmt: skip
    assert len(gpd.read_file(path)) == 3


def test_geoparquet_reads_back(bundle: PlanBundle, tmp_path: Path) -> None:
    layer = gpd.read_parquet(export(bundle, "geoparquet", tmp_path / "plan.parquet"))
    assert layer["name"].tolist() == [EVIL[5], EVIL[6], EVIL[6]]
    assert layer["contiguous"].tolist() == [True, False, True]
    assert layer.crs == "EPSG:4326"
    assert layer.geometry.iloc[0].bounds == pytest.approx((-123.3, 46.6, -121.3, 48.6))


def test_csv_keeps_every_row_and_runs_no_formula(bundle: PlanBundle, tmp_path: Path) -> None:
    path = export(bundle, "csv", tmp_path / "plan.csv")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert table.columns.tolist() == [
        "account_id", "account_name", "territory_id", "territory", "rep", "rep_name",
        *ASSIGNMENT_COLUMNS[3:],
    ]  # fmt: skip
    assert table["account_id"].tolist() == bundle.assignments["account_id"].tolist()
    assert table["account_name"][:5].tolist() == ["'" + name for name in EVIL[:5]]
    assert table["account_name"][5] == EVIL[5]
    assert table["territory"][0] == EVIL[5]
    assert table["rep_name"][0] == EVIL[6]
    assert table["lat"].iloc[0] == "47.5"
    assert table["lng"].iloc[0] == "-122.25"
    assert table.iloc[-1][["territory_id", "territory", "cell", "lat"]].tolist() == [""] * 4


def test_workbook_opens_as_a_manager_wants_it(bundle: PlanBundle, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export(bundle, "xlsx", tmp_path / "plan.xlsx"))
    assert book.sheetnames == ["Summary", "Territories", "Assignments", "Review"]
    territories = book["Territories"]
    assert territories.freeze_panes == "C2"
    assert territories["A1"].font.bold
    first, second = (
        {h.value: c for h, c in zip(territories[1], territories[i], strict=True)} for i in (2, 3)
    )
    deviation = first["deviation"]
    assert (deviation.value, deviation.number_format) == (0.0425, "0.0%")
    assert first["deviations_potential"].number_format == "0.0%"
    assert first["potential"].number_format == "#,##0"
    assert second["contiguous"].value is False
    assert territories.column_dimensions["B"].width > 20
    summary = {row[0].value: row[1] for row in book["Summary"].iter_rows(min_row=2)}
    assert summary["Largest deviation from target"].value == 0.0425
    assert summary["Largest deviation from target"].number_format == "0.0%"
    assert summary["Within all limits"].value == "yes"
    assert book["Review"]["E2"].value == "'=no such city"

    assignments = book["Assignments"]
    assert assignments.max_row == len(bundle.assignments) + 1
    rows = list(assignments.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == bundle.assignments["account_id"].tolist()
    assert rows[0][1].value == "'" + EVIL[0]
    assert rows[6][1].value == EVIL[6]
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert rows[1][assignments.max_column - 4].value == pytest.approx(
        bundle.assignments["lat"][1], abs=1e-9
    )


def test_a_plan_out_of_limits_says_so_in_its_workbook(bundle: PlanBundle, tmp_path: Path) -> None:
    document = {**bundle.document, "violations": [{"message": "T1 has 9.0 % too much"}]}
    late = PlanBundle(
        document, bundle.assignments, bundle.units, bundle.bridges, bundle.review, bundle.outlines
    )
    book = openpyxl.load_workbook(export(late, "xlsx", tmp_path / "plan.xlsx"))
    summary = [(row[0].value, row[1].value) for row in book["Summary"].iter_rows(min_row=2)]
    assert ("Within all limits", "no") in summary
    assert ("Out of limits", "T1 has 9.0 % too much") in summary


def test_unknown_format_names_the_known_ones(bundle: PlanBundle, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        export(bundle, "pdf", tmp_path / "plan.pdf")
    assert all(fmt in caught.value.hint for fmt in FORMATS)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_directory_is_never_overwritten(bundle: PlanBundle, fmt: str, tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    with pytest.raises(OptionError, match="is a directory"):
        export(bundle, fmt, tmp_path / "plan")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_place_that_cannot_be_written_is_an_error_in_words(
    bundle: PlanBundle, fmt: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OptionError, match="cannot write"):
        export(bundle, fmt, tmp_path / "file" / "plan.out")


def test_a_failed_export_leaves_the_old_file(
    bundle: PlanBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(bundle, "xlsx", tmp_path / "plan.xlsx")
    before = path.read_bytes()
    monkeypatch.setattr(xlsx, "MOST_ROWS", 5)
    with pytest.raises(OptionError, match="do not fit"):
        export(bundle, "xlsx", path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@given(st.text())
def test_no_text_is_left_that_a_spreadsheet_would_run(text: str) -> None:
    safe = spreadsheet_safe(text)
    assert safe.removeprefix("'") == text.removeprefix("'")
    if safe[:1] in ("=", "+", "-", "@", "\t", "\r"):
        float(safe.replace(",", "."))


@given(st.lists(st.text(max_size=30), max_size=30))
def test_column_names_are_unique_and_short_whatever_they_were(names: list[str]) -> None:
    made = bearable_names(names, limit=10, ascii_only=True, taken=["fid"])
    assert len({name.lower() for name in made} | {"fid"}) == len(names) + 1
    assert all(0 < len(name) <= 10 and name.isascii() for name in made)


def test_ordinary_column_names_stay() -> None:
    assert bearable_names(["id", "Größe", "größe", "fid"], taken=["fid"]) == [
        "id", "Größe", "größe_2", "fid_2",
    ]  # fmt: skip
    assert json.dumps(bearable_names(["Größe (m²)"], limit=10, ascii_only=True)) == '["Groe_m2"]'
