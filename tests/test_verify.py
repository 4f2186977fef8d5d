"""Whatever is changed in a plan's files, `verify` says which claim is false."""

import csv
import io
import json
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import PlanFilesError
from geo.geocode import default_geocoder
from sales.design import design
from sales.fingerprint import fingerprint_of
from sales.inputs import read_input
from sales.planfiles import plan_files, read_bundle
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep
from sales.verify import verify

Files = dict[str, bytes]
Rows = list[dict[str, str]]

PARTITION = "every unit belongs to exactly one territory"
CONTIGUITY = "every territory is contiguous, bridges counted"
BRIDGES = "bridges are clear of other units, the shortest ones among them"
TOTALS = "the totals of each territory"
TARGETS = "the targets, in proportion to the reps' capacities"
DEVIATIONS = "the deviations from the targets"
VIOLATIONS = "what is out of tolerance or in pieces"
ASSIGNED = "every account is assigned by its unit, or in review"
LOCATED = "every account lies in its unit"
OUTLINES = "the outlines are valid, apart, and drawn from the units"
CENTRES = "centres, cut edges and rms distance"
GRANULARITY = "the least deviation that the heaviest unit allows"
COMPACTNESS = "the compactness and its bound"
FINGERPRINT = "the fingerprint of input, parameters and seed"


def _made(path: Path, text: str, **request: Any) -> Files:
    path.write_text(text, encoding="utf-8")
    bundle = design(read_input(path), DesignRequest(**request), geocoder=default_geocoder())
    return plan_files(bundle)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """150 accounts around Hamburg for four reps of unequal capacity; three have no position."""
    rng = np.random.default_rng(1)
    lines = ["Id,City,latitude,longitude,potential,workload"]
    for i in range(150):
        place = f"{53.55 + rng.normal(0, 0.1):.6f},{10.0 + rng.normal(0, 0.15):.6f}"
        where = f"Hamburg,{place}" if i % 60 else "Nowhere-on-Sea,,"
        lines.append(f"A{i},{where},{rng.integers(1, 90)},1.5")
    text = "\n".join(lines)
    reps = tuple(Rep(f"R{k}", f"Rep {k}", 1.0 + k % 2, 53.5, 9.8 + k / 10) for k in range(4))
    path = tmp_path_factory.mktemp("city") / "accounts.csv"
    goals = (BalanceGoal("potential", 0.3), BalanceGoal("accounts", 0.6))
    return _made(path, text, reps=reps, balance=goals, resolution=6)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """8 by 8 square units, three territories."""
    rng = np.random.default_rng(2)
    features = []
    for i in range(64):
        west, south = i % 8, i // 8
        corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        ring = [[(80 + west + a) / 10, (500 + south + b) / 10] for a, b in corners]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"unit": f"U{i}", "potential": int(rng.integers(5, 50))},
            }
        )
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return _made(tmp_path_factory.mktemp("grid") / "units.geojson", text, territories=3)


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Cells of three islands, joined by two bridges; two territories."""
    lines = ["cell,potential"]
    for lat, lng, rings in ((21.4, -158.0, 3), (20.8, -156.3, 2), (19.6, -155.5, 4)):
        for n, cell in enumerate(sorted(h3.grid_disk(h3.latlng_to_cell(lat, lng, 6), rings))):
            lines.append(f"{cell},{10 + n % 7}")
    text = "\n".join(lines)
    return _made(tmp_path_factory.mktemp("islands") / "cells.csv", text, territories=2)


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Four islets at the corners of an oblong, twice as wide as high; two territories."""
    places = [(50.0, 8.0), (51.0, 8.0), (50.0, 11.0), (51.0, 11.0)]
    cells = [h3.latlng_to_cell(*place, 5) for place in places]
    text = "\n".join(["cell,potential", *(f"{cell},5" for cell in cells)])
    return _made(tmp_path_factory.mktemp("square") / "cells.csv", text, territories=2)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """400 accounts of a town and its country, for six territories, cells of several sizes."""
    rng = np.random.default_rng(5)
    lines = ["Id,latitude,longitude,potential"]
    for i in range(400):
        spread = 0.02 if i % 3 else 0.5
        lat, lng = 53.55 + rng.normal(0, spread), 10.0 + rng.normal(0, 1.6 * spread)
        lines.append(f"A{i},{lat:.6f},{lng:.6f},{rng.integers(1, 90)}")
    path = tmp_path_factory.mktemp("mixed") / "accounts.csv"
    return _made(path, "\n".join(lines), territories=6)


# --- reading and writing the files under test


def document(files: Files) -> Any:
    return json.loads(files["plan.json"])


def with_document(files: Files, change: Callable[[Any], object], *, outlines: bool = True) -> Files:
    """plan.json changed; with `outlines` the copy of its properties follows."""
    changed = document(files)
    change(changed)
    files = files | {"plan.json": json.dumps(changed).encode()}
    if not outlines:
        return files

    def follow(drawn: Any) -> None:
        for feature, territory in zip(drawn["features"], changed["territories"], strict=True):
            feature["properties"] = territory

    return with_outlines(files, follow)


def with_outlines(files: Files, change: Callable[[Any], object]) -> Files:
    drawn = json.loads(files["territories.geojson"])
    change(drawn)
    return files | {"territories.geojson": json.dumps(drawn).encode()}


def rows_of(files: Files, name: str) -> Rows:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def with_rows(files: Files, name: str, change: Callable[[Rows], object]) -> Files:
    rows = rows_of(files, name)
    header = next(csv.reader(io.StringIO(files[name].decode())))
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return files | {name: text.getvalue().encode()}


def false_claims(files: Files) -> set[str]:
    return {finding.claim for finding in verify(read_bundle(files)) if not finding.true}


def is_caught(files: Files) -> bool:
    """A false claim, or an error with a hint; anything else is raised."""
    try:
        return bool(false_claims(files))
    except PlanFilesError as error:
        return bool(error.hint)


def set_in(where: Any, path: str, value: Any) -> None:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        where = where[step]
    where[last] = value(where[last]) if callable(value) else value


# --- what is true


def test_untouched_plans_are_true_in_every_claim(
    city: Files, grid: Files, islands: Files, mixed: Files, square: Files
) -> None:
    for files in (city, grid, islands, mixed, square):
        findings = list(verify(read_bundle(files)))
        assert [f for f in findings if not f.true] == []
        assert len(findings) == 14
    assert document(islands)["summary"]["bridges"] == 2
    assert document(city)["summary"]["review"] == 3


def test_the_files_round_trip(city: Files, grid: Files, islands: Files) -> None:
    for files in (city, grid, islands):
        assert plan_files(read_bundle(files)) == files


# --- units


def move_first(rows: Rows) -> None:
    names = {row["territory_id"] for row in rows}
    rows[0]["territory_id"] = min(names - {rows[0]["territory_id"]})


@pytest.mark.parametrize("plan", ["city", "grid", "islands"])
def test_a_unit_moved(plan: str, request: pytest.FixtureRequest) -> None:
    files: Files = request.getfixturevalue(plan)
    moved = with_rows(files, "units.csv" if plan == "grid" else "cells.csv", move_first)
    assert TOTALS in false_claims(moved)


def _child_beside_parent(rows: Rows) -> None:
    rows.append(rows[0] | {"cell": h3.cell_to_center_child(rows[0]["cell"])})


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.append(dict(rows[0])),
        lambda rows: rows[0].update(cell="8928308280bffff0"),
        lambda rows: rows[0].update(cell="somewhere"),
        lambda rows: rows[0].update(cell=""),
        lambda rows: rows[0].update(cell=rows[0]["cell"].upper()),
        _child_beside_parent,
        lambda rows: rows[0].update(territory_id="T99"),
        lambda rows: rows[0].update(territory_id=""),
        lambda rows: rows[0].update(potential="nan"),
        lambda rows: rows[0].update(potential="inf"),
        lambda rows: rows[0].update(potential="-1"),
        lambda rows: [row.update(potential="0") for row in rows],
        lambda rows: [row.update(territory_id="T01") for row in rows],
        lambda rows: rows.clear(),
    ],
)
def test_units_that_are_no_partition(city: Files, change: Callable[[Rows], object]) -> None:
    assert false_claims(with_rows(city, "cells.csv", change)) == {PARTITION}


def test_a_place_of_a_unit_is_missing_or_off_the_earth(grid: Files) -> None:
    for change in (
        lambda rows: rows.pop(),
        lambda rows: rows.append(dict(rows[0])),
        lambda rows: rows[0].update(lat="91"),
        lambda rows: rows[0].update(lat=""),
    ):
        assert false_claims(with_rows(grid, "places.csv", change)) == {PARTITION}


def test_a_unit_of_no_weight_dropped_with_all_counts(city: Files) -> None:
    """The plan hangs together as before: only the fingerprint knows of the cell."""
    rows = rows_of(city, "cells.csv")
    held = {row["cell"] for row in rows_of(city, "assignments.csv")}
    gone = next(row for row in rows if row["cell"] not in held and float(row["potential"]) == 0)
    files = with_rows(city, "cells.csv", lambda rows: rows.remove(gone))

    def fewer(plan: Any) -> None:
        territory = next(t for t in plan["territories"] if t["id"] == gone["territory_id"])
        territory["cells"] -= 1

    assert FINGERPRINT in false_claims(with_document(files, fewer))


def test_contiguity_is_derived_not_believed(city: Files) -> None:
    """A cell given to a territory that it does not touch, with totals and counts adjusted."""
    assert CONTIGUITY in false_claims(_torn(city))


def _torn(files: Files) -> Files:
    rows = rows_of(files, "cells.csv")
    owner = {row["cell"]: row["territory_id"] for row in rows}
    cell, other = next(
        (row["cell"], other)
        for row in rows
        for other in sorted(set(owner.values()))
        if all(owner.get(near) != other for near in h3.grid_disk(row["cell"], 1))
    )
    return with_rows(
        files,
        "cells.csv",
        lambda rows: next(r for r in rows if r["cell"] == cell).update(territory_id=other),
    )


def test_contiguous_flag_edited_with_its_summary(city: Files) -> None:
    def lie(plan: Any) -> None:
        plan["territories"][0]["contiguous"] = False
        plan["summary"]["noncontiguous"] = 1

    assert CONTIGUITY in false_claims(with_document(city, lie))


# --- cells of several resolutions


def fine_first(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: -h3.get_resolution(row["cell"]))


def test_a_mixed_plan_says_so_and_is_within_tolerance(mixed: Files) -> None:
    plan = document(mixed)
    levels = {h3.get_resolution(row["cell"]) for row in rows_of(mixed, "cells.csv")}
    assert len(levels) >= 3
    assert plan["resolution"] is None
    assert plan["violations"] == []
    assert PARTITION in false_claims(
        with_document(mixed, lambda plan: set_in(plan, "resolution", min(levels)))
    )


def test_a_fine_cell_moved_to_another_territory(mixed: Files) -> None:
    for change in (fine_first, lambda rows: fine_first(rows)[::-1]):

        def move(rows: Rows, order: Callable[[Rows], Rows] = change) -> None:
            row = order(rows)[0]
            row["territory_id"] = "T01" if row["territory_id"] != "T01" else "T02"

        assert {TOTALS, OUTLINES} <= false_claims(with_rows(mixed, "cells.csv", move))


def test_an_account_said_to_be_in_the_cell_that_was_replaced_or_beside(mixed: Files) -> None:
    cells = {row["cell"]: row["territory_id"] for row in rows_of(mixed, "cells.csv")}

    def to_parent(rows: Rows) -> None:
        row = fine_first(rows)[0]
        row["cell"] = h3.cell_to_parent(row["cell"])

    assert ASSIGNED in false_claims(with_rows(mixed, "assignments.csv", to_parent))

    def to_sibling(rows: Rows) -> None:
        for row in fine_first(rows):
            near = [c for c in h3.grid_ring(row["cell"], 1) if c in cells]
            same = [c for c in near if cells[c] == row["territory_id"]]
            if same:
                row["cell"] = same[0]
                return

    assert LOCATED in false_claims(with_rows(mixed, "assignments.csv", to_sibling))


def test_a_fine_cell_left_out(mixed: Files) -> None:
    """A hole in the market, in the outline too."""

    def drop(rows: Rows) -> None:
        coarsest = h3.get_resolution(fine_first(rows)[-1]["cell"])
        rows.remove(next(r for r in rows if h3.get_resolution(r["cell"]) == coarsest + 1))

    assert {TOTALS, OUTLINES, FINGERPRINT} <= false_claims(with_rows(mixed, "cells.csv", drop))


# --- bridges


def test_a_bridge_removed_or_added(islands: Files) -> None:
    removed = with_rows(islands, "bridges.csv", lambda rows: rows.pop())
    assert BRIDGES in false_claims(removed)
    fewer = with_document(removed, lambda plan: set_in(plan, "summary/bridges", 1))
    assert BRIDGES in false_claims(fewer)

    def add(rows: Rows) -> None:
        rows.append(rows[0] | {"cell_b": rows[1]["cell_b"], "km": "1.0"})

    assert BRIDGES in false_claims(with_rows(islands, "bridges.csv", add))


def moved_bridge(files: Files, cell_a: str, cell_b: str) -> Files:
    """The first bridge with other ends, honest about its length."""
    ends = h3.cell_to_latlng(cell_a), h3.cell_to_latlng(cell_b)
    km = f"{h3.great_circle_distance(*ends, unit='km'):.3f}"
    return with_rows(
        files, "bridges.csv", lambda rows: rows[0].update(cell_a=cell_a, cell_b=cell_b, km=km)
    )


def bridge_details(files: Files) -> str:
    return next(f.detail for f in verify(read_bundle(files)) if f.claim == BRIDGES)


def test_a_longer_bridge_than_needed(islands: Files) -> None:
    """Joining the same islands, but past units that lie nearer."""
    bridge = rows_of(islands, "bridges.csv")[0]
    cells = [row["cell"] for row in rows_of(islands, "cells.csv")]
    end = bridge["cell_a"]
    beside = next(c for c in cells if c != end and h3.are_neighbor_cells(c, end))
    longer = moved_bridge(islands, beside, bridge["cell_b"])
    assert "a unit lies between" in bridge_details(longer)


def test_bridges_that_are_clear_but_not_the_shortest(square: Files) -> None:
    """Four islets at the corners of an oblong: a long side, given in place of a short one."""
    rows = rows_of(square, "bridges.csv")
    assert len(rows) in (4, 5)  # its sides, and perhaps a diagonal

    def drop(rows: Rows) -> None:
        rows.remove(min(rows, key=lambda row: float(row["km"])))

    fewer = with_rows(square, "bridges.csv", drop)
    fewer = with_document(fewer, lambda plan: set_in(plan, "summary/bridges", len(rows) - 1))
    assert "are enough" in bridge_details(fewer)


def test_two_bridges_between_two_islands(islands: Files) -> None:
    def double(rows: Rows) -> None:
        rows.append(rows[0] | {"cell_a": rows[0]["cell_b"], "cell_b": rows[0]["cell_a"]})

    twice = with_rows(islands, "bridges.csv", double)
    twice = with_document(twice, lambda plan: set_in(plan, "summary/bridges", 3))
    assert "more than one bridge" in bridge_details(twice)


def test_a_bridge_of_false_length_or_to_nowhere(islands: Files) -> None:
    shorter = with_rows(islands, "bridges.csv", lambda rows: rows[0].update(km="0.5"))
    assert false_claims(shorter) == {BRIDGES}
    nowhere = with_rows(islands, "bridges.csv", lambda rows: rows[0].update(cell_a="8528347"))
    assert false_claims(nowhere) == {PARTITION}
    loop = with_rows(islands, "bridges.csv", lambda rows: rows[0].update(cell_a=rows[0]["cell_b"]))
    assert false_claims(loop) == {PARTITION}


def test_an_edge_removed_or_added(grid: Files) -> None:
    def cut_off(rows: Rows) -> None:
        rows[:] = [row for row in rows if "U0" not in row.values()]

    assert BRIDGES in false_claims(with_rows(grid, "edges.csv", cut_off))
    assert CENTRES in false_claims(
        with_rows(grid, "edges.csv", lambda rows: rows.append({"unit_a": "U0", "unit_b": "U63"}))
    )


# --- numbers of plan.json, the copy in the outlines adjusted


def add(amount: float) -> Callable[[float], float]:
    return lambda value: value + amount


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        ("territories/0/potential", add(0.01), TOTALS),
        ("territories/1/cells", add(1), TOTALS),
        ("territories/0/potential", math.nan, TOTALS),
        ("territories/0/target", add(1.0), TARGETS),
        ("territories/2/rep", "R9", TARGETS),
        ("territories/2/rep_name", "Somebody", TARGETS),
        ("reps/0/capacity", 1.5, TARGETS),
        ("reps/0/territory", "T02", TARGETS),
        ("reps/0/name", "Somebody", TARGETS),
        ("territories/0/deviation", add(1e-6), DEVIATIONS),
        ("territories/0/deviations/potential", add(1e-6), DEVIATIONS),
        ("territories/0/deviations/accounts", add(1e-6), DEVIATIONS),
        ("territories/0/accounts", add(1), ASSIGNED),
        ("territories/3/center/lat", add(1e-5), CENTRES),
        ("territories/3/center/lng", add(-1e-5), CENTRES),
        ("summary/territories", add(1), TOTALS),
        ("summary/accounts", add(-1), ASSIGNED),
        ("summary/assigned", add(1), ASSIGNED),
        ("summary/review", add(-1), ASSIGNED),
        ("summary/max_deviation", add(-1e-6), DEVIATIONS),
        ("summary/mean_deviation", add(1e-6), DEVIATIONS),
        ("summary/noncontiguous", 1, CONTIGUITY),
        ("summary/bridges", 1, BRIDGES),
        ("summary/rms_km", add(-0.001), CENTRES),
        ("summary/cut_edges", add(-1), CENTRES),
        ("certificate/granularity/measure", "accounts", GRANULARITY),
        ("certificate/granularity/heaviest_unit", "8928308280fffff", GRANULARITY),
        ("certificate/granularity/share_of_target", add(1e-6), GRANULARITY),
        ("certificate/granularity/least_max_deviation", add(0.01), GRANULARITY),
        ("certificate/granularity/accounts", add(1), GRANULARITY),
        ("certificate/granularity/positions", add(1), GRANULARITY),
        ("certificate/granularity/account", "A999", GRANULARITY),
        ("certificate/granularities/0/accounts", add(1), GRANULARITY),
        ("certificate/granularities/0/positions", add(1), GRANULARITY),
        ("certificate/granularities/0/account", "A999", GRANULARITY),
        ("certificate/compactness/measure", "accounts", COMPACTNESS),
        ("certificate/compactness/band", add(1e-6), COMPACTNESS),
        ("certificate/compactness/prices_km2/1", add(0.01), COMPACTNESS),
        ("certificate/compactness/inertia", lambda value: value * 1.00001, COMPACTNESS),
        ("certificate/compactness/bound", lambda value: value * 1.00001, COMPACTNESS),
        ("certificate/compactness/gap", add(-1e-6), COMPACTNESS),
        ("certificate/compactness/gap", None, COMPACTNESS),
        ("resolution", 7, PARTITION),
        ("resolution", None, PARTITION),
        ("tolerance/potential", 0.04, FINGERPRINT),
        ("provenance/seed", 7, FINGERPRINT),
        ("provenance/version", "9.9.9", FINGERPRINT),
        ("provenance/parameters", {"territories": 5}, FINGERPRINT),
        ("provenance/input_sha256", "0" * 64, FINGERPRINT),
        ("provenance/fingerprint", "0" * 64, FINGERPRINT),
    ],
)
def test_an_edited_value(city: Files, path: str, value: Any, claim: str) -> None:
    changed = with_document(city, lambda plan: set_in(plan, path, value))
    assert claim in false_claims(changed)


def test_a_violation_removed_added_or_reworded(city: Files) -> None:
    assert document(city)["violations"] == []
    tight = with_document(city, lambda plan: set_in(plan, "tolerance/potential", 1e-9))
    assert VIOLATIONS in false_claims(tight)
    made_up = {
        "kind": "balance", "territory": "T01", "measure": "potential", "value": 0.5, "limit": 0.05,
        "message": "T01 is much too large",
    }  # fmt: skip
    added = with_document(city, lambda plan: plan["violations"].append(made_up))
    assert false_claims(added) == {VIOLATIONS}


def test_violations_of_a_plan_that_has_some(tmp_path: Path) -> None:
    lines = ["cell,potential"]
    for n, cell in enumerate(sorted(h3.grid_disk(h3.latlng_to_cell(48.1, 11.6, 6), 3))):
        lines.append(f"{cell},{1000 if n == 5 else 1}")
    files = _made(tmp_path / "cells.csv", "\n".join(lines), territories=3)
    assert len(document(files)["violations"]) == 3
    assert false_claims(files) == set()
    for change in (
        lambda plan: plan["violations"].pop(),
        lambda plan: plan["violations"].clear(),
        lambda plan: set_in(plan, "violations/0/value", add(-0.01)),
        lambda plan: set_in(plan, "violations/0/limit", 0.5),
        lambda plan: set_in(plan, "violations/0/message", "all is well"),
        lambda plan: set_in(plan, "violations/0/territory", "T02"),
    ):
        assert false_claims(with_document(files, change)) == {VIOLATIONS}


# --- accounts


def row_where(rows: Rows, assigned: bool) -> dict[str, str]:
    return next(row for row in rows if (row["territory_id"] != "") == assigned)


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (lambda rows: rows.remove(row_where(rows, True)), ASSIGNED),
        (lambda rows: rows.remove(row_where(rows, False)), ASSIGNED),
        (lambda rows: rows.append(dict(rows[5])), ASSIGNED),
        (lambda rows: row_where(rows, True).update(territory_id=""), ASSIGNED),
        (lambda rows: row_where(rows, True).update(rep="R9"), ASSIGNED),
        (lambda rows: row_where(rows, True).update(rule=""), ASSIGNED),
        (lambda rows: row_where(rows, False).update(territory_id="T01", rep="R0"), ASSIGNED),
        (lambda rows: row_where(rows, True).update(cell="8928308280fffff"), ASSIGNED),
        (lambda rows: row_where(rows, True).update(lat="53.0"), LOCATED),
        (lambda rows: row_where(rows, True).update(lat="", lng=""), LOCATED),
        (lambda rows: row_where(rows, True).update(lat="inf"), LOCATED),
        (lambda rows: row_where(rows, True).update(precision="exact"), LOCATED),
        (lambda rows: row_where(rows, True).update(precision="country"), LOCATED),
        (lambda rows: rows[5].update(account_id="B5"), FINGERPRINT),
    ],
)
def test_an_account_edited(city: Files, change: Callable[[Rows], object], claim: str) -> None:
    assert claim in false_claims(with_rows(city, "assignments.csv", change))


def test_an_account_in_another_territory(city: Files) -> None:
    def swap(rows: Rows) -> None:
        row = row_where(rows, True)
        other = next(r for r in rows if r["territory_id"] not in ("", row["territory_id"]))
        row.update(territory_id=other["territory_id"], rep=other["rep"])

    assert ASSIGNED in false_claims(with_rows(city, "assignments.csv", swap))


def test_an_account_dropped_with_all_counts_adjusted(city: Files) -> None:
    gone = row_where(rows_of(city, "assignments.csv"), True)
    files = with_rows(city, "assignments.csv", lambda rows: rows.remove(gone))

    def adjust(plan: Any) -> None:
        plan["summary"]["accounts"] -= 1
        plan["summary"]["assigned"] -= 1
        next(t for t in plan["territories"] if t["id"] == gone["territory_id"])["accounts"] -= 1

    assert FINGERPRINT in false_claims(with_document(files, adjust))


def test_an_unassigned_account_without_a_reason(city: Files) -> None:
    lost = row_where(rows_of(city, "assignments.csv"), False)["account_id"]

    def forget(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["account_id"] != lost]

    assert false_claims(with_rows(city, "review.csv", forget)) == {ASSIGNED}


# --- outlines


def shifted(geometry: Any, by: float) -> Any:
    def move(value: Any) -> Any:
        if isinstance(value[0], float):
            return [value[0] + by, value[1]]
        return [move(inner) for inner in value]

    return geometry | {"coordinates": move(geometry["coordinates"])}


def test_outlines_missing_shifted_or_overlapping(city: Files, grid: Files) -> None:
    def no_shape(drawn: Any) -> None:
        drawn["features"][0]["geometry"] = None

    def no_shapes(drawn: Any) -> None:
        for feature in drawn["features"]:
            feature["geometry"] = None

    def no_feature(drawn: Any) -> None:
        drawn["features"].pop()

    def swapped(drawn: Any) -> None:
        first, second = drawn["features"][:2]
        first["geometry"], second["geometry"] = second["geometry"], first["geometry"]

    def overlapping(drawn: Any) -> None:
        drawn["features"][0]["geometry"] = drawn["features"][1]["geometry"]

    def one_moved(drawn: Any) -> None:
        drawn["features"][0]["geometry"] = shifted(drawn["features"][0]["geometry"], 0.05)

    def property_edited(drawn: Any) -> None:
        drawn["features"][0]["properties"]["accounts"] += 1

    def property_added(drawn: Any) -> None:
        drawn["features"][0]["properties"]["award"] = "best"

    for files in (city, grid):
        for change in (
            no_shape, no_shapes, no_feature, swapped, overlapping, one_moved, property_edited,
            property_added,
        ):  # fmt: skip
            assert false_claims(with_outlines(files, change)) == {OUTLINES}, change.__name__


def test_all_outlines_shifted_by_a_fraction_of_a_cell(city: Files, islands: Files) -> None:
    """No overlap, and every centre inside: still not the cells' outlines."""

    def all_moved(drawn: Any) -> None:
        for feature in drawn["features"]:
            feature["geometry"] = shifted(feature["geometry"], 0.002)

    for files in (city, islands):
        assert false_claims(with_outlines(files, all_moved)) == {OUTLINES}


def test_an_outline_drawn_too_large(city: Files) -> None:
    def swollen(drawn: Any) -> None:
        extra = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]
        own = drawn["features"][0]["geometry"]
        parts = own["coordinates"] if own["type"] == "MultiPolygon" else [own["coordinates"]]
        drawn["features"][0]["geometry"] = {
            "type": "MultiPolygon", "coordinates": [*parts, extra],
        }  # fmt: skip

    assert false_claims(with_outlines(city, swollen)) == {OUTLINES}


@pytest.mark.parametrize(
    "geometry",
    [
        {}, [], "Polygon", {"type": "Polygon"}, {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["a", 1], [2, 3], [4, 5], ["a", 1]]]},
        {"type": "Polygon", "coordinates": [[[1, 2]]]}, {"type": "Nonsense", "coordinates": [1]},
        {"type": "Polygon", "coordinates": [[[math.nan, 1], [2, 3], [4, 9], [math.nan, 1]]]},
        {"type": "Point", "coordinates": [10.0, 53.5]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "GeometryCollection", "geometries": 5},
    ],
)  # fmt: skip
def test_a_geometry_that_is_none(city: Files, geometry: Any) -> None:
    def put(drawn: Any) -> None:
        drawn["features"][0]["geometry"] = geometry

    assert false_claims(with_outlines(city, put)) == {OUTLINES}


def test_units_without_polygons_are_drawn_as_their_places(tmp_path: Path) -> None:
    units = "unit,latitude,longitude,potential\n" + "".join(
        f"P{i},{50 + i // 6 / 10},{8 + i % 6 / 10},{1 + i % 3}\n" for i in range(36)
    )
    edges = "a,b\n" + "".join(
        f"P{i},P{j}\n"
        for i in range(36)
        for j in (i + 1, i + 6)
        if j < 36 and (j != i + 1 or j % 6)
    )
    (tmp_path / "units.csv").write_text(units)
    (tmp_path / "edges.csv").write_text(edges)
    source = read_input(tmp_path / "units.csv", edges=tmp_path / "edges.csv")
    bundle = design(source, DesignRequest(territories=3), geocoder=default_geocoder())
    files = plan_files(bundle)
    assert false_claims(files) == set()

    def moved(drawn: Any) -> None:
        drawn["features"][0]["geometry"]["coordinates"][0][0] += 0.001

    assert false_claims(with_outlines(files, moved)) == {OUTLINES}


# --- files that are no plan


def _cut(content: bytes) -> bytes:
    """All up to somewhere in the second line."""
    at = content.index(b"\n") + 1 if b"\n" in content[:-1] else len(content) // 2
    return content[: at + 8]


@pytest.mark.parametrize(
    "name",
    [
        "plan.json",
        "assignments.csv",
        "cells.csv",
        "bridges.csv",
        "review.csv",
        "territories.geojson",
    ],
)
def test_a_file_missing_cut_or_of_another_kind(city: Files, name: str) -> None:
    for content in (
        None, b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfe\x00", b"[" * 100_000, b"[1, 2]",
        b"null", b"a,b\n1,2\n", b'"', _cut(city[name]),
    ):  # fmt: skip
        files = {k: v for k, v in city.items() if k != name or content is not None}
        if content is not None:
            files[name] = content
        with pytest.raises(PlanFilesError) as caught:
            list(verify(read_bundle(files)))
        assert caught.value.hint
        assert name in caught.value.message


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("territories", [None, [], {}, "x", [None], [{}]]),
        ("territories/0", [None, 5, {}]),
        ("territories/0/id", [None, 5, ""]),
        ("territories/1/id", ["T01"]),
        ("territories/0/potential", ["12", None, True, []]),
        ("territories/0/target", ["12", None, math.nan, 0, -1]),
        ("territories/0/deviation", ["0", None, math.inf]),
        ("territories/0/deviations", [None, {}, {"potential": "0"}, []]),
        ("territories/0/cells", [1.5, "3", None, -1]),
        ("territories/0/contiguous", [1, "true", None]),
        ("territories/0/center", [None, {}, {"lat": 91, "lng": 0}, {"lat": "5", "lng": 5}]),
        (
            "measures",
            [None, [], "potential", [5], ["potential", "potential"], ["gold"], ["potential"]],
        ),
        ("tolerance", [None, {}, {"gold": 0.05}, {"potential": "x"}, {"potential": 0}]),
        ("reps", [None, {}, [5], [{}]]),
        ("summary", [None, [], {}]),
        ("summary/max_deviation", [None, "0.01", math.nan]),
        ("violations", [None, {}, [5], [{}], [{"kind": "balance"}]]),
        ("certificate", [None, {}, []]),
        ("certificate/compactness/prices_km2", [None, [], [1, 2], ["a"] * 4, [math.nan] * 4]),
        ("certificate/compactness/band", [None, "0", -0.1]),
        ("certificate/compactness/gap", ["x", []]),
        ("certificate/granularity/heaviest_unit", [None, 5]),
        ("certificate/granularity/accounts", [None, -1, "3"]),
        ("certificate/granularity/account", [None, 5]),
        ("certificate/granularities", [None, {}, [5], [{}]]),
        ("certificate/granularities/0/accounts", [None, -1, "3"]),
        ("provenance", [None, {}, []]),
        ("provenance/parameters", [None, 5]),
        ("provenance/fingerprint", [None, 5]),
        ("units", [None, "hexes", 5]),
        ("resolution", ["7", 7.5, 99]),
        ("format", [None, "bailiwick-plan/2"]),
    ],
)
def test_values_of_another_type(city: Files, path: str, values: list[Any]) -> None:
    for value in values:
        changed = with_document(city, partial(set_in, path=path, value=value), outlines=False)
        with pytest.raises(PlanFilesError) as caught:
            list(verify(read_bundle(changed)))
        assert caught.value.hint


def test_every_key_of_plan_json_is_needed(city: Files) -> None:
    """Deleting any key is a PlanFilesError or a false claim, never a traceback."""
    for path in _paths(document(city)):

        def drop(plan: Any, path: tuple[Any, ...] = path) -> None:
            for step in path[:-1]:
                plan = plan[step]
            del plan[path[-1]]

        changed = with_document(city, drop, outlines=False)
        assert is_caught(changed), path


def _paths(value: Any) -> list[tuple[Any, ...]]:
    """Paths of all keys of the objects in a document."""
    if isinstance(value, list):
        return [(i, *rest) for i, inner in enumerate(value[:2]) for rest in _paths(inner)]
    if not isinstance(value, dict):
        return []
    inner = [(key, *rest) for key, some in value.items() for rest in _paths(some)]
    return [*((key,) for key in value), *inner]


def _say_many(rows: Rows, column: str) -> None:
    rows[0][column] = "many"


def test_tables_with_other_columns(city: Files) -> None:
    for name in ("assignments.csv", "bridges.csv", "review.csv"):
        renamed = city | {name: city[name].replace(b"a", b"b", 1)}
        with pytest.raises(PlanFilesError, match=name.replace(".", r"\.")):
            read_bundle(renamed)
    for name, column in (("assignments.csv", "lat"), ("cells.csv", "potential")):
        wordy = with_rows(city, name, partial(_say_many, column=column))
        with pytest.raises(PlanFilesError, match=column):
            read_bundle(wordy)
    with pytest.raises(PlanFilesError, match=r"review\.csv"):
        read_bundle(with_rows(city, "review.csv", lambda rows: rows[0].update(row="third")))


# --- any single value


def _numbers(value: Any, path: str = "") -> list[str]:
    """Paths of all numbers that are claims: seed and version are covered by the fingerprint."""
    if isinstance(value, Mapping):
        return [p for key, inner in value.items() for p in _numbers(inner, f"{path}/{key}")]
    if isinstance(value, list):
        return [p for i, inner in enumerate(value) for p in _numbers(inner, f"{path}/{i}")]
    return [path[1:]] if isinstance(value, int | float) and not isinstance(value, bool) else []


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_number_can_be_changed_unnoticed(city: Files, data: st.DataObject) -> None:
    plan = document(city)
    path = data.draw(st.sampled_from([p for p in _numbers(plan) if not _home(p)]))
    factor = data.draw(st.sampled_from([0.0, 0.5, 0.999, 1.001, 2.0, -1.0]))
    offset = data.draw(st.sampled_from([0.0, 1.0, -1.0, 1e-4]))
    before = deepcopy(plan)
    set_in(plan, path, lambda value: type(value)(value * factor + offset))
    if plan == before:
        return
    changed = with_document(city, lambda old: (old.clear(), old.update(plan)))
    assert is_caught(changed), path


def _home(path: str) -> bool:
    """A rep's home is told by the roster alone: nothing in a plan says where it is."""
    return path.startswith("reps/") and path.endswith(("lat", "lng"))


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_no_label_can_be_changed_unnoticed(city: Files, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["cells.csv", "assignments.csv"]))
    row = data.draw(st.integers(0, len(rows_of(city, name)) - 1))
    label = data.draw(st.sampled_from(["T01", "T02", "T03", "T04", "T05", "", "t01"]))
    if rows_of(city, name)[row]["territory_id"] == label:
        return
    changed = with_rows(city, name, lambda rows: rows[row].update(territory_id=label))
    assert false_claims(changed)


def test_the_fingerprint_is_that_of_the_files(city: Files) -> None:
    bundle = read_bundle(city)
    assert fingerprint_of(bundle) == bundle.document["provenance"]["fingerprint"]
