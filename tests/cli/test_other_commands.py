"""`geocode`, `export` and `demo`."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from app.cli.serve import SAMPLES
from sales.export import FORMATS
from tests.cli.made_up import Run, plan_of, some_accounts, write_csv


def test_geocode_returns_every_row(run: Run, tmp_path: Path) -> None:
    rows = some_accounts(12)
    for row in rows[:6]:
        row |= {"Latitude": "", "Longitude": ""}
    rows[0] |= {"City": "Qqqqville"}
    path, out = write_csv(tmp_path / "a.csv", rows), tmp_path / "new" / "located.csv"
    ran = run("geocode", path, "--out", out)
    assert ran.code == 0
    table = pd.read_csv(out)
    assert table["account_id"].tolist() == [row["Account ID"] for row in rows]
    assert table["precision"].tolist()[6:] == ["given"] * 6
    assert set(table["precision"][1:6]) == {"city"}
    assert table["precision"][0] == "none"
    assert isinstance(table["doubt"][0], str)
    assert "11 placed" in ran.out
    counts = run("geocode", path, "--out", out, "--json").document()
    assert counts == {
        "accounts": 12, "placed": 11, "precision": {"given": 6, "city": 5, "none": 1},
    }  # fmt: skip


def test_geocode_to_a_place_that_cannot_be(run: Run, accounts: Path, tmp_path: Path) -> None:
    assert run("geocode", accounts, "--out", tmp_path).code == 2
    assert run("geocode", accounts, "--out", accounts / "x.csv").code == 2
    assert run("geocode", tmp_path / "none.csv", "--out", tmp_path / "x.csv").code == 2
    assert not (tmp_path / "x.csv").exists()


@pytest.fixture
def plan(run: Run, accounts: Path, tmp_path: Path) -> Path:
    options = ("--territories", 3, "--resolution", 7, "--balance", "potential:0.2")
    assert run("design", accounts, *options, "--out", tmp_path / "plan").code == 0
    return tmp_path / "plan"


def test_export_in_every_format(run: Run, plan: Path, tmp_path: Path) -> None:
    for name, form in FORMATS.items():
        path = tmp_path / f"{name}{form.suffix}"
        ran = run("export", plan, "--format", name, "--out", path)
        assert (ran.code, ran.out.strip()) == (0, str(path)), name
        # These accounts have no postal codes: their table is the header alone.
        assert path.stat().st_size > (100 if name == "postal" else 200)
    for file in ("geojson.geojson", "gpkg.gpkg", "shp.zip"):
        layer = "territories" if file == "gpkg.gpkg" else None
        assert len(gpd.read_file(tmp_path / file, layer=layer)) == 3
    assert len(pd.read_csv(tmp_path / "csv.csv")) == 80


def test_export_that_cannot_be(run: Run, plan: Path, tmp_path: Path) -> None:
    unknown = run("export", plan, "--format", "pdf", "--out", tmp_path / "x.pdf")
    assert unknown.code == 2
    assert "geoparquet" in unknown.err
    assert run("export", tmp_path, "--format", "csv", "--out", tmp_path / "x.csv").code == 2
    assert run("export", plan, "--format", "csv", "--out", tmp_path).code == 2


def test_the_demo_without_serving(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--no-serve", "--out", tmp_path / "demo")
    assert ran.code in (0, 3)
    out = tmp_path / "demo" / "plan"
    document = plan_of(out)
    assert document["summary"]["territories"] == 40
    assert document["summary"]["accounts"] == len(pd.read_csv(SAMPLES / "accounts.csv"))
    assert document["summary"]["noncontiguous"] == 0
    assert {t["rep"] for t in document["territories"]} == {
        rep["rep_id"] for rep in document["reps"]
    }
    assert run("verify", out).code == 0
    page = (out / "map.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert json.dumps(document["territories"][0]["id"]) in page
