"""`bailiwick whatif`: a file of scenarios or options, plans that verify, and strict errors."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.made_up import Run, plan_of

LOOSE = ("--resolution", 7, "--balance", "potential:0.2", "--effort", "quick")
FILE = """
[revenue]
bookings = "deals.csv"

[[scenario]]
name = "Bo leaves"
leaves = "Bo"
respond = "nearest"

[[scenario]]
name = "Dachau"
joins = [{ name = "Di", place = "Dachau, Germany", capacity = 0.5 }]
max_disruption = "40%"
effort = "quick"
"""


@pytest.fixture
def plan(run: Run, accounts: Path, reps: Path, tmp_path: Path) -> Path:
    out = tmp_path / "plan"
    assert run("design", accounts, "--reps", reps, *LOOSE, "--out", out).code in (0, 3)
    return out


def test_a_file_of_scenarios(run: Run, accounts: Path, plan: Path, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "account_id,close_date,amount\nA001,2023-01-01,9\n"
        + "".join(f"A{i:03d},2024-06-01,100\n" for i in range(80))
    )
    (tmp_path / "scenarios.toml").write_text(FILE)
    out = tmp_path / "out"
    options = ("--scenarios", tmp_path / "scenarios.toml", "--input", accounts, "--out", out)
    ran = run("whatif", plan, *options, "--json")
    assert ran.code == 0, ran.err
    document = json.loads((out / "comparison.json").read_text())
    assert ran.document() == {"out": str(out), **document}
    for name in ("bo-leaves", "dachau"):
        assert run("verify", out / name).code == 0
        assert (out / name / "map.html").exists()
    today, leaves, joins = document["scenarios"]
    assert today["revenue_at_risk"]["sales"] > 7000
    assert leaves["revenue_at_risk"]["sales_moved"] == 100 * leaves["moved"]["accounts"]
    assert document["sales"]["basis"] == "deals of deals.csv from 2023-06-03 to 2024-06-01"
    assert joins["join"] == ["Di"]
    (rep,) = [r for r in plan_of(out / "dachau")["reps"] if r["name"] == "Di"]
    assert (round(rep["lat"], 1), rep["capacity"]) == (48.3, 0.5)
    table = pd.read_csv(out / "comparison.csv")
    assert table["scenario"].tolist() == ["today", "Bo leaves", "Dachau"]
    assert len(pd.read_csv(out / "moves.csv")) == table["moved_accounts"].sum()
    again = tmp_path / "again"
    run("whatif", plan, *options[:-1], again)
    for name in ("comparison.json", "comparison.csv", "moves.csv", "dachau/plan.json"):
        assert (out / name).read_bytes() == (again / name).read_bytes()


def test_options_for_one_scenario_show_what_happens_without_an_answer(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    ran = run("whatif", plan, "--leaves", "bo", "--effort", "quick", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "bo leaves - nobody takes over" in ran.out
    assert "bo leaves - nearest take over" in ran.out
    assert "an even share" in ran.out


def test_a_wrong_file_is_refused_and_nothing_is_written(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    (tmp_path / "s.toml").write_text("[[scenario]]\nname = 'a'\nleave = ['bo']")
    ran = run("whatif", plan, "--scenarios", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "s.toml: `scenario 1.leave` is unknown" in ran.err
    assert "Hint:" in ran.err
    assert not (tmp_path / "out").exists()
