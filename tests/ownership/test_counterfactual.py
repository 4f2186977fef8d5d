"""What a gift costs is what measuring the whole plan anew says it costs."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import NotFoundError, OptionError
from geo.geocode import default_geocoder
from geo.measures.compactness import cut_edges, rms_km, weighted_centers
from geo.sphere import distance_km
from sales.design import design
from sales.edits import measures
from sales.edits.board import Board, State, after, open_board
from sales.edits.steps import Move, Step, steps_of
from sales.inputs import read_input
from sales.ownership.book import Sources, book_of
from sales.ownership.delta import Change, Weighed
from sales.ownership.explain import Asking, explain
from sales.ownership.geography import place_of
from sales.ownership.rules import Rules
from sales.ownership.timeline import Courses
from sales.plan import PlanBundle
from sales.request import BalanceGoal, DesignRequest
from sales.roster import Rep
from tests.cli.made_up import some_accounts, write_csv

DAY = date(2026, 2, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[PlanBundle, pd.DataFrame]:
    """A plan of two measures for three reps, and its accounts; the last one has no place."""
    rows = [*some_accounts(70), {"Account ID": "LOST", "Annual Potential": 5, "Visits": 1}]
    source = read_input(write_csv(tmp_path_factory.mktemp("x") / "accounts.csv", rows))
    reps = tuple(Rep(rep, name, 1.0) for rep, name in (("a", "Ann"), ("b", "Bo"), ("c", "Cy")))
    goals = (BalanceGoal("potential", 0.3), BalanceGoal("Visits", 0.5))
    request = DesignRequest(reps=reps, balance=goals, resolution=6, effort="quick")
    bundle = design(source, request, geocoder=default_geocoder())
    return bundle, source.frame  # type: ignore[union-attr]


def opened(made: tuple[PlanBundle, pd.DataFrame], *, moved: bool) -> tuple[Board, State]:
    """The plan laid out; `moved`: two accounts left their cells before."""
    board, state = open_board(*made)
    if moved:
        for account in ("A003", "A010"):
            owner = state.owner(board, account)
            move = Move(board.territories[(owner + 1) % 3], account=account)
            state = after(board, state, steps_of(board, state, [move]))
    return board, state


def measured(board: Board, state: State) -> tuple[float, int]:
    """rms and cut edges of the whole plan, every account counted where it belongs."""
    stray = [board.row_at[name] for name in state.overrides]
    unit = board.unit_of_row[stray]
    weight = board.activity[:, 0].copy()
    np.subtract.at(weight, unit, board.worth[stray, 0])
    lat, lng = np.append(board.lat, board.lat[unit]), np.append(board.lng, board.lng[unit])
    weight = np.append(weight, board.worth[stray, 0])
    labels = np.append(state.labels, list(state.overrides.values())).astype(np.int32)
    centers = weighted_centers(lat, lng, weight, labels, 3)
    return rms_km(lat, lng, weight, labels, centers), cut_edges(board.graph, state.labels)


def check(weighed: Weighed, change: Change, step: Step) -> None:
    board = weighed.board
    done = after(board, weighed.state, [step])
    np.testing.assert_allclose(change.load, done.load)
    assert list(change.pieces) == [int(done.pieces[change.was]), int(done.pieces[change.to])]
    rms, cut = measured(board, done)
    assert change.rms_km == pytest.approx(rms, rel=1e-9)
    assert change.cut_edges == cut
    found = measures.territories(board, done)
    for k in (change.was, change.to):
        for j, name in enumerate(board.measures):
            if name in found[k]["deviations"]:
                assert change.off[k, j] == pytest.approx(found[k]["deviations"][name], abs=1e-8)
    again = Weighed(board, done)
    assert again.rms_km == pytest.approx(change.rms_km, rel=1e-9)
    both = again.rms_of(change.was), again.rms_of(change.to)
    assert change.rms_of == pytest.approx(both, rel=1e-9)


@pytest.mark.parametrize("moved", [False, True])
def test_a_gift_is_what_measuring_everything_anew_says(
    made: tuple[PlanBundle, pd.DataFrame], *, moved: bool
) -> None:
    board, state = opened(made, moved=moved)
    weighed = Weighed(board, state)
    assert weighed.rms_km == pytest.approx(measured(board, state)[0], rel=1e-9)
    if not moved:
        summary = made[0].document["summary"]
        assert weighed.rms_km == pytest.approx(summary["rms_km"], abs=1e-6)
        assert weighed.cut_edges == summary["cut_edges"]
    names = board.territories
    for row in range(0, 70, 3):
        account = str(board.bundle.assignments["account_id"].iloc[row])
        unit = int(board.unit_of_row[row])
        for to in range(3):
            if to != weighed.owner_of(row):
                (step,) = steps_of(board, state, [Move(names[to], account=account)])
                check(weighed, weighed.give_account(row, to), step)
            if to != state.labels[unit]:
                change = weighed.give_unit(unit, to)
                check(weighed, change, Step(names[change.was], names[to], unit=board.ids[unit]))
                kept = {board.row_at[name] for name in state.overrides}
                assert not kept & set(change.accounts.tolist())


def test_the_place_of_an_account_is_told_by_cells_and_by_distance(
    made: tuple[PlanBundle, pd.DataFrame],
) -> None:
    board, state = opened(made, moved=False)
    weighed = Weighed(board, state)
    for row in range(0, 70, 10):
        place = place_of(weighed, row)
        assert place is not None
        assert place.territory == place.ground == board.territories[weighed.owner_of(row)]
        unit = board.unit_at[place.unit]
        for border in place.borders:
            own = np.flatnonzero(state.labels == board.territory_at[border.territory])
            here = np.array([place.lat]), np.array([place.lng])
            far = distance_km(*here, board.lat[own], board.lng[own])
            # The border is nearer than the nearest centre, by about a cell's radius at most.
            assert border.km <= far.min() <= border.km + 4.5
            assert (border.steps == 1) == (border.cells > 0)
            touching = board.graph.indices[board.graph.indptr[unit] : board.graph.indptr[unit + 1]]
            assert border.cells == (state.labels[touching] == state.labels[own[0]]).sum()
    assert place_of(weighed, board.row_at["LOST"]) is None


def answer(made: tuple[PlanBundle, pd.DataFrame], account: str, **asked: Any) -> dict[str, Any]:
    book = book_of(made[0], Sources(made[1]), None)
    if shown := asked.pop("shown", None):
        reps = {t["rep"] for t in made[0].document["territories"] if t["id"] in shown}
        book = replace(book, shown=frozenset(shown), shown_reps=frozenset(reps))
    weighed = Weighed(*opened(made, moved=False))
    return explain(weighed, Courses(book, Rules()), Asking(account, DAY, **asked))


def test_a_rep_who_asks_is_answered_in_words_and_figures(
    made: tuple[PlanBundle, pd.DataFrame],
) -> None:
    board, _ = opened(made, moved=False)
    row = board.bundle.assignments.iloc[0]
    other = next(t for t in made[0].document["territories"] if t["id"] != row["territory_id"])
    said = answer(made, "A000", rep=other["rep_name"].upper())
    assert said["owners"] == [
        {"rep": row["rep"], "rep_name": {"a": "Ann", "b": "Bo", "c": "Cy"}[row["rep"]],
         "territory": row["territory_id"], "share": 1.0},
    ]  # fmt: skip
    assert said["rule"] == "geography"
    assert [t["rule"] for t in said["trace"] if t["decided"]] == ["geography"]
    (party,) = said["counterfactuals"]
    assert party["territory"] == other["id"]
    alone, cell = party["ways"]
    assert (alone["way"], cell["way"]) == ("account", "cell")
    assert alone["shape"]["exclave"]
    assert not alone["shape"]["contiguous"]
    worth = float(made[1]["potential"].iloc[0])
    assert alone["disruption"]["weight"] == worth == said["account"]["weight"]
    giving = alone["balance"]["giving"]["load"]["potential"]
    assert giving["before"] - giving["after"] == pytest.approx(worth)
    words = " ".join(said["sentences"])
    assert f"{other['rep_name']} has no claim to it by any rule" in words
    assert "exclave" in words
    assert answer(made, "A000", rep=row["rep"])["counterfactuals"] == []


def test_an_account_without_a_place_is_answered_too(
    made: tuple[PlanBundle, pd.DataFrame],
) -> None:
    said = answer(made, "LOST")
    assert (said["owners"], said["rule"], said["geography"]) == ([], "orphan", None)
    assert "no place on the map" in " ".join(said["sentences"])


def test_who_may_see_one_territory_learns_nothing_of_the_others(
    made: tuple[PlanBundle, pd.DataFrame],
) -> None:
    rows = made[0].assignments
    own, *others = (str(t["id"]) for t in made[0].document["territories"])
    mine = str(rows["account_id"][rows["territory_id"] == own].iloc[0])
    said = answer(made, mine, shown={own})
    assert said["counterfactuals"] == []
    names = [t["rep_name"] for t in made[0].document["territories"][1:]]
    for secret in (*others, *names):
        assert secret not in str(said)
    for theirs in (str(rows["account_id"][rows["territory_id"] == others[0]].iloc[0]), "LOST"):
        with pytest.raises(NotFoundError):
            answer(made, theirs, shown={own})
    with pytest.raises(OptionError, match="no territory"):
        answer(made, mine, shown={own}, territory=others[0])
