"""Laws of what-ifs: who owns what afterwards, what moved, and what is said of it."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import BailiwickError, OptionError
from geo.sphere import distance_km
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle
from sales.realign.budget import parse_budget
from sales.realign.compare import Comparison
from sales.realign.market import market_of
from sales.realign.merger import merger_of_plan
from sales.realign.scenario import Band, Join, NewPotential, SalesBasis, Scenario
from sales.roster import Rep
from sales.verify import verify
from tests.realign.team import accounts_csv, plan, table, team, tried

LEAVES = Scenario("ann leaves", ("ann",), effort="quick")


def owners(bundle: PlanBundle) -> dict[str, str]:
    rows = bundle.assignments
    return dict(zip(rows["account_id"], rows["rep"], strict=True))


def potentials() -> dict[str, float]:
    frame = team().source.frame  # type: ignore[union-attr]
    return dict(zip(frame["account_id"], frame["potential"], strict=True))


def moves(before: PlanBundle, after: PlanBundle) -> set[str]:
    was, now = owners(before), owners(after)
    return {account for account in was if was[account] != now[account]}


def sound(found: Comparison) -> None:
    """Every plan verifies, and no account is lost: what had a place before has one."""
    placed = {account for account, rep in owners(team().bundle).items() if rep}
    for made in found.made.values():
        read = read_bundle(plan_files(made.bundle))
        assert [f.claim + f.detail for f in verify(read) if not f.true] == []
        rows = made.bundle.assignments
        assert placed <= set(rows["account_id"][rows["territory_id"] != ""])


def row(found: Comparison, at: int = 1) -> dict[str, object]:
    entry: dict[str, object] = found.document["scenarios"][at]
    return entry


def test_who_leaves_owns_nothing_and_the_others_keep_their_territories() -> None:
    found = tried(LEAVES)
    sound(found)
    made = found.made["ann-leaves"]
    assert "ann" not in set(owners(made.bundle).values())
    before = {t["rep"]: t["id"] for t in team().bundle.document["territories"]}
    after = {t["rep"]: t["id"] for t in made.bundle.document["territories"]}
    assert after == {rep: name for rep, name in before.items() if rep != "ann"}
    entry = found.document["scenarios"][1]
    moved = moves(team().bundle, made.bundle)
    hers = {account for account, rep in owners(team().bundle).items() if rep == "ann"}
    assert entry["moved"]["accounts"] == len(moved)
    assert entry["moved"]["rep_left"]["accounts"] == len(hers)
    assert entry["moved"]["rep_stays"]["accounts"] == len(moved - hers)
    worth = potentials()
    assert entry["moved"]["potential"] == pytest.approx(sum(worth[a] for a in moved))
    assert set(found.moves["account_id"]) == moved
    assert not made.bundle.document["violations"]


def test_nearest_neighbours_take_what_the_leaver_had_and_nothing_else_moves() -> None:
    found = tried(replace(LEAVES, respond="nearest"))
    sound(found)
    made = found.made["ann-leaves"]
    hers = {account for account, rep in owners(team().bundle).items() if rep == "ann"}
    assert moves(team().bundle, made.bundle) == hers
    assert all(owners(made.bundle)[account] for account in hers)


def test_orphans_stay_where_they_are_without_a_rep() -> None:
    found = tried(replace(LEAVES, respond="orphans"))
    sound(found)
    bundle, before = found.made["ann-leaves"].bundle, team().bundle
    assert (bundle.units["territory_id"] == before.units["territory_id"]).all()
    hers = [account for account, rep in owners(before).items() if rep == "ann"]
    assert [account for account, rep in owners(bundle).items() if rep == ""][: len(hers) + 1]
    assert moves(before, bundle) == set(hers)
    entry = found.document["scenarios"][1]
    assert entry["without_rep"]["accounts"] == len(hers)
    assert entry["moved"]["rep_stays"]["accounts"] == 0


def test_who_joins_gets_ground_near_home() -> None:
    found = tried(Scenario("denver", joins=(Join("Denver, CO", "Flo"),), effort="quick"))
    sound(found)
    bundle = found.made["denver"].bundle
    rows = bundle.assignments[bundle.assignments["rep"] == "Flo"]
    away = distance_km(
        rows["lat"].to_numpy(), rows["lng"].to_numpy(), np.array(39.739), np.array(-104.985)
    )
    assert len(rows) > 5
    assert np.median(away) < 60
    new = next(t for t in bundle.document["territories"] if t["rep"] == "Flo")
    assert new["id"] not in {t["id"] for t in team().bundle.document["territories"]}
    assert abs(new["deviation"]) <= 0.15


@pytest.mark.parametrize("words", ["0", "5%", "12 accounts", "400 potential"])
def test_the_budget_is_kept_or_the_plan_says_that_it_is_not(words: str) -> None:
    budget = parse_budget(words)
    found = tried(
        Scenario("tight", tolerance=0.02, max_disruption=budget, effort="quick"),
        replace(LEAVES, max_disruption=budget),
    )
    sound(found)
    worth, before = potentials(), owners(team().bundle)
    for made, entry in zip(found.made.values(), found.document["scenarios"][1:], strict=True):
        free = {a for a in moves(team().bundle, made.bundle) if before[a] not in made.left}
        total = sum(worth[a] for a, rep in before.items() if rep and rep not in made.left)
        used = {
            "share": sum(worth[a] for a in free) / total,
            "accounts": len(free),
            "potential": sum(worth[a] for a in free),
        }[budget.unit]
        assert entry["budget"]["used"] == pytest.approx(used)
        assert entry["budget"]["kept"] == (used <= budget.value * (1 + 1e-9))
        kinds = {v["kind"] for v in made.bundle.document["violations"]}
        assert entry["budget"]["kept"] == ("disruption" not in kinds)
    assert found.document["scenarios"][1]["budget"]["kept"]


def test_fewer_are_those_with_the_least_potential_and_more_get_ids_of_their_own() -> None:
    found = tried(
        Scenario("fewer", headcount=-2, effort="quick"),
        Scenario("more", headcount=2, effort="quick"),
    )
    sound(found)
    worth, before = potentials(), owners(team().bundle)
    held = pd.Series(dict.fromkeys(("ann", "bo", "cy", "di", "ed"), 0.0))
    for account, rep in before.items():
        if rep:
            held[rep] += worth[account]
    fewer, more = found.document["scenarios"][1:]
    assert set(fewer["leave"]) == set(held.sort_values().index[:2])
    assert fewer["territories"] == 3
    assert (more["territories"], more["join"]) == (7, ["new-1", "new-2"])


def test_nothing_asked_and_all_within_tolerance_moves_nothing() -> None:
    found = tried(Scenario("anew", effort="quick"))
    assert found.document["scenarios"][1]["moved"]["accounts"] == 0


def test_a_merger_has_the_accounts_and_reps_of_both() -> None:
    others = (Rep("x1", "Xu", 1.0, 39.2, -105.5), Rep("x2", "Yan", 1.0, 40.2, -104.0))
    source = table(accounts_csv(60, 9, "B"))
    bundle = plan(source, others)
    merger = merger_of_plan(bundle, "other", source)
    found = tried(Scenario("merged", merger=merger, leaves=("ann",), effort="quick"))
    sound(found)
    made = found.made["merged"]
    assert set(owners(made.bundle).values()) - {""} == {"bo", "cy", "di", "ed", "x1", "x2"}
    assert len(made.bundle.assignments) == 210
    before = dict(zip(made.before["account_id"], made.before["rep"], strict=True))
    assert before["B003"] == owners(bundle)["B003"]
    moved = {
        account
        for account, rep in owners(made.bundle).items()
        if before.get(account, "") not in ("", rep)
    }
    assert found.document["scenarios"][1]["moved"]["accounts"] == len(moved)
    ids = [t["id"] for t in made.bundle.document["territories"]]
    assert len(set(ids)) == 6
    with pytest.raises(OptionError, match="in this team too"):
        tried(Scenario("twice", merger=merger_of_plan(team().bundle, "team", None)))


def test_a_new_product_multiplies_and_the_plan_follows() -> None:
    new = NewPotential({"Industry": {"Energy": 3.0}}, {"Employees": (Band(100, 1e9, 2.0),)})
    found = tried(Scenario("product", potential=new, effort="quick"))
    sound(found)
    frame = team().source.frame  # type: ignore[union-attr]
    wanted = frame["potential"] * np.where(frame["industry"] == "Energy", 3, 1)
    wanted = wanted * np.where(frame["employees"] >= 100, 2, 1)
    worth = found.made["product"].worth
    assert worth["A002"] == wanted[2]
    placed = frame["latitude"].notna()
    assert found.made["product"].bundle.units["potential"].sum() == pytest.approx(
        wanted[placed].sum()
    )
    unknown = NewPotential({"Industry": {"Space": 3.0}})
    with pytest.raises(OptionError, match="product: no account has Industry “Space”") as said:
        tried(Scenario("product", potential=unknown))
    assert "Energy" in said.value.hint
    scores = pd.DataFrame({"account_id": ["A002"], "potential": [777.0]})
    scored = tried(Scenario("scored", potential=NewPotential(scores=scores), effort="quick"))
    assert scored.made["scored"].worth["A002"] == 777.0
    column = tried(Scenario("arr", potential=NewPotential(column="ARR"), effort="quick"))
    assert column.made["arr"].worth["A002"] == float(frame["ARR"][2])


def test_revenue_at_risk_is_of_the_customers_whose_rep_changes() -> None:
    sales = {f"A{i:03d}": 10.0 for i in range(0, 150, 2)}
    found = tried(LEAVES, basis=SalesBasis(sales, lost=(0.1, 0.2)))
    moved = moves(team().bundle, found.made["ann-leaves"].bundle)
    customers = [account for account in moved if account in sales]
    entry = found.document["scenarios"][1]
    assert entry["moved"]["customers"] == len(customers)
    assert entry["revenue_at_risk"]["sales_moved"] == pytest.approx(10 * len(customers))
    assert entry["revenue_at_risk"]["low"] == pytest.approx(len(customers))
    assert entry["revenue_at_risk"]["high"] == pytest.approx(2 * len(customers))
    unknown = tried(LEAVES)
    assert unknown.document["scenarios"][1]["revenue_at_risk"] is None
    shared = tried(LEAVES, basis=SalesBasis(share=0.5)).document["scenarios"][1]
    assert shared["revenue_at_risk"]["sales_moved"] == pytest.approx(
        shared["moved"]["potential"] / 2
    )


def test_reps_gain_and_lose_what_moves() -> None:
    entry = tried(LEAVES).document["scenarios"][1]
    for rep in entry["reps"]:
        change = rep["gained"]["potential"] - rep["lost"]["potential"]
        assert rep["after"]["potential"] == pytest.approx(rep["before"]["potential"] + change)
    status = {rep["rep"]: rep["status"] for rep in entry["reps"]}
    assert status == {"ann": "left", "bo": "stays", "cy": "stays", "di": "stays", "ed": "stays"}
    travel = entry["travel"]
    assert travel["before_km"] > 0
    assert travel["after_km"] > 0


def test_the_same_again_gives_the_same_bytes() -> None:
    first, second = tried(LEAVES), tried(LEAVES)
    assert json.dumps(first.document) == json.dumps(second.document)
    for one, other in zip(first.made.values(), second.made.values(), strict=True):
        assert plan_files(one.bundle) == plan_files(other.bundle)


def test_a_plan_alone_is_enough_and_says_that_shares_are_even() -> None:
    base = team()
    alone = replace(base, source=market_of(base.bundle, "plan"))
    found = tried(replace(LEAVES, respond="nearest"), base=alone)
    exact = tried(replace(LEAVES, respond="nearest"))
    sound(found)
    assert moves(base.bundle, found.made["ann-leaves"].bundle) == moves(
        base.bundle, exact.made["ann-leaves"].bundle
    )


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (Scenario("x", ("nobody",)), "nobody in the plan is called “nobody”"),
        (Scenario("x", ("ann", "Ann")), "ann leaves twice"),
        (Scenario("x", headcount=-5), "nobody would be left"),
        (Scenario("x", joins=(Join("Nowhereville, CO"),)), "“Nowhereville, CO”"),
        (Scenario("x", joins=(Join("95, 10"),)), "no position on the Earth"),
        (Scenario("x", respond="nearest"), "for reps who leave"),
        (Scenario("!!"), "no name for a scenario"),
    ],
)
def test_what_cannot_be_done_is_said(scenario: Scenario, message: str) -> None:
    with pytest.raises(BailiwickError, match=message) as said:
        tried(scenario)
    assert said.value.hint
