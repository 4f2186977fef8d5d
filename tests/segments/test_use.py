"""A segmented plan in use: routed, drawn, compared, exported, cut for a manager, not moved."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from app.maps import render_map
from geo.errors import ConflictError, OptionError
from geo.geocode.types import Address
from sales.diff import compare, difference_document
from sales.edits.board import open_board
from sales.export import FORMATS, export
from sales.lookup import make_lookup
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle, read_plan, write_files
from sales.route import Question, route
from sales.rules.alignment import alignment_of
from sales.trim import trimmed

MUNICH = Address(lat=48.15, lng=11.6)


def ask(plan: PlanBundle, *questions: Question) -> list[tuple[str, str | None]]:
    answers = route(make_lookup(plan), lambda _: None, questions)
    return [(a.code, a.territory) for a in answers]


def test_a_lead_goes_to_its_segment_first_and_then_by_that_segments_cells(plan: PlanBundle) -> None:
    codes = ask(
        plan,
        Question(MUNICH, facts={"employees": 700, "industry": "Retail"}),
        Question(MUNICH, facts={"NumberOfEmployees": "1,700"}),
        Question(MUNICH, facts={"Industry": "PHARMA", "Tier": "A", "employees": 3}),
        Question(MUNICH, facts={"Industry": "PHARMA", "Tier": "C", "employees": 3}),
        Question(MUNICH),
        Question(MUNICH, segment="Large"),
        Question(MUNICH, segment="nothing like it"),
        Question(MUNICH, segment="named"),
    )
    assert [code for code, _ in codes] == [*["in_territory"] * 6, "unassigned", "unassigned"]
    assert [str(t).split("-")[0] for _, t in codes[:6]] == [
        "large", "large", "rest", "rest", "rest", "large"
    ]  # fmt: skip
    answer = route(make_lookup(plan), lambda _: None, [Question(MUNICH, facts={"employees": 700})])
    assert "employees 700" in answer[0].reason
    assert answer[0].trace[1].startswith("segment: large")


def test_an_account_of_the_plan_stays_in_its_segment(plan: PlanBundle) -> None:
    owner = plan.assignments.set_index("account_id")["territory_id"]
    large = plan.assignments["account_id"][plan.assignments["segment"] == "large"].iloc[0]
    (named, small) = ask(
        plan, Question(None, "A003"), Question(MUNICH, large, facts={"employees": 1})
    )
    assert named == ("segment", owner["A003"])
    assert str(small[1]).startswith("large-")


def test_outside_the_market_nobody_has_it(plan: PlanBundle) -> None:
    assert ask(plan, Question(Address(lat=0.0, lng=20.0))) == [("outside_market", None)]


def test_the_directory_is_written_and_read_whole(plan: PlanBundle, tmp_path: Path) -> None:
    files = plan_files(plan)
    write_files(tmp_path, files | {"lists/old.csv": b"x\n", "segments/old/plan.json": b"{}"})
    write_files(tmp_path, files)  # what another model left is gone
    assert plan_files(read_plan(tmp_path)) == files
    assert not (tmp_path / "lists/old.csv").exists()
    assert plan_files(read_plan(tmp_path / "segments" / "rest"))


# These accounts have no postal codes.
@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"postal"}))
def test_every_format_takes_it(plan: PlanBundle, name: str, tmp_path: Path) -> None:
    assert export(plan, name, tmp_path / f"out{FORMATS[name].suffix}").exists()


def test_two_plans_are_compared_account_by_account(plan: PlanBundle) -> None:
    read = read_bundle(plan_files(plan))
    table = read.assignments.copy()
    at = table.index[table["territory_id"] == "rest-T01"][0]
    table.loc[at, "territory_id"] = "rest-T02"
    found = difference_document(compare(read, replace(read, assignments=table)))
    assert found["weights"] == "exact"
    assert (found["moved"]["accounts"], found["compared"]["accounts"]) == (1, 90)
    assert found["moved"]["potential"] == float(read.members["potential"][at])  # type: ignore[index]


def test_the_page_has_a_view_of_each_segment(plan: PlanBundle) -> None:
    page = render_map(plan)
    assert re.findall(r'id="(plan-data[^"]*)"', page) == ["plan-data", "plan-data-2", "plan-data-0"]
    assert re.search(r'"names": ?\["Named", ?"Large", ?"Health \+ Rest"\]', page)


def test_a_manager_sees_nothing_of_the_others(plan: PlanBundle) -> None:
    table = plan.assignments
    codes = pd.DataFrame({"account_id": table["account_id"], "country": "DE"})
    whole = replace(plan, postcodes=codes.assign(postal_code="80331", weight=1.0))
    own = trimmed(whole, ["large-T01"])
    files = plan_files(own)
    assert not any(name.startswith(("segments/", "lists/")) for name in files)
    assert {"model.toml", "members.csv"}.isdisjoint(files)
    others = set(plan.assignments["account_id"]) - set(own.assignments["account_id"])
    text = b"".join(files.values()).decode()
    assert not any(account in text for account in others)
    assert "segments" not in trimmed(plan, ["large-T01"]).document


def test_what_does_not_work_is_said(plan: PlanBundle) -> None:
    with pytest.raises(ConflictError, match="segments"):
        open_board(plan)
    with pytest.raises(OptionError, match="segments") as error:
        alignment_of(plan, "old")
    assert "segments/<id>" in error.value.hint
    assert alignment_of(plan.parts["rest"], "old").territories
