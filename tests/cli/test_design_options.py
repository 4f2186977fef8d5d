"""The options of `design`: what they do, and that one cannot get them wrong unnoticed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.made_up import Row, Run, plan_of, some_accounts, write_csv


def files_in(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def test_reps_get_targets_in_proportion_to_their_capacity(
    run: Run, accounts: Path, reps: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan"
    options = ("--reps", reps, "--resolution", 7, "--balance", "potential:0.15")
    assert run("design", accounts, *options, "--out", out).code == 0
    assert run("verify", out).code == 0
    territories = plan_of(out)["territories"]
    assert [t["rep"] for t in territories] == ["ann", "bo", "cy"]
    total = sum(t["target"] for t in territories)
    assert [t["target"] / total for t in territories] == pytest.approx([0.4, 0.2, 0.4])


def test_reps_get_the_territory_near_home(run: Run, accounts: Path, tmp_path: Path) -> None:
    homes = {"north": (48.5, 11.6), "south": (47.8, 11.6), "west": (48.15, 10.9)}
    rows = [
        {"rep_id": name, "capacity": 1, "latitude": lat, "longitude": lng}
        for name, (lat, lng) in homes.items()
    ]
    out = tmp_path / "plan"
    reps = write_csv(tmp_path / "reps.csv", rows)
    run("design", accounts, "--reps", reps, "--resolution", 7, "--out", out)
    center = {t["rep"]: t["center"] for t in plan_of(out)["territories"]}
    assert center["north"]["lat"] == max(c["lat"] for c in center.values())
    assert center["south"]["lat"] == min(c["lat"] for c in center.values())
    assert center["west"]["lng"] == min(c["lng"] for c in center.values())


def test_a_rep_listed_twice(run: Run, accounts: Path, tmp_path: Path) -> None:
    twice = [{"rep_id": "ann", "capacity": 1}, {"rep_id": "ann", "capacity": 1}]
    reps = write_csv(tmp_path / "reps.csv", twice)
    ran = run("design", accounts, "--reps", reps, "--out", tmp_path / "plan")
    assert ran.code == 2
    assert "ann" in ran.err
    assert not (tmp_path / "plan").exists()


def test_two_measures_are_balanced_at_once(run: Run, accounts: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    goals = ("--balance", "potential:0.2", "--balance", "accounts:0.2", "--resolution", 7)
    assert run("design", accounts, "--territories", 3, *goals, "--out", out).code == 0
    for territory in plan_of(out)["territories"]:
        assert abs(territory["deviations"]["potential"]) <= 0.2
        assert abs(territory["deviations"]["accounts"]) <= 0.2
    assert run("verify", out).code == 0


def test_a_column_of_the_planners_choice(run: Run, accounts: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    options = ("--column", "potential=Visits", "--resolution", 7, "--balance", "potential:0.2")
    assert run("design", accounts, "--territories", 3, *options, "--out", out).code == 0
    visits = pd.read_csv(accounts)["Visits"].sum()
    assert sum(t["potential"] for t in plan_of(out)["territories"]) == visits


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ((), "--territories"),
        (("--territories", 0), "territories"),
        (("--territories", -3), "territories"),
        (("--territories", "many"), "--territories"),
        (("--territories", 3, "--reps", "reps.csv"), "reps.csv"),
        (("--territories", 3, "--balance", "gold"), "gold"),
        (("--territories", 3, "--balance", "potential:5"), "tolerance"),
        (("--territories", 3, "--balance", "potential:-0.1"), "tolerance"),
        (("--territories", 3, "--balance", "potential:nan"), "tolerance"),
        (("--territories", 3, "--balance", "potential:"), "tolerance"),
        (("--territories", 3, "--balance", ":0.1"), "tolerance"),
        (("--territories", 3, "--balance", "potential", "--balance", "potential:0.1"), "twice"),
        (("--territories", 3, "--column", "potential"), "FIELD=HEADER"),
        (("--territories", 3, "--column", "potential=Gold"), "Gold"),
        (("--territories", 3, "--column", "colour=City"), "colour"),
        (("--territories", 3, "--resolution", "16"), "resolution"),
        (("--territories", 3, "--resolution", "-1"), "resolution"),
        (("--territories", 3, "--resolution", "fine"), "resolution"),
        (("--territories", 3, "--seed", "-1"), "--seed"),
        (("--territories", 3, "--time-limit", "0"), "--time-limit"),
        (("--territories", 3, "--time-limit", "-5"), "--time-limit"),
        (("--territories", 3, "--time-limit", "nan"), "--time-limit"),
        (("--territories", 3, "--unit-id", "x"), "--unit-id"),
        (("--territories", 3, "--edges", "none.csv"), "none.csv"),
        (("--territories", 3, "--market", "none.geojson"), "none.geojson"),
        (("--territories", 500, "--resolution", 4), "territories"),
        (("--colour", "red"), "--colour"),
    ],
)
def test_options_that_are_wrong(
    run: Run, accounts: Path, tmp_path: Path, options: tuple[object, ...], word: str
) -> None:
    ran = run("design", accounts, *options, "--out", tmp_path / "plan")
    assert ran.code == 2
    assert word in " ".join(ran.err.split())
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert not (tmp_path / "plan").exists()


def _market(path: Path, ring: list[list[float]]) -> Path:
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    return path


def test_a_market_leaves_accounts_outside_to_the_review(
    run: Run, accounts: Path, tmp_path: Path
) -> None:
    west_of = 11.6
    ring = [[11.0, 47.6], [west_of, 47.6], [west_of, 48.7], [11.0, 48.7], [11.0, 47.6]]
    market, out = _market(tmp_path / "west.geojson", ring), tmp_path / "plan"
    options = ("--market", market, "--resolution", 7, "--balance", "potential:0.3")
    assert run("design", accounts, "--territories", 2, *options, "--out", out).code == 0
    assert run("verify", out).code == 0
    table = pd.read_csv(out / "assignments.csv", keep_default_na=False)
    review = pd.read_csv(out / "review.csv")
    left = table[table["territory_id"] == ""]
    assert 10 < len(left) < 70
    assert set(left["account_id"]) <= set(review[review["code"] == "outside_market"]["account_id"])
    # An account is in where its cell is: the boundary is followed to within a cell.
    assert left["lng"].min() > west_of - 0.05
    assert table[table["territory_id"] != ""]["lng"].max() < west_of + 0.05


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"type": "Point", "coordinates": [11, 48]}',
        '{"type": "Polygon", "coordinates": []}',
        '{"type": "Polygon", "coordinates": [[[48, 110], [49, 110], [49, 111], [48, 110]]]}',
        '{"type": "Polygon", "coordinates": [[[100, 20], [101, 20], [101, 21], [100, 20]]]}',
    ],
)  # fmt: skip
def test_a_market_that_is_none_or_elsewhere(
    run: Run, accounts: Path, tmp_path: Path, text: str
) -> None:
    market = tmp_path / "market.geojson"
    market.write_text(text)
    out = tmp_path / "plan"
    ran = run("design", accounts, "--territories", 2, "--market", market, "--out", out)
    assert ran.code == 2
    assert "Hint:" in ran.err
    assert not out.exists()


def test_the_same_input_and_seed_make_the_same_bytes(
    run: Run, accounts: Path, reps: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        run("design", accounts, "--reps", reps, "--out", tmp_path / name)
    one, two = files_in(tmp_path / "one"), files_in(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if name != "run.json" and one[name] != two[name]] == []
    took = json.loads(one["run.json"])
    assert {"read", "geocode", "market", "shape", "border", "balance", "map"} <= set(took["stages"])
    assert sum(took["stages"].values()) == pytest.approx(took["seconds"], abs=0.01)


def test_the_order_of_the_rows_changes_no_cell(run: Run, tmp_path: Path) -> None:
    """The solver sees cells: a shuffled export gives the same territories."""
    rows = some_accounts()
    shuffled = [rows[i] for i in np.random.default_rng(5).permutation(len(rows))]
    for name, some in (("one", rows), ("two", shuffled)):
        path = write_csv(tmp_path / f"{name}.csv", some)
        run("design", path, "--territories", 3, "--resolution", 7, "--out", tmp_path / name)
    for name in ("cells.csv", "territories.geojson"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    one, two = (
        pd.read_csv(tmp_path / name / "assignments.csv").set_index("account_id")["territory_id"]
        for name in ("one", "two")
    )
    assert one.sort_index().equals(two.sort_index())


def test_results_as_json_and_nothing_else(run: Run, accounts: Path, tmp_path: Path) -> None:
    options = ("--territories", 3, "--resolution", 7, "--balance", "potential:0.2", "--json")
    ran = run("design", accounts, *options, "--out", tmp_path / "plan")
    said = ran.document()
    plan = plan_of(tmp_path / "plan")
    assert {name: said[name] for name in plan["summary"]} == plan["summary"]
    assert said["violations"] == plan["violations"]
    assert said["stop_reason"] == plan["provenance"]["stop_reason"]
    assert "Balancing" in ran.err
    found = run("verify", tmp_path / "plan", "--json").document()
    assert len(found) >= 10
    assert all(finding["true"] for finding in found)


def test_progress_goes_to_stderr_alone(run: Run, accounts: Path, tmp_path: Path) -> None:
    options = ("--territories", 3, "--resolution", 7, "--balance", "potential:0.2")
    ran = run("design", accounts, *options, "--out", tmp_path / "plan")
    assert "Shaping territories" in ran.err
    assert "Shaping" not in ran.out
    assert ran.out.startswith("3 territories, balanced by potential")


def test_a_time_limit_leaves_a_whole_plan(run: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "many.csv", some_accounts(600))
    out = tmp_path / "plan"
    limit = ("--territories", 20, "--time-limit", 0.001, "--resolution", 7)
    assert run("design", path, *limit, "--out", out).code in (0, 3)
    plan = plan_of(out)
    assert plan["provenance"]["stop_reason"] == "stopped"
    assert plan["summary"]["noncontiguous"] == 0
    assert plan["summary"]["assigned"] == 600
    assert run("verify", out).code == 0


def _numbers(rows: list[Row], value: Any) -> list[Row]:
    return [row | {"Annual Potential": value} for row in rows]


def test_without_potential_every_account_counts_one(run: Run, tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "Annual Potential"} for row in some_accounts()]
    out = tmp_path / "plan"
    path = write_csv(tmp_path / "a.csv", rows)
    options = ("--territories", 4, "--resolution", 7, "--balance", "potential:0.2")
    assert run("design", path, *options, "--out", out).code == 0
    plan = plan_of(out)
    assert [t["potential"] for t in plan["territories"]] == [
        t["accounts"] for t in plan["territories"]
    ]
    assert "no_potential" in set(pd.read_csv(out / "review.csv")["code"])


def test_a_market_without_any_potential(run: Run, tmp_path: Path) -> None:
    for value in (0, -5, "n/a"):
        path = write_csv(tmp_path / "a.csv", _numbers(some_accounts(), value))
        out = tmp_path / f"plan{value}".replace("/", "")
        ran = run("design", path, "--territories", 3, "--out", out)
        if value == "n/a":  # no number at all: as if the column were not there
            assert ran.code in (0, 2, 3)
            continue
        assert ran.code == 2
        assert "potential" in ran.err
        assert "Hint:" in ran.err
        assert not out.exists()
        again = run("design", path, "--territories", 3, "--balance", "accounts:0.2", "--out", out)
        assert again.code == 0


def test_a_negative_potential_is_doubted_and_counts_nothing(run: Run, tmp_path: Path) -> None:
    rows = some_accounts()
    rows[7] = rows[7] | {"Annual Potential": -50}
    out = tmp_path / "plan"
    path = write_csv(tmp_path / "a.csv", rows)
    run("design", path, "--territories", 3, "--resolution", 7, "--out", out)
    assert run("verify", out).code == 0
    total = sum(r["Annual Potential"] for i, r in enumerate(rows) if i != 7)
    assert sum(t["potential"] for t in plan_of(out)["territories"]) == total
    assert "A007" in set(pd.read_csv(out / "review.csv")["account_id"])


def test_one_territory(run: Run, accounts: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    assert run("design", accounts, "--territories", 1, "--out", out).code == 0
    assert plan_of(out)["territories"][0]["deviation"] == 0
    assert run("verify", out).code == 0


def test_one_account(run: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", some_accounts(1))
    out = tmp_path / "plan"
    assert run("design", path, "--territories", 1, "--out", out).code == 0
    assert plan_of(out)["summary"]["assigned"] == 1
    assert run("verify", out).code == 0


def test_more_territories_than_accounts(run: Run, tmp_path: Path) -> None:
    """A plan with its violations in words, or a refusal; never a traceback."""
    path, out = write_csv(tmp_path / "a.csv", some_accounts(3)), tmp_path / "plan"
    ran = run("design", path, "--territories", 5, "--out", out)
    assert ran.code in (2, 3)
    if ran.code == 2:
        assert "Hint:" in ran.err
        assert not out.exists()
    else:
        assert plan_of(out)["violations"]
        assert run("verify", out).code == 0


def test_all_accounts_at_one_point(run: Run, tmp_path: Path) -> None:
    rows = [row | {"Latitude": 48.1, "Longitude": 11.5} for row in some_accounts(40)]
    path, out = write_csv(tmp_path / "a.csv", rows), tmp_path / "plan"
    ran = run("design", path, "--territories", 3, "--out", out)
    assert ran.code in (2, 3)
    assert (ran.code == 3) == out.exists()
    if out.exists():
        assert "alone makes" in ran.out
        assert run("verify", out).code == 0


def test_a_giant_account_is_a_violation_in_words(run: Run, tmp_path: Path) -> None:
    rows = some_accounts()
    rows[3] = rows[3] | {"Annual Potential": 100_000}
    path, out = write_csv(tmp_path / "a.csv", rows), tmp_path / "plan"
    ran = run("design", path, "--territories", 4, "--resolution", 7, "--out", out)
    assert ran.code == 3
    assert "Out of tolerance:" in ran.out
    assert "alone makes" in ran.out
    plan = plan_of(out)
    assert plan["violations"][0]["message"] in ran.out
    assert plan["certificate"]["granularity"]["least_max_deviation"] > 2
    assert plan["summary"]["noncontiguous"] == 0
    assert run("verify", out).code == 0


def test_both_sides_of_the_antimeridian(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = [
        row
        | {
            "City": "",
            "Latitude": round(-17.5 + rng.normal(0, 0.4), 6),
            "Longitude": round((180 + rng.normal(0, 0.6) + 180) % 360 - 180, 6),
        }
        for row in some_accounts(60)
    ]
    path, out = write_csv(tmp_path / "a.csv", rows), tmp_path / "plan"
    options = ("--territories", 3, "--resolution", 6, "--balance", "potential:0.2")
    assert run("design", path, *options, "--out", out).code in (0, 3)
    assert run("verify", out).code == 0
    assert plan_of(out)["summary"]["assigned"] == 60
    assert plan_of(out)["summary"]["rms_km"] < 150
