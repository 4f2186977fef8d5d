"""Workbooks, Parquet, JSON and GeoJSON, told by their content."""

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo.errors import EmptyInputError, InputError, UnreadableInputError
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable


def workbook(path: Path, *sheets: list[list[Any]], merge: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    book.save(path)
    return path


def codes(table: AccountTable) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in table.issues]


def test_a_workbook_whatever_its_name(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Accounts 2024"],
        ["id", "zip", "city", "potential", "since"],
        [12345.0, 2138, "Köln", 1234.5, dt.datetime(2024, 1, 31)],
        [None, None, None, None, None],
        ["00A", "02139", "Bonn", "$5", None],
        [None],
    ]
    table = read_accounts(workbook(tmp_path / "accounts.csv", [], rows))
    assert list(table.frame["row"]) == [3, 4, 5]
    assert list(table.frame["account_id"]) == ["12345", "row-4", "00A"]
    assert list(table.frame["postal_code"]) == ["2138", "", "02139"]
    assert list(table.frame["potential"]) == [1234.5, 0, 5]
    assert list(table.frame["usable"]) == [True, False, True]
    assert codes(table) == [(0, "sheet_chosen"), (0, "title_rows"), (4, "blank_row")]
    assert "S1" in table.issues[0].message


def test_text_named_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "accounts.xlsx"
    path.write_text("id;city\n1;Troy\n")
    assert list(read_accounts(path).frame["city"]) == ["Troy"]


def test_formulas_count_with_their_saved_value_only(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "city", "potential"], [1, "Troy", "=1+1"], [2, "Rome", 3]]
    table = read_accounts(workbook(tmp_path / "a.xlsx", rows))
    assert list(table.frame["potential"]) == [0, 3]
    assert (2, "formula_without_value") in codes(table)


def test_merged_cells_give_their_value_to_each_row(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "city"], [1, "Troy"], [2, None], [3, "Rome"]]
    table = read_accounts(workbook(tmp_path / "a.xlsx", rows, merge="B2:B3"))
    assert list(table.frame["city"]) == ["Troy", "Troy", "Rome"]
    assert codes(table) == [(2, "merged_cells")]


def test_workbooks_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(EmptyInputError):
        read_accounts(workbook(tmp_path / "empty.xlsx", []))
    with pytest.raises(EmptyInputError):
        read_accounts(workbook(tmp_path / "header.xlsx", [["id", "city"]]))
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing")
    with pytest.raises(UnreadableInputError, match="damaged"):
        read_accounts(broken)
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("accounts.csv", "id,city")
    with pytest.raises(UnreadableInputError, match="zip archive"):
        read_accounts(broken)


def test_parquet_keeps_every_digit(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": [2**62 + 1, 2**62 + 2],
            "lat": [42.123456789012345, np.nan],
            "lng": [0.1 + 0.2, 7.0],
            "city": ["Troy", None],
            "Annual Potential": [0.1, -1.0],
            "tags": [["a"], ["b", "c"]],
        }
    )
    path = tmp_path / "accounts.bin"
    frame.to_parquet(path)
    table = read_accounts(path)
    assert list(table.frame["account_id"]) == [str(2**62 + 1), str(2**62 + 2)]
    assert table.frame.iloc[0][["latitude", "longitude"]].tolist() == [
        42.123456789012345,
        0.1 + 0.2,
    ]
    assert list(table.frame["potential"]) == [0.1, 0.0]
    assert codes(table) == [(3, "half_coordinate"), (3, "negative_value")]


def test_json_lines_with_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_text(
        '{"id": 1, "address": {"city": "Troy", "zip": "02138"}, "potential": 5}\n'
        '{"id": 2, "address": {"city":\n\n'
        '{"id": 3, "address": {"city": "Rome"}, "potential": NaN}\n'
    )
    table = read_accounts(path)
    assert list(table.frame["account_id"]) == ["1", "row-3", "3"]
    assert list(table.frame["city"]) == ["Troy", "", "Rome"]
    assert list(table.frame["usable"]) == [True, False, True]
    assert codes(table)[:1] == [(3, "bad_json")]


def test_a_crms_reply_as_json(tmp_path: Path) -> None:
    path = tmp_path / "companies.json"
    reply = {"results": [{"id": "7", "properties": {"name": "Acme", "city": "Troy"}}]}
    path.write_text(json.dumps(reply, indent=1))
    table = read_accounts(path)
    assert table.frame.iloc[0][["account_id", "name", "city"]].tolist() == ["7", "Acme", "Troy"]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_geojson_points_are_accounts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.geojson"
    features = [
        feature({"type": "Point", "coordinates": [-73.5, 42.5]}, id="a", potential=3),
        feature(None, id="b", city="Troy", potential=4),
        feature({"type": "Point", "coordinates": ["x"]}, id="c", city="Rome"),
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    table = read_accounts(path)
    assert table.frame.iloc[0][["latitude", "longitude"]].tolist() == [42.5, -73.5]
    assert list(table.frame["account_id"]) == ["a", "b", "c"]
    assert codes(table) == [(3, "not_a_point"), (4, "not_a_point"), (4, "missing_value")]


def test_polygons_are_no_accounts(tmp_path: Path) -> None:
    path = tmp_path / "units.geojson"
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(square)]}))
    with pytest.raises(InputError, match="polygons"):
        read_accounts(path)
