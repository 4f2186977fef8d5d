"""`design --exact` as its user meets it: proof, refusal, infeasibility, and what `verify` sees."""

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sales.planfiles import read_bundle
from sales.verify import verify
from tests.cli.made_up import Run, plan_of, squares, write_csv


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps(squares(4)))
    return path


def exact(run: Run, units: Path, out: Path, *more: object) -> Any:
    options = ("--territories", 3, "--balance", "potential:0.2", "--exact", "--out", out)
    return run("design", units, *options, *more)


def test_the_least_cut_edges_are_proven_and_verified(run: Run, units: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    ran = exact(run, units, out, "--objective", "cut_edges")
    assert ran.code == 0
    assert "Proven optimal" in ran.out
    proof = plan_of(out)["certificate"]["exact"]
    assert proof["value"] == proof["bound"] == plan_of(out)["summary"]["cut_edges"]
    assert proof["gap"] == 0
    assert proof["unit"] == "edges"
    assert plan_of(out)["provenance"]["stop_reason"] == "optimal"
    assert run("verify", out).code == 0


def test_the_same_bytes_twice_and_nothing_but_json(run: Run, units: Path, tmp_path: Path) -> None:
    plans = [tmp_path / name for name in ("one", "two")]
    for out in plans:
        assert exact(run, units, out, "--json").document()["exact"]["proven"] is True
    first, second = ((out / "plan.json").read_bytes() for out in plans)
    assert first == second
    assert run("verify", plans[0]).code == 0


def _worse(proof: dict[str, Any]) -> None:
    proof["value"] = proof["bound"] = proof["value"] * 0.9


def _above(proof: dict[str, Any]) -> None:
    proof["bound"] = proof["value"] * 1.1


def _called_optimal(proof: dict[str, Any]) -> None:
    proof["bound"] = proof["value"] * 0.9


def _infeasible(proof: dict[str, Any]) -> None:
    proof.update(status="infeasible", value=None, bound=None, gap=None)


@pytest.mark.parametrize("change", [_worse, _above, _called_optimal, _infeasible])
def test_a_false_claim_is_found(
    run: Run, units: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    out = tmp_path / "plan"
    exact(run, units, out)
    document = plan_of(out)
    change(document["certificate"]["exact"])
    (out / "plan.json").write_text(json.dumps(document))
    assert run("verify", out).code == 1
    bundle = read_bundle({path.name: path.read_bytes() for path in out.iterdir()})
    false = [finding.claim for finding in verify(bundle) if not finding.true]
    assert [claim for claim in false if "optimum" in claim]


def test_an_infeasible_instance_is_proven_so(run: Run, tmp_path: Path) -> None:
    rows = [
        {"unit": name, "latitude": 40.0, "longitude": k / 10, "potential": weight}
        for k, (name, weight) in enumerate(zip("abcde", (7, 2, 2, 2, 2), strict=True))
    ]
    pairs = [{"unit_a": a, "unit_b": b} for a, b in zip("abcd", "bcde", strict=True)]
    units, edges = write_csv(tmp_path / "u.csv", rows), write_csv(tmp_path / "e.csv", pairs)
    out = tmp_path / "plan"
    options = ("--unit-id", "unit", "--edges", edges, "--territories", 2, "--exact", "--out", out)
    ran = run("design", units, *options, "--balance", "potential:0.05")
    assert ran.code == 3
    assert "Proven: no plan of whole, connected units has potential within ±5 %" in ran.out
    assert plan_of(out)["certificate"]["exact"]["status"] == "infeasible"
    assert plan_of(out)["provenance"]["stop_reason"] == "infeasible"
    assert run("verify", out).code == 0


def test_too_many_units(run: Run, tmp_path: Path) -> None:
    units = tmp_path / "units.geojson"
    units.write_text(json.dumps(squares(18)))
    ran = exact(run, units, tmp_path / "plan")
    assert ran.code == 2
    assert "324 units are too many" in ran.err
    assert "--exact" in ran.err
    assert not (tmp_path / "plan").exists()


def test_an_objective_without_exact_or_of_another_name(
    run: Run, units: Path, tmp_path: Path
) -> None:
    options = ("--territories", 3, "--out", tmp_path / "plan", "--objective")
    assert run("design", units, *options, "inertia").code == 2
    ran = exact(run, units, tmp_path / "plan", "--objective", "beauty")
    assert ran.code == 2
    assert "cut_edges" in ran.err


@pytest.mark.parametrize(
    ("option", "rows"),
    [
        ("--together", [{"unit_id": "D0", "group": "a"}, {"unit_id": "D1", "group": "a"}]),
        ("--apart", [{"unit_a": "D0", "unit_b": "D1"}]),
        ("--limit", "potential:1:999"),
    ],
)
def test_rules_that_the_proof_does_not_know_are_refused(
    run: Run, units: Path, tmp_path: Path, option: str, rows: Any
) -> None:
    rule = rows if isinstance(rows, str) else write_csv(tmp_path / "rule.csv", rows)
    ran = exact(run, units, tmp_path / "plan", "--unit-id", "district", option, rule)
    assert ran.code == 2
    assert option in ran.err
    assert not (tmp_path / "plan").exists()


def test_a_budget_is_refused_and_without_one_territories_keep_their_names(
    run: Run, units: Path, tmp_path: Path
) -> None:
    for shift in (0, 1):  # one of them at least is not the order in which the proof ends
        rows = [
            {"unit_id": f"D{i}", "territory": "ABC"[(min(i // 5, 2) + shift) % 3], "rep": ""}
            for i in range(16)
        ]
        was = {row["unit_id"]: row["territory"] for row in rows}
        table = write_csv(tmp_path / f"was-{shift}.csv", rows)
        options = ("--unit-id", "district", "--incumbent", table)
        out = tmp_path / f"plan-{shift}"
        assert exact(run, units, out, *options, "--max-disruption", 0.5).code == 2
        assert exact(run, units, out, *options).code == 0
        got = pd.read_csv(out / "units.csv")
        names = sorted(set(was.values()))
        assert set(got["territory_id"]) == set(names)
        before = got["unit_id"].map(was)
        kept = {
            order: got["potential"][
                got["territory_id"].map(dict(zip(names, order, strict=True))) == before
            ].sum()
            for order in permutations(names)
        }
        assert kept[tuple(names)] == max(kept.values())
        assert run("verify", out).code == 0
