"""`owners` and `explain`: from a plan's directory and tables to answers, and mistakes named."""

import csv
from pathlib import Path

import pytest

from tests.cli.made_up import Run, plan_of, some_accounts, write_csv

RULES = """
precedence = ["named", "holdover", "geography", "incumbent"]
[holdover]
days = 31
won_within_days = 60
[[named]]
account = "A001"
rep = "cy"
from = 2026-02-01
"""


@pytest.fixture
def plan(run: Run, accounts: Path, reps: Path, tmp_path: Path) -> Path:
    words = ("--balance", "potential:0.5", "--effort", "quick", "--resolution", 6)
    assert run("design", accounts, "--reps", reps, "--out", tmp_path / "plan", *words).code == 0
    return tmp_path / "plan"


def tables(tmp_path: Path) -> list[object]:
    """Everybody is Bo's today; A002 is Ann's too, A003 nobody's, A004 of somebody who left."""
    ids = [row["Account ID"] for row in some_accounts()]
    odd = {"A003": "", "A004": "Gone"}
    rows = [{"account_id": name, "rep": odd.get(name, "Bo")} for name in ids]
    rows.append({"account_id": "A002", "rep": "ANN"})
    won = [{"account_id": "A002", "rep": "bo", "close date": "2025-12-24", "amount": "1,200"}]
    (tmp_path / "engagement.toml").write_text(RULES)
    return [
        "--rules", tmp_path / "engagement.toml",
        "--alignment", write_csv(tmp_path / "today.csv", rows),
        "--bookings", write_csv(tmp_path / "won.csv", won), "--effective", "2026-01-01",
    ]  # fmt: skip


def test_owners_are_told_for_any_day_with_all_flaws_and_disputes(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    asked = ["owners", plan, *tables(tmp_path)]
    before = run(*asked, "--at", "2025-12-31", "--json").document()
    assert before["rules"]["incumbent"] == 78
    flaws = {(f["account_id"], f["flaw"], f["row"]) for f in before["findings"]}
    assert flaws == {("A002", "overlap", 82), ("A003", "orphan", 5), ("A004", "rep_left", 6)}
    assert {o["account_id"] for o in before["orphans"]} == {"A003", "A004"}
    (dispute,) = before["disputes"]
    assert (dispute["winner"], dispute["tie"]) == ("bo", "last_win")
    after = run(*asked, "--at", "2026-01-31", "--out", tmp_path / "out", "--json").document()
    assert (after["one_owner"], after["orphans"]) == (80, [])
    assert after["rules"]["holdover"] == 1
    assert {c["on"]: c["accounts"] for c in after["changes"]}.keys() <= {
        "2026-02-01",
    }  # fmt: skip
    with (tmp_path / "out" / "owners.csv").open(newline="") as file:
        spans = list(csv.DictReader(file))
    named = [s for s in spans if s["account_id"] == "A001"]
    assert [s["from"] for s in named] == ["", "2026-01-01", "2026-02-01"]
    assert (named[-1]["rep"], named[-1]["rule"], named[-1]["until"]) == ("cy", "named", "")
    said = run(*asked, "--at", "2025-12-31")
    assert "1 disputed" in said.out
    assert "as nothing" not in said.out


def test_an_explanation_is_told_in_sentences(run: Run, plan: Path, tmp_path: Path) -> None:
    accounts = write_csv(tmp_path / "a.csv", some_accounts())
    asked = [plan, "A001", *tables(tmp_path), "--accounts", accounts, "--at", "2026-02-01"]
    said = run("explain", *asked, "--rep", "bo")
    assert said.code == 0, said.err
    assert "On 2026-02-01 Firm 1 is Cy (cy)'s, as a named account" in said.out
    assert "Bo claims it by" in said.out
    document = run("explain", *asked, "--json").document()
    worth = next(r for r in some_accounts() if r["Account ID"] == "A001")["Annual Potential"]
    assert document["account"]["weight"] == worth
    assert document["account"]["weight_is"] == "exact"
    even = run("explain", plan, "A001", "--json").document()
    assert even["account"]["weight_is"] == "an even share of its cell"
    ids = {t["id"] for t in plan_of(plan)["territories"]}
    assert {c["territory"] for c in even["counterfactuals"]} <= ids


def test_a_table_of_challenges_is_decided_by_the_rules(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    asked = write_csv(
        tmp_path / "asked.csv",
        [{"account_id": "A001", "rep": "Cy", "reason": "agreed"},
         {"account_id": "A001", "rep": "Bo", "reason": "near me"}],
    )  # fmt: skip
    words = ("challenges", plan, asked, *tables(tmp_path), "--at", "2026-02-01")
    found = run(*words, "--out", tmp_path / "decided.csv", "--json").document()
    assert [(d["decision"], d["rule"]) for d in found] == [("accept", "named"), ("refuse", "named")]
    with (tmp_path / "decided.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["decision"] for row in rows] == ["accept", "refuse"]
    assert run(*words).code == 0
    write_csv(asked, [{"account_id": "A001", "rep": "Nobody"}])
    refused = run(*words)
    assert refused.code == 2
    assert "asked.csv, row 2" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["owners", "PLAN", "--at", "yesterday"], "--at 'yesterday' is not a day"),
        (["owners", "PLAN", "--rules", "bad.toml"], "bad.toml: holdover.dais: there is no"),
        (["owners", "PLAN", "--rules", "none.toml"], "none.toml cannot be read"),
        (["owners", "PLAN", "--bookings", "won.csv"], "won.csv, row 3, column “close date”"),
        (["owners", "PLAN", "--alignment", "no.csv"], "no column with the rep or the territory"),
        (["explain", "PLAN", "A999"], "there is no account 'A999'"),
        (["explain", "PLAN", "A001", "--rep", "dan"], "no territory of a rep 'dan'"),
    ],
)  # fmt: skip
def test_mistakes_are_named_and_end_with_status_2(
    run: Run, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text("[holdover]\ndais = 3\n")
    won = {"account_id": "A001", "rep": "bo", "close date": "2025-12-24", "amount": 5}
    write_csv(Path("won.csv"), [won, won | {"close date": "Christmas"}])
    write_csv(Path("no.csv"), [{"account_id": "A001", "colour": "red"}])
    ran = run(*(str(plan) if word == "PLAN" else word for word in words))
    assert ran.code == 2
    assert said in ran.err
    assert "Hint" in ran.err
