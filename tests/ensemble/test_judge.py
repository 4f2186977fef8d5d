"""Where today's map stands: figures, percentiles, and what is said about them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError, OptionError
from sales.ensemble.judge import judge
from sales.ensemble.standing import percentile
from sales.ensemble.written import ensemble_files
from sales.plan import PlanBundle
from sales.planfiles import plan_files, write_files
from sales.roster import Rep
from sales.rules.alignment import Alignment, Held, alignment_of, keys_of
from tests.cli.made_up import Run


def test_a_percentile_counts_what_is_below_and_half_of_what_is_equal() -> None:
    assert percentile(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.5
    assert percentile(np.array([1.0, 2.0, 2.0, 3.0]), 0.5) == 0.0
    assert percentile(np.array([1.0, 2.0, 2.0, 3.0]), 9.0) == 1.0
    assert percentile(np.array([1.0, 2.0, 2.0, 3.0]), 2.5) == 0.75


def test_the_plan_s_own_figures_are_those_of_plan_json(plan: PlanBundle) -> None:
    found = judge(plan, maps=40, seed=1)
    summary = plan.document["summary"]
    for entry in found["figures"]:
        assert entry["today"] == pytest.approx(summary[entry["figure"]], rel=1e-6)
        assert 0 <= entry["percentile"] <= 1
        assert len(entry["values"]) == found["maps"] == 40
    assert found["figures"][0]["most"] <= 0.2 + 1e-6  # no map is out of tolerance
    for rep in found["reps"]:
        own = rep["measures"]["potential"]
        assert own["share"] == pytest.approx(own["today"] / own["target"])
        assert rep["home_in_market"]
        assert 0.8 - 1e-6 <= own["home"]["shares"]["p01"] <= own["home"]["shares"]["p99"] <= 1.2001
        assert set(rep["measures"]) == {"potential", "accounts"}
    half = next(r for r in found["reps"] if r["rep"] == "R3")["measures"]["potential"]["target"]
    whole = next(r for r in found["reps"] if r["rep"] == "R0")["measures"]["potential"]["target"]
    assert whole == pytest.approx(2 * half)


def test_the_plan_as_its_own_incumbent_stands_where_it_stands(plan: PlanBundle) -> None:
    alone = judge(plan, maps=20, seed=3)
    given = judge(plan, maps=20, seed=3, incumbent=alignment_of(plan, "same"))
    for one, other in zip(alone["figures"][:2], given["figures"][:2], strict=True):
        assert one["values"] == other["values"]
        assert one["today"] == pytest.approx(other["today"], abs=1e-6)
    assert given["judged"]["accounts_not_with_their_cell"] == 0


def test_an_alignment_by_the_alphabet_is_less_even_and_more_ragged(plan: PlanBundle) -> None:
    ids = plan.assignments["account_id"].tolist()
    owner = [0 if i < 60 else 1 + i % 3 for i in range(len(ids))]
    held = tuple(Held("", "", Rep(f"R{k}", f"R{k}", 1.0)) for k in range(4))
    today = Alignment(held, dict(zip(keys_of(ids), owner, strict=True)), {}, "today.csv")
    found = judge(plan, maps=40, seed=1, incumbent=today)
    figures = {entry["figure"]: entry for entry in found["figures"]}
    assert figures["max_deviation"]["percentile"] == 1.0
    assert figures["cut_edges"]["percentile"] == 1.0
    first = next(r for r in found["reps"] if r["rep"] == "R0")["measures"]["potential"]
    assert first["home"]["percentile"] == first["accounts"]["percentile"] == 1.0
    said = " ".join(found["caveats"])
    assert "itself outside the tolerance" in said
    assert "not a map of whole cells" in said


def test_accounts_of_reps_who_left_are_said_and_left_out(plan: PlanBundle) -> None:
    ids = plan.assignments["account_id"].tolist()
    held = tuple(Held("", "", Rep(r, r, 1.0)) for r in ("R0", "R1", "R2", "R3", "gone"))
    owner = {key: 4 if i < 5 else i % 4 for i, key in enumerate(keys_of(ids))}
    found = judge(plan, maps=20, incumbent=Alignment(held, owner, {}, "today.csv"))
    assert found["judged"]["accounts_of_reps_who_left"] == 5
    assert found["judged"]["territories"] == 4
    assert [r["rep"] for r in found["reps"]] == ["R0", "R1", "R2", "R3"]


def test_an_alignment_of_other_accounts_is_refused(plan: PlanBundle) -> None:
    held = (Held("", "", Rep("R0", "R0", 1.0)),)
    with pytest.raises(InputError, match="names 0 of"):
        judge(plan, maps=20, incumbent=Alignment(held, {"elsewhere": 0}, {}, "today.csv"))


def test_a_tolerance_that_the_plan_does_not_keep_is_refused(plan: PlanBundle) -> None:
    with pytest.raises(OptionError, match="outside the tolerance"):
        judge(plan, maps=20, tolerance=1e-7)
    with pytest.raises(OptionError, match="maps are asked"):
        judge(plan, maps=3)


def test_locks_and_limits_of_the_plan_hold_in_every_map(plan: PlanBundle) -> None:
    unit, territory = plan.units.iloc[0][["cell", "territory_id"]]
    rules = {
        "locks": [{"unit": unit, "territory": territory, "account_id": "", "source": "x"}],
        "together": [{"group": "g", "units": [unit]}],
    }
    found = judge(replace(plan, document={**plan.document, "rules": rules}), maps=20)
    assert any("do not keep these rules: together" in words for words in found["caveats"])


def test_the_command_writes_the_same_files_again(
    run: Run,
    plan: PlanBundle,
    tmp_path: Path,
) -> None:
    write_files(tmp_path / "plan", plan_files(plan))
    said = [
        run("ensemble", tmp_path / "plan", "--maps", 20, "--seed", 4, "--out", tmp_path / name)
        for name in ("a", "b")
    ]
    assert (said[0].code, said[1].code) == (0, 0)
    assert "20 maps of 4 territories" in said[0].out
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {"ensemble.json", "figures.png", "figures.svg", "reps.png", "reps.svg"}
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    document = json.loads((tmp_path / "a" / "ensemble.json").read_bytes())
    assert document["plan"] == plan.document["provenance"]["fingerprint"]
    refused = run("ensemble", tmp_path / "plan", "--out", tmp_path / "c", "--tree", "oak")
    assert refused.code == 2
    assert not (tmp_path / "c").exists()


def test_names_of_any_script_can_be_plotted(plan: PlanBundle) -> None:
    document = judge(plan, maps=20)
    for rep, name in zip(
        document["reps"], ("株式会社 $x$", "مرحبا", "A" * 200, "a_b^c"), strict=True
    ):
        rep["rep_name"] = name
    assert ensemble_files(document)["reps.png"].startswith(b"\x89PNG")
