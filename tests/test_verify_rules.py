"""Whatever is changed about incumbent, rules and conflicts in a plan's files, `verify` finds it."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geocode import default_geocoder
from sales.design import design
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle
from sales.request import BalanceGoal, DesignRequest
from sales.rules.alignment import alignment_of
from sales.rules.limits import Limit
from sales.rules.tables import rules_of
from tests.test_verify import Files, Rows, false_claims, is_caught, set_in, with_document, with_rows

DISRUPTION = "what changes hands against the incumbent"
LEAST = "the least that must change hands"
RULES = "the rules in force, in units of the plan"
CONFLICTS = "measures that conflict, and the weighting chosen"
VIOLATIONS = "what is out of tolerance or in pieces"
GRANULARITY = "the least deviation that the heaviest unit allows"
FINGERPRINT = "the fingerprint of input, parameters and seed"


def made(path: Path, text: str, **request: Any) -> PlanBundle:
    path.write_text(text, encoding="utf-8")
    return design(read_input(path), DesignRequest(**request), geocoder=default_geocoder())


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """160 accounts around Hamburg, realigned from three territories to four, with every rule."""
    rng = np.random.default_rng(1)
    lines = ["id,latitude,longitude,potential"]
    for i in range(160):
        place = f"{53.55 + rng.normal(0, 0.1):.6f},{10.0 + rng.normal(0, 0.15):.6f}"
        lines.append(f"A{i},{place if i % 50 else ','},{rng.integers(1, 90)}")
    text, path = "\n".join(lines), tmp_path_factory.mktemp("ruled") / "a.csv"
    goals = (BalanceGoal("potential", 0.2),)
    before = made(path, text, territories=3, balance=goals, resolution=7)
    had = str(before.assignments["territory_id"][1])
    one, table = before.document["territories"][0], before.assignments
    own = table[table["territory_id"] == one["id"]]
    far = (own["lat"] - one["center"]["lat"]) ** 2 + (own["lng"] - one["center"]["lng"]) ** 2
    group = own.loc[far.sort_values().index[:3], "account_id"].tolist()
    bundle = made(
        path, text, territories=4, balance=goals, resolution=7,
        incumbent=alignment_of(before, "before"), max_disruption=0.3,
        locks=rules_of("locks", [{"account_id": "A1", "territory": had}, {"territory": "T02"}]),
        together=rules_of("groups", [{"account_id": name, "group": "g"} for name in group]),
        apart=rules_of("pairs", [{"account_a": "A11", "account_b": "A12"}]),
        limits=(Limit("accounts", 1, 60),),
        barriers={"type": "LineString", "coordinates": [[10.0, 53.5], [10.05, 53.6]]},
    )  # fmt: skip
    return plan_files(bundle)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Units in a row: all potential at one end, all hours at the other."""
    features = []
    for i in range(8):
        ring = [[i, 50], [i + 1, 50], [i + 1, 51], [i, 51], [i, 50]]
        worth = {"potential": 40 if i == 0 else 2, "hours": 0 if i == 0 else 5}
        features.append(
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
             "properties": {"unit": f"U{i}"} | worth}
        )  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    goals = (BalanceGoal("potential", 0.5), BalanceGoal("hours", 0.05))
    path = tmp_path_factory.mktemp("torn") / "u.geojson"
    return plan_files(made(path, text, territories=2, balance=goals))


def document(files: Files) -> Any:
    return json.loads(files["plan.json"])


def test_untouched_plans_are_true(ruled: Files, torn: Files) -> None:
    assert false_claims(ruled) == set()
    assert false_claims(torn) == set()
    assert plan_files(read_bundle(ruled)) == ruled
    assert plan_files(read_bundle(torn)) == torn
    assert document(ruled)["rules"].keys() == {
        "locks", "closed", "together", "apart", "limits", "barriers",
    }  # fmt: skip
    (conflict, *_) = document(torn)["certificate"]["conflicts"]
    assert (conflict["unit"], conflict["measure"], conflict["other"]) == (
        "U0",
        "potential",
        "hours",
    )
    assert [t["chosen"] for t in document(torn)["tradeoffs"]].count(True) == 1


def more(value: float) -> float:
    return value + 1


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        ("summary/disruption/accounts", more, DISRUPTION),
        ("summary/disruption/potential", more, DISRUPTION),
        ("summary/disruption/share", lambda x: x / 2, DISRUPTION),
        ("summary/disruption/account_share", lambda x: x / 2, DISRUPTION),
        ("summary/disruption/of/accounts", more, DISRUPTION),
        ("summary/disruption/new/accounts", more, DISRUPTION),
        ("summary/disruption/ended/potential", more, DISRUPTION),
        ("summary/disruption/measure", "accounts", DISRUPTION),
        ("summary/disruption/territories/new", [], DISRUPTION),
        ("summary/disruption/limit", 0.0, VIOLATIONS),
        ("certificate/disruption/bound", more, LEAST),
        ("certificate/disruption/share", lambda x: x * 1.01, LEAST),
        ("certificate/disruption/prices/0/0", more, LEAST),
        ("rules/locks/0/unit", "8728308280fffff", RULES),
        ("rules/locks/0/territory", "T99", RULES),
        ("rules/locks/0/account_id", "A2", RULES),
        ("rules/closed/0/territory", "T99", RULES),
        ("rules/together/0/units/0", "8728308280fffff", RULES),
        ("rules/apart/0/unit_a", "8728308280fffff", RULES),
        ("rules/apart/0/a", "A2", RULES),
        ("rules/barriers/parted", more, RULES),
        ("rules/least_territories", 9, RULES),
        ("rules/limits/0/max", 1.0, VIOLATIONS),
    ],
)
def test_a_stated_value_changed(ruled: Files, path: str, value: Any, claim: str) -> None:
    changed = with_document(ruled, lambda plan: set_in(plan, path, value))
    assert claim in false_claims(changed)


def test_a_rule_left_out_or_a_breach_kept_quiet(ruled: Files) -> None:
    assert document(ruled)["violations"]
    quiet = with_document(ruled, lambda plan: plan["violations"].pop())
    assert VIOLATIONS in false_claims(quiet)
    for rule in document(ruled)["rules"]:
        assert is_caught(with_document(ruled, partial(_without, rule))), rule


def _without(rule: str, plan: Any) -> None:
    del plan["rules"][rule]


def _swap(rows: Rows) -> None:
    rows[3]["territory_id"] = "T01" if rows[3]["territory_id"] != "T01" else "T02"


def _heavier(rows: Rows) -> None:
    rows[3]["weight"] = "12345"


def _shorter(rows: Rows) -> None:
    rows.pop()


def _renamed(rows: Rows) -> None:
    rows[3]["account_id"] = "B3"


@pytest.mark.parametrize("change", [_swap, _heavier, _shorter, _renamed])
def test_the_incumbent_changed(ruled: Files, change: Any) -> None:
    assert is_caught(with_rows(ruled, "incumbent.csv", change))


def test_files_missing_or_damaged(ruled: Files) -> None:
    for name in ("incumbent.csv", "barriers.geojson"):
        assert is_caught({k: v for k, v in ruled.items() if k != name})
        assert is_caught(ruled | {name: b"{}"})
    other = {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]}
    assert RULES in false_claims(ruled | {"barriers.geojson": json.dumps(other).encode()})


@pytest.mark.parametrize(
    ("path", "value", "claim"),
    [
        ("certificate/conflicts/0/least_deviation", more, CONFLICTS),
        ("certificate/conflicts/0/needed_tolerance", more, CONFLICTS),
        ("certificate/conflicts/0/unit", "U1", CONFLICTS),
        ("certificate/conflicts/0/unit", "U99", CONFLICTS),
        ("certificate/granularities/0/share_of_target", more, GRANULARITY),
        ("certificate/granularities", [], GRANULARITY),
    ],
)
def test_a_conflict_changed(torn: Files, path: str, value: Any, claim: str) -> None:
    assert claim in false_claims(with_document(torn, lambda plan: set_in(plan, path, value)))


def test_a_weighting_that_the_plan_has_not(torn: Files) -> None:
    def lie(plan: Any) -> None:
        chosen = next(tried for tried in plan["tradeoffs"] if tried["chosen"])
        chosen["reached"]["hours"] /= 2

    assert CONFLICTS in false_claims(with_document(torn, lie))


_WRONG: st.SearchStrategy[Any] = st.sampled_from([None, -1, "x", [], {}, True, 1e300, "T01"])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_nonsense_in_rules_is_a_finding_or_an_error_with_a_hint(ruled: Files, data: Any) -> None:
    def spoil(plan: Any) -> None:
        part = data.draw(st.sampled_from(["rules", "summary/disruption", "certificate/disruption"]))
        where = plan
        for step in part.split("/"):
            where = where[step]
        key = data.draw(st.sampled_from(sorted(where)))
        where[key] = data.draw(_WRONG.filter(lambda value: value != where[key]))

    is_caught(with_document(ruled, spoil))  # raises nothing but an error with a hint
