"""score, learn, size and certainty, on the sample company's own files cut short."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.made_up import Run

US = Path(__file__).parents[2] / "data" / "samples" / "us"
MODEL = """
[deal]
base = 0.12
[[deal.by]]
column = "potential"
power = 1.0
[propensity]
base = 0.8
[[propensity.by]]
column = "Industry"
values = { Technology = 1.2, Retail = 0.7 }
[error]
account = 0.3
"""


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """The first 400 accounts, as they are in the export."""
    frame = pd.read_csv(US / "accounts.csv", dtype=str, keep_default_na=False, nrows=400)
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    return tmp_path / "accounts.csv"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "potential.toml"
    path.write_text(MODEL)
    return path


def test_scores_go_into_a_file_that_can_be_sized(
    run: Run, some: Path, model: Path, tmp_path: Path
) -> None:
    scored = tmp_path / "scored.csv"
    first = pd.read_csv(some, dtype=str)["Account ID"][0]
    ran = run("score", some, "--model", model, "--out", scored, "--explain", first)
    assert ran.code == 0, ran.err
    assert "potential" in ran.out
    made = pd.read_csv(scored)
    assert {"given_potential", "potential_sd", "score_propensity", "Industry"} <= set(made)
    assert made["potential"].sum() > 0
    error = made["potential"].to_numpy() * 0.3
    assert made["potential_sd"].to_numpy() == pytest.approx(error, abs=0.02)
    again = run("score", scored, "--model", model, "--out", tmp_path / "twice.csv", "--json")
    assert json.loads(again.out)["accounts"] == len(made)

    sized = json.loads(run("size", scored, "--json").out)
    assert sized["accounts"] == len(made)
    assert sized["by_workload"] > 0
    words = run("size", scored).out
    assert "One rep more or fewer" in words
    assert "travel.speed_kmh = 60" in words


def test_a_history_too_small_is_refused(run: Run, some: Path, tmp_path: Path) -> None:
    deals = pd.read_csv(US / "bookings.csv")
    ids = pd.read_csv(some, dtype=str)["Account ID"][:40]
    deals[deals["account_id"].isin(ids)].to_csv(tmp_path / "deals.csv", index=False)
    out = tmp_path / "learned.toml"
    ran = run("learn", some, "--history", tmp_path / "deals.csv", "--out", out)
    assert ran.code == 2
    assert "too few to learn from" in ran.err
    assert not out.exists()


def test_mistakes_are_named(run: Run, some: Path, model: Path, tmp_path: Path) -> None:
    ran = run("score", some, "--model", model)
    assert (ran.code, "--out" in ran.err) == (2, True)
    model.write_text(MODEL.replace("[propensity]", "[propensty]").replace("propensity.by", "p"))
    ran = run("score", some, "--model", model, "--out", tmp_path / "s.csv")
    assert ran.code == 2
    assert "propensty" in ran.err
    assert "potential.toml" in ran.err
    ran = run("certainty", tmp_path, "--scores", some, "--shared", "state")
    assert (ran.code, "COLUMN:SD" in ran.err) == (2, True)
