"""From a request to a plan: goals, targets, homes, names, and laws that every plan keeps."""

import itertools
from collections import Counter
from pathlib import Path

import h3
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import MissingColumnError, OptionError
from geo.geocode import default_geocoder
from geo.sphere import distance_km
from sales.design import design
from sales.goals import choose_goals, parse_goal
from sales.inputs import read_input
from sales.matching import match_reps
from sales.naming import measure_names, name_territories
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep
from sales.verify import verify

# --- goals


def test_goals_as_they_are_typed() -> None:
    assert parse_goal("potential") == BalanceGoal("potential", 0.05)
    assert parse_goal("workload:0.1") == BalanceGoal("workload", 0.1)
    assert parse_goal(" Annual Revenue : 1e-2 ") == BalanceGoal("Annual Revenue", 0.01)
    assert parse_goal("ratio 1:2:0.2") == BalanceGoal("ratio 1:2", 0.2)


@pytest.mark.parametrize("text", ["a:0", "a:1", "a:-0.1", "a:5%", "a:nan", "a:inf", "a:", ":0.1"])
def test_goals_mistyped(text: str) -> None:
    with pytest.raises(OptionError, match="tolerance") as caught:
        parse_goal(text)
    assert caught.value.hint


def test_potential_is_balanced_unless_asked_otherwise() -> None:
    assert choose_goals((), ["visits", "accounts", "potential"])[0].measure == "potential"
    assert choose_goals((), ["visits", "accounts"])[0].measure == "accounts"
    assert choose_goals((), ["visits", "calls"])[0].measure == "visits"
    asked = (BalanceGoal("calls", 0.1), BalanceGoal("visits", 0.2))
    assert choose_goals(asked, ["visits", "calls"]) == asked


def test_goals_that_cannot_be_met() -> None:
    with pytest.raises(MissingColumnError):
        choose_goals((), [])
    with pytest.raises(MissingColumnError, match="gold") as caught:
        choose_goals((BalanceGoal("gold"),), ["visits", "calls"])
    assert "visits, calls" in caught.value.hint
    with pytest.raises(OptionError, match="twice"):
        choose_goals((BalanceGoal("calls"), BalanceGoal("calls", 0.2)), ["calls"])


# --- reps


@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.floats(-170, 170), st.sampled_from([1.0, 2.0])),
        min_size=1,
        max_size=5,
    )
)
def test_reps_are_matched_at_least_total_distance_among_equals(
    homes: list[tuple[float, float, float]],
) -> None:
    rng = np.random.default_rng(len(homes))
    reps = [Rep(f"R{i}", "", size, lat, lng) for i, (lat, lng, size) in enumerate(homes)]
    centers = np.stack([rng.uniform(-60, 60, len(reps)), rng.uniform(-170, 170, len(reps))], 1)

    def total(order: tuple[int, ...]) -> float:
        at = centers[np.array(order)]
        lat, lng = np.array([h[0] for h in homes]), np.array([h[1] for h in homes])
        return float(distance_km(lat, lng, at[:, 0], at[:, 1]).sum())

    found = match_reps(reps, centers)
    allowed = [
        order
        for order in itertools.permutations(range(len(reps)))
        if all(homes[i][2] == homes[k][2] for i, k in enumerate(order))
    ]
    assert tuple(found.tolist()) in allowed
    assert total(tuple(found.tolist())) == pytest.approx(min(map(total, allowed)))


def test_a_rep_without_a_home_takes_what_is_left() -> None:
    reps = [Rep("lost", "", 1.0), Rep("north", "", 1.0, 60.0, 10.0)]
    assert match_reps(reps, np.array([[59.0, 10.0], [45.0, 10.0]])).tolist() == [1, 0]


# --- names


def test_territories_are_called_after_their_most_valuable_city() -> None:
    cities = ["HOUSTON", "Austin", "houston ", "Houston", "", "Austin", "Waco"]
    worth = np.array([5.0, 3.0, 1.0, 9.0, 50.0, 1.0, 99.0])
    territory = np.array([0, 0, 0, 1, 1, 2, -1])
    assert name_territories(cities, worth, territory, 4) == [
        "Houston 1",
        "Houston 2",
        "Austin",
        "Territory 4",
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["Ulm", "ULM", "Ulm 1", "", "Territory 2"]), st.integers(-1, 4)),
        max_size=30,
    )
)
def test_no_two_territories_share_a_name(rows: list[tuple[str, int]]) -> None:
    names = name_territories(
        [city for city, _ in rows],
        np.ones(len(rows)),
        np.array([k for _, k in rows], dtype=np.int64),
        5,
    )
    assert len({name.casefold() for name in names}) == 5


def test_measures_never_take_the_place_of_a_key() -> None:
    measures = ["potential", "target", "accounts", "target (measure)"]
    activity = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 0.0, 4.0]])
    counted = measure_names(measures, activity, np.array([3, 0]))
    assert counted == {
        "potential": "potential",
        "target": "target (measure)",
        "accounts": "accounts",
        "target (measure)": "target (measure) (measure)",
    }
    assert measure_names(measures, activity, np.array([1, 1]))["accounts"] == "accounts (measure)"


# --- whole plans


def _plan(directory: Path, text: str, request: DesignRequest, name: str = "a.csv") -> PlanBundle:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return design(read_input(path), request, geocoder=default_geocoder())


@given(
    places=st.lists(
        st.tuples(st.floats(-0.6, 0.6), st.floats(-0.9, 0.9), st.integers(0, 50)),
        min_size=5,
        max_size=40,
    ),
    center=st.sampled_from([(48.0, 11.0), (-17.0, 179.9), (64.0, -150.0), (0.1, 0.1)]),
    territories=st.integers(1, 4),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_plan_is_whole_and_true(
    tmp_path: Path,
    places: list[tuple[float, float, int]],
    center: tuple[float, float],
    territories: int,
) -> None:
    lines = ["id,latitude,longitude,potential"]
    for i, (north, east, potential) in enumerate(places):
        lng = (center[1] + east + 180) % 360 - 180
        lines.append(f"K{i},{center[0] + north:.6f},{lng:.6f},{potential + (i == 0)}")
    request = DesignRequest(territories=territories, resolution=6)
    files = plan_files(_plan(tmp_path, "\n".join(lines), request))
    findings = list(verify(read_bundle(files)))
    assert [finding for finding in findings if not finding.true] == []
    bundle = read_bundle(files)
    assert bundle.assignments["account_id"].tolist() == [f"K{i}" for i in range(len(places))]
    assert (bundle.assignments["territory_id"] != "").all()
    assert bundle.document["summary"]["noncontiguous"] == 0
    total = sum(t["potential"] for t in bundle.document["territories"])
    assert total == sum(potential for _, _, potential in places) + 1


def test_scaling_the_potential_changes_no_territory(tmp_path: Path) -> None:
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(47.4, 8.5, 6), 6))
    owners = []
    for factor in (1, 1024):
        rows = "".join(f"{c},{factor * (3 + i % 7)}\n" for i, c in enumerate(cells))
        bundle = _plan(tmp_path, "cell,potential\n" + rows, DesignRequest(territories=4))
        owners.append(bundle.units["territory_id"].tolist())
    assert owners[0] == owners[1]


def test_mixed_resolutions(tmp_path: Path) -> None:
    """A cell may be replaced by its children: the plan hangs together across the change."""
    coarse = sorted(h3.grid_disk(h3.latlng_to_cell(47.4, 8.5, 5), 3))
    cells = [*coarse[::2], *(child for c in coarse[1::2] for child in h3.cell_to_children(c))]
    rows = "".join(f"{c},{5 + i % 4}\n" for i, c in enumerate(cells))
    bundle = _plan(tmp_path, "cell,potential\n" + rows, DesignRequest(territories=4))
    assert bundle.document["resolution"] is None
    assert [f for f in verify(read_bundle(plan_files(bundle))) if not f.true] == []


def test_roster_doubts_and_all_doubts_of_rows_are_in_the_review(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = ["id,city,latitude,longitude,potential"]
    lines += [
        f"K{i},Bern,{46.9 + rng.normal(0, 0.1):.5f},{7.4 + rng.normal(0, 0.1):.5f},{9 + i % 5}"
        for i in range(30)
    ]
    lines.append("LOST,Qqqqville,,,5")
    reps = (Rep("a", "A", 1.0), Rep("b", "B", 2.0))
    bundle = _plan(tmp_path, "\n".join(lines), DesignRequest(reps=reps, resolution=7))
    targets = [t["target"] for t in bundle.document["territories"]]
    assert targets[1] == pytest.approx(2 * targets[0])
    assert Counter(bundle.review["account_id"])["LOST"] >= 1
    assert (
        bundle.document["summary"] | {"accounts": 31, "assigned": 30, "review": 1}
        == (bundle.document["summary"])
    )


def test_a_count_and_a_roster_exclude_each_other(tmp_path: Path) -> None:
    text = "id,latitude,longitude\na,48,11\nb,48.1,11\n"
    for request in (
        DesignRequest(),
        DesignRequest(territories=0),
        DesignRequest(territories=2, reps=(Rep("a", "A", 1.0),)),
    ):
        with pytest.raises(OptionError) as caught:
            _plan(tmp_path, text, request)
        assert "--reps" in caught.value.hint
