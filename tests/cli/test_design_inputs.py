"""Every kind of input becomes a plan that verifies."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.made_up import Run, disk, plan_of, some_accounts, squares, write_csv


def _as_jsonl(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _as_points(path: Path, rows: list[dict[str, object]]) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["Longitude"], row["Latitude"]]},
            "properties": {k: v for k, v in row.items() if k not in ("Longitude", "Latitude")},
        }
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet", "jsonl", "geojson"])
def test_accounts_of_each_format_make_the_same_plan(
    run: Run, accounts: Path, tmp_path: Path, kind: str
) -> None:
    rows = some_accounts()
    path = tmp_path / f"crm.{kind}"
    match kind:
        case "csv":
            write_csv(path, rows)
        case "tsv":
            pd.DataFrame(rows).to_csv(path, index=False, sep="\t")
        case "xlsx":
            pd.DataFrame(rows).to_excel(path, index=False)
        case "parquet":
            pd.DataFrame(rows).to_parquet(path)
        case "jsonl":
            _as_jsonl(path, rows)
        case "geojson":
            _as_points(path, rows)
    options = ("--territories", 4, "--resolution", 7, "--balance", "potential:0.2")
    assert run("design", path, *options, "--out", tmp_path / "plan").code == 0
    assert run("verify", tmp_path / "plan").code == 0
    assert run("design", accounts, *options, "--out", tmp_path / "reference").code == 0
    for name in ("cells.csv", "assignments.csv", "bridges.csv"):
        assert (tmp_path / "plan" / name).read_bytes() == (
            tmp_path / "reference" / name
        ).read_bytes()


@pytest.mark.parametrize("as_integer", [False, True])
def test_a_cell_table(run: Run, tmp_path: Path, as_integer: bool) -> None:
    cells = disk(48.1, 11.6, 6, 6)
    table = pd.DataFrame({"cell": cells, "potential": [5 + i % 9 for i in range(len(cells))]})
    if as_integer:
        table["cell"] = [int(cell, 16) for cell in cells]
    table.to_csv(tmp_path / "cells.csv", index=False)
    out = tmp_path / "plan"
    assert run("design", tmp_path / "cells.csv", "--territories", 5, "--out", out).code == 0
    assert run("verify", out).code == 0
    written = pd.read_csv(out / "cells.csv")
    assert sorted(written["cell"]) == cells
    assert written["potential"].sum() == table["potential"].sum()


def test_polygons(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "districts.geojson"
    path.write_text(json.dumps(squares(7)))
    out = tmp_path / "plan"
    options = ("--territories", 4, "--unit-id", "district")
    assert run("design", path, *options, "--out", out).code == 0
    assert run("verify", out).code == 0
    assert set(pd.read_csv(out / "units.csv")["unit_id"]) == {f"D{i}" for i in range(49)}
    assert not (out / "cells.csv").exists()


def test_a_table_of_units_with_edges(run: Run, tmp_path: Path) -> None:
    side = 6
    units = [
        {"node": f"N{i}", "latitude": 50 + i // side / 10, "longitude": 8 + i % side / 10, "w": 3}
        for i in range(side * side)
    ]
    edges = [{"a": f"N{i}", "b": f"N{i + 1}"} for i in range(side * side) if (i + 1) % side]
    edges += [{"a": f"N{i}", "b": f"N{i + side}"} for i in range(side * (side - 1))]
    table, pairs = write_csv(tmp_path / "units.csv", units), write_csv(tmp_path / "e.csv", edges)
    out = tmp_path / "plan"
    options = ("--edges", pairs, "--territories", 4, "--balance", "w:0.1")
    assert run("design", table, *options, "--out", out).code == 0
    assert run("verify", out).code == 0
    written = pd.read_csv(out / "edges.csv")
    assert len(written) == len(edges)


def test_measures_called_like_keys_of_a_plan(run: Run, tmp_path: Path) -> None:
    """A column `territory_id` or `target` of the input never overwrites the plan's own."""
    cells = disk(52.5, 13.4, 6, 4)
    rows = [
        {"cell": c, "target": 4 + i % 5, "territory_id": 99, "id": 7, "accounts": 0.5, "name": 3}
        for i, c in enumerate(cells)
    ]
    path, out = write_csv(tmp_path / "cells.csv", rows), tmp_path / "plan"
    assert run("design", path, "--territories", 3, "--balance", "target", "--out", out).code == 0
    assert run("verify", out).code == 0
    assert {t["id"] for t in plan_of(out)["territories"]} == {"T01", "T02", "T03"}
    assert plan_of(out)["measures"][0] == "target (measure)"
    assert set(pd.read_csv(out / "cells.csv")["territory_id"]) == {"T01", "T02", "T03"}


def test_a_second_kind_of_plan_in_the_same_directory(run: Run, tmp_path: Path) -> None:
    """No file of the former plan is left beside the new one."""
    polygons, out = tmp_path / "units.geojson", tmp_path / "plan"
    polygons.write_text(json.dumps(squares(4)))
    cells = write_csv(tmp_path / "c.csv", [{"cell": c, "v": 1} for c in disk(50, 8, 6, 3)])
    assert run("design", polygons, "--territories", 2, "--out", out).code == 0
    assert run("design", cells, "--territories", 2, "--out", out).code == 0
    names = {path.name for path in out.iterdir()}
    assert "cells.csv" in names
    assert not names & {"units.csv", "edges.csv", "places.csv"}
    assert run("verify", out).code == 0


def test_ids_that_a_table_could_break_on(run: Run, tmp_path: Path) -> None:
    ids = ["a\rb", "=1+1", "NA", 'x,y"z', "line\nbreak", "007", "1e5", "ünï", "🦊", "-5"]
    rows = [row | {"Account ID": name} for row, name in zip(some_accounts(10), ids, strict=True)]
    _as_jsonl(tmp_path / "a.jsonl", rows)
    out = tmp_path / "plan"
    run("design", tmp_path / "a.jsonl", "--territories", 2, "--out", out)
    assert run("verify", out).code == 0
    written = pd.read_csv(out / "assignments.csv", dtype=str, keep_default_na=False)
    assert len(written) == len(ids)
    assert {"=1+1", "NA", 'x,y"z', "007", "1e5", "ünï", "🦊", "-5"} <= set(written["account_id"])


@pytest.mark.parametrize("name", ["-dash.csv", "sp ace & 'quote\".csv", "ünï🦊.csv", "[bold]x.csv"])
def test_hostile_file_names(run: Run, tmp_path: Path, name: str) -> None:
    path = write_csv(tmp_path / name, some_accounts(30))
    out = tmp_path / "[red]out ü"
    ran = run("design", "--territories", 2, "--out", out, "--resolution", 7, "--", path)
    assert ran.code in (0, 3)
    assert str(out / "map.html") in ran.out
    assert run("verify", out).code == 0
