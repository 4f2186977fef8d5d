"""The sample company: every flaw of its alignment is found, and every account that outgrew."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sales.accounts import read_accounts
from sales.ownership.book import Sources, book_of
from sales.ownership.findings import disputes, findings, orphans
from sales.ownership.rules_file import read_rules
from sales.ownership.timeline import Courses
from sales.plan import PlanBundle

US = Path(__file__).parents[2] / "data" / "samples" / "us"
BEFORE, DAY = date(2024, 12, 1), date(2025, 1, 1)


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(US / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def found() -> Courses:
    """A plan that gives each account to the territory behind the one that it is in today."""
    accounts, reps = read_accounts(US / "accounts.csv"), table("reps.csv")
    ids = [f"T{k + 1:02d}" for k in range(len(reps))]
    listed = table("alignment.csv").drop_duplicates("account_id").set_index("account_id")
    today = listed["territory_id"].reindex(accounts.frame["account_id"]).fillna("T01")
    shifted = [ids[int(name[1:]) % len(ids)] if name else ids[0] for name in today]
    of = dict(zip(ids, reps["rep_id"], strict=True))
    assignments = pd.DataFrame(
        {
            "account_id": accounts.frame["account_id"], "territory_id": shifted,
            "rep": [of[name] for name in shifted], "segment": "all", "rule": "cell",
        }
    )  # fmt: skip
    territories = [{"id": k, "name": k, "rep": of[k], "rep_name": of[k]} for k in ids]
    people = [
        {"rep_id": rep, "name": name}
        for rep, name in zip(reps["rep_id"], reps["name"], strict=True)
    ]
    nothing = pd.DataFrame()
    document = {"territories": territories, "reps": people}
    bundle = PlanBundle(document, assignments, nothing, nothing, nothing, {})
    sources = Sources(
        accounts.frame, US / "alignment.csv", US / "bookings.csv", US / "deals.csv",
        US / "contracts.csv",
    )  # fmt: skip
    return Courses(book_of(bundle, sources, DAY), read_rules(US / "engagement.toml"))


def test_every_planted_flaw_is_found_at_its_row_and_no_other(found: Courses) -> None:
    truth = table("alignment_flaws.csv")
    planted = set(zip(truth["row"].astype(int), truth["account_id"], truth["flaw"], strict=True))
    told = {(f.row, f.account_id, f.flaw) for f in findings(found, BEFORE)}
    assert planted <= told
    # The row without an id is an account that no alignment can list.
    assert {entry[1] for entry in told - planted} == {"row-3095"}


def test_every_overlap_is_settled_for_one_of_those_who_claim_it(found: Courses) -> None:
    truth = table("alignment_flaws.csv")
    overlaps = set(truth["account_id"][truth["flaw"] == "overlap"])
    settled = {d.account_id: d for d in disputes(found, BEFORE) if d.account_id in overlaps}
    assert set(settled) == overlaps
    for dispute in settled.values():
        assert len(dispute.span.owners) == 1
        assert dispute.winner in dispute.claimants
        assert not dispute.span.arbitrary


def test_every_account_that_outgrew_its_segment_is_found_on_its_day(found: Courses) -> None:
    truth = table("outgrown.csv")
    wanted = set(
        zip(truth["account_id"], truth["on"], truth["measure"], truth["value"].astype(float),
            strict=True)
    )  # fmt: skip
    told = {
        (o.account_id, str(o.on), o.measure, o.value)
        for course in found.all().values()
        for o in course.outgrown
    }
    assert told == wanted
    joint = [s for c in found.all().values() for s in c.spans if len(s.owners) == 2]
    assert joint
    assert {sum(o.share for o in span.owners) for span in joint} == {1.0}


def test_from_the_plans_day_on_nobody_is_without_an_owner(found: Courses) -> None:
    assert orphans(found, DAY) == []
    assert orphans(found, BEFORE) != []
