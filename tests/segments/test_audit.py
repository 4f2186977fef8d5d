"""The audit: what it proves of a plan as designed, and that it finds every tampering."""

import json
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from geo.errors import PlanFilesError
from sales.claims.segments import AUDIT, unplaced, whole_of
from sales.plan import PlanBundle
from sales.planfiles import _csv, _frame, plan_files, read_bundle
from sales.verify import audit_of, verify

Files = dict[str, bytes]


def test_the_plan_as_designed_is_true(files: Files, plan: PlanBundle) -> None:
    read = read_bundle(files)
    findings = list(verify(read))
    assert [f for f in findings if not f.true] == []
    claims = {f.claim for f in findings}
    assert set(AUDIT) <= claims
    assert any(c.startswith("large: ") for c in claims)
    assert any(c.startswith("rest: ") for c in claims)
    assert plan_files(read) == files
    assert len(unplaced(read)) == 0
    assert len(plan.assignments) == 90


def test_each_account_is_where_the_model_says(plan: PlanBundle) -> None:
    table = plan.assignments.set_index("account_id")
    reps = {t["id"]: t["rep"] for t in plan.document["territories"]}
    assert reps[table["territory_id"]["A003"]] == "Ann"
    assert {reps[table["territory_id"][i]] for i in ("A010", "A020")} == {"Bo"}
    assert set(table["territory_id"][table["segment"] == "health"]) <= {
        t["id"] for t in plan.document["territories"] if t["geography"] == "rest"
    }
    # A child counts where its parent is.
    for child, parent in (("A008", "A007"), ("A017", "A016"), ("A089", "A088")):
        assert table["territory_id"][child] == table["territory_id"][parent]
        if table["segment"][child] != "named":
            assert (table["rule"][child], table["cell"][child]) == ("family", table["cell"][parent])
    segments = {s["id"]: s for s in plan.document["segments"]}
    assert sum(s["accounts"] for s in segments.values()) == 90
    assert segments["rest"]["claimed"] == 90


def edited(files: Files, name: str, change: Callable[[pd.DataFrame], pd.DataFrame | None]) -> None:
    frame = _frame(files, name, ())
    changed = change(frame)
    files[name] = _csv(frame if changed is None else changed)


def first(frame: pd.DataFrame, segment: str) -> int:
    return int(frame.index[frame["segment"] == segment][0])


def moved_into_two(files: Files) -> None:
    """An account of the large ones is put into the other geography too."""
    large = read_bundle(files).parts["large"].assignments.iloc[[0]]
    edited(files, "segments/rest/assignments.csv",
           lambda f: pd.concat([f, large.astype(str)], ignore_index=True))  # fmt: skip


def dropped(files: Files) -> None:
    edited(files, "segments/large/assignments.csv", lambda f: f.iloc[1:])


def dropped_from_the_whole(files: Files) -> None:
    edited(files, "assignments.csv", lambda f: f.iloc[1:])


def other_segment(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[first(frame, "large"), "segment"] = "rest"

    edited(files, "assignments.csv", change)


def other_segment_everywhere(files: Files) -> None:
    other_segment(files)
    said = read_bundle(files).assignments["segment"]
    edited(files, "members.csv", lambda f: f.assign(segment=said))


def other_territory(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[first(frame, "large"), "territory_id"] = "rest-T01"

    edited(files, "assignments.csv", change)


def no_territory(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[first(frame, "rest"), ["territory_id", "rep", "cell", "rule"]] = ""

    edited(files, "assignments.csv", change)


def orphaned_named_account(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame["account_id"] == "A003", ["territory_id", "rep"]] = ""

    edited(files, "assignments.csv", change)


def other_rep(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        at = frame["account_id"] == "A003"
        bo = frame.loc[frame["account_id"] == "A010", ["territory_id", "rep"]].to_numpy()
        frame.loc[at, ["territory_id", "rep"]] = bo

    edited(files, "assignments.csv", change)


def child_elsewhere(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        at = frame.index[(frame["rule"] == "family") & frame["territory_id"].str.startswith("rest")]
        own = frame.loc[at[0], "territory_id"]
        frame.loc[at[0], "territory_id"] = "rest-T01" if own != "rest-T01" else "rest-T02"

    edited(files, "assignments.csv", change)


def other_model(files: Files) -> None:
    files["model.toml"] = files["model.toml"].replace(b"min = 500", b"min = 400")


def other_employees(files: Files) -> None:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[first(frame, "rest"), "asked: employees"] = "10000.0"

    edited(files, "members.csv", change)


def other_sum(files: Files) -> None:
    document = json.loads(files["plan.json"])
    document["segments"][0]["potential"] += 1
    files["plan.json"] = json.dumps(document).encode()


def other_target(files: Files) -> None:
    document = json.loads(files["plan.json"])
    document["territories"][0]["target"] += 1
    files["plan.json"] = json.dumps(document).encode()


def other_cell(files: Files) -> None:
    edited(files, "cells.csv", lambda f: f.iloc[1:])


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (moved_into_two, "no overlap"), (dropped, "no orphan"),
        (dropped_from_the_whole, "every row of the input"), (other_segment, "rules give it"),
        (other_segment_everywhere, "rules give it"), (other_territory, "no overlap"),
        (no_territory, "no orphan"), (orphaned_named_account, "no orphan"),
        (other_rep, "named to a rep"), (child_elsewhere, "families"), (other_model, "the model"),
        (other_employees, "rules give it"), (other_sum, "the sums"),
        (other_target, "its geographies say"), (other_cell, "its geographies say"),
    ],
)  # fmt: skip
def test_a_tampering_is_found(files: Files, tamper: Callable[[Files], None], claim: str) -> None:
    changed = dict(files)
    tamper(changed)
    wrong = [f for f in audit_of(read_bundle(changed)) if not f.true]
    assert any(claim in f.claim for f in wrong), wrong
    assert all(f.detail for f in wrong)


def test_a_plan_without_segments_is_said_to_be_one(plan: PlanBundle) -> None:
    with pytest.raises(PlanFilesError, match="no segments"):
        whole_of(replace(plan, members=None, model=None))


@pytest.mark.parametrize("missing", ["model.toml", "members.csv", "segments/rest/plan.json"])
def test_a_missing_file_is_said(files: Files, missing: str) -> None:
    with pytest.raises(PlanFilesError):
        read_bundle({name: content for name, content in files.items() if name != missing})
