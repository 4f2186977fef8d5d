import json
import re
from dataclasses import replace
from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest

from app.maps import render_map
from geo.errors import OptionError
from tests.maps.bundles import (
    HOSTILE,
    city_bundle,
    disk,
    fiji_bundle,
    islands_bundle,
    units_bundle,
)
from tests.maps.test_map_cell_codes import unpack


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert render_map(city_bundle()) == render_map(city_bundle())


def test_no_tag_points_to_another_host() -> None:
    page = render_map(city_bundle(), asset_base="/static/vendor", nonce="abc")
    targets = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]*)"', page)
    assert len(targets) > 10
    assert all(re.match(r"/static/(vendor|map)/", target) for target in targets)
    written = re.sub(r"<script[^>]*>.*?</script>", "", render_map(city_bundle()), flags=re.DOTALL)
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", written)


def test_every_script_and_style_bears_the_nonce() -> None:
    page = render_map(city_bundle(names=HOSTILE), asset_base="/static/vendor", nonce="Zm9v_-+/=")
    tags = re.findall(r"<(?:script|style)\b[^>]*>", page)
    assert len(tags) > 15
    assert all('nonce="Zm9v_-+/="' in tag for tag in tags)
    assert not re.search(r"<[a-z]+[^>]*\s(on\w+|style)=", page)


@pytest.mark.parametrize("nonce", ["", 'a"b', "a b", "<"])
def test_a_nonce_that_would_break_out_is_refused(nonce: str) -> None:
    with pytest.raises(OptionError):
        render_map(city_bundle(), nonce=nonce)


@pytest.mark.parametrize("base", ["", "//cdn.example/x", "https://cdn.example", '/a"b', "static"])
def test_an_asset_base_on_another_host_is_refused(base: str) -> None:
    with pytest.raises(OptionError):
        render_map(city_bundle(), asset_base=base)


def test_every_cell_is_on_the_page_with_its_territory_and_values() -> None:
    cells = sorted([*disk(39.7, -105.0, 6, 4), *disk(41.0, -100.0, 8, 3)])
    plan = city_bundle()
    owner = np.where(np.arange(len(cells)) % 2 == 0, "T01", "")
    units = pd.DataFrame(
        {"cell": cells, "territory_id": owner, "potential": np.arange(len(cells), dtype=float)}
    )
    data = data_of(render_map(replace(plan, units=units)))
    seen: dict[str, tuple[int, float]] = {}
    for group in data["cells"]:
        ids = unpack(group["ids"], group["r"])
        values = group["values"]["potential"] or [0] * len(ids)
        assert len(values) == len(ids)
        seen |= {cell: (group["t"], value) for cell, value in zip(ids, values, strict=True)}
    expected = {cell: (0 if k % 2 == 0 else -1, k) for k, cell in enumerate(cells)}
    assert seen == expected


def test_accounts_without_territory_or_position_are_there_and_in_review() -> None:
    data = data_of(render_map(city_bundle()))
    accounts = data["accounts"]
    assert len(accounts["id"]) == len(accounts["name"]) == len(accounts["lat"]) == 60
    assert accounts["t"].count(-1) == 5
    assert accounts["lat"].count(None) == 3
    reviewed = {row[1] for row in data["review"]["rows"]}
    assert {i for i, t in enumerate(accounts["t"]) if t < 0} <= reviewed
    assert accounts["reps"][accounts["rep"][0]].startswith("Rep ")


def test_a_review_line_belongs_to_its_row_where_two_rows_share_an_id() -> None:
    plan = city_bundle()
    rows = plan.assignments.copy()
    rows.loc[[3, 9], "account_id"] = "twin"
    lines = pd.DataFrame(
        [
            (11, "twin", "", "duplicate_id", "again", "remove it"),
            (99, "twin", "", "duplicate_id", "again", "remove it"),
            (0, "", "", "file_note", "note", ""),
        ],
        columns=plan.review.columns,
    )
    data = data_of(render_map(replace(plan, assignments=rows, review=lines)))
    assert [row[1] for row in data["review"]["rows"]] == [9, 3, -1]


def test_names_are_only_in_the_data_block_and_the_title() -> None:
    page = render_map(city_bundle(names=HOSTILE), title=HOSTILE[3])
    rest = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert "pwned" not in re.sub(r"<title>[^<]*</title>", "", rest)


def test_a_plan_across_the_antimeridian_is_in_one_place() -> None:
    data = data_of(render_map(fiji_bundle()))
    (_, west), (_, east) = data["bounds"]
    assert 0 < east - west < 5
    assert west < 180 < east


def test_bridges_run_from_cell_to_cell_and_part_the_colours() -> None:
    plan = islands_bundle()
    data = data_of(render_map(plan))
    assert len(data["bridges"]) == len(plan.bridges) == 3
    start = h3.cell_to_latlng(plan.bridges["cell_a"][0])
    assert data["bridges"][0][:2] == pytest.approx(start, abs=1e-4)
    first, second = (row["colour"] for row in data["territories"])
    assert first != second


@pytest.mark.parametrize("outlined", [True, False])
def test_units_without_cells_are_points_with_bridges(outlined: bool) -> None:
    data = data_of(render_map(units_bundle(outlined=outlined)))
    assert data["cells"] is None
    assert len(data["points"]["id"]) == 36
    assert data["bridges"] == [[50.25, 8.25, 52.75, 10.75, 120.0]]
    colours = [row["colour"] for row in data["territories"]]
    assert colours[0] != colours[1] != colours[2]
    assert all(bool(row["rings"]) is outlined for row in data["territories"])


def test_a_plan_read_from_a_directory_shows_ids_for_names() -> None:
    data = data_of(render_map(replace(city_bundle(), names=None)))
    assert data["accounts"]["name"] is None


def test_a_plan_with_no_unit_at_all_still_renders() -> None:
    plan = city_bundle()
    nothing = replace(
        plan,
        document={**plan.document, "territories": [], "reps": []},
        assignments=plan.assignments.iloc[:0],
        units=plan.units.iloc[:0],
        review=plan.review.iloc[:0],
        outlines={"type": "FeatureCollection", "features": []},
        names=(),
    )
    assert data_of(render_map(nothing))["territories"] == []
