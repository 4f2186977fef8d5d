"""A plan edited by hand stays true in every claim, and each edit can be taken back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from geo.geocode import default_geocoder
from sales.design import design
from sales.edits.board import Board, State, after, open_board
from sales.edits.steps import Move, Step, as_json, from_json, steps_of
from sales.edits.written import edited_bundle
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.planfiles import plan_files, read_bundle
from sales.request import BalanceGoal, DesignRequest
from sales.verify import verify
from tests.test_verify import with_document


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> PlanBundle:
    """120 accounts around Hamburg in four territories, balanced by potential and workload."""
    rng = np.random.default_rng(4)
    lines = ["Id,City,latitude,longitude,potential,workload"]
    for i in range(120):
        place = f"{53.55 + rng.normal(0, 0.1):.6f},{10.0 + rng.normal(0, 0.15):.6f}"
        lines.append(f"A{i},Hamburg,{place},{rng.integers(1, 90)},{rng.integers(1, 9)}")
    lines.append("A120,,,,5,1")
    path = tmp_path_factory.mktemp("city") / "accounts.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    goals = (BalanceGoal("potential", 0.3), BalanceGoal("workload", 0.6))
    request = DesignRequest(territories=4, balance=goals, resolution=6)
    made = design(read_input(path), request, geocoder=default_geocoder())
    return read_bundle(plan_files(made))


@pytest.fixture(scope="module")
def opened(bundle: PlanBundle) -> tuple[Board, State]:
    return open_board(bundle)


def untrue(bundle: PlanBundle) -> list[str]:
    written = read_bundle(plan_files(bundle))
    return [f"{f.claim}: {f.detail}" for f in verify(written) if not f.true]


def border_unit(board: Board, state: State) -> tuple[str, str]:
    """A unit with accounts, and the territory across its border."""
    held = np.bincount(board.unit_of_row[board.unit_of_row >= 0], minlength=len(board.ids))
    for i in np.flatnonzero(held > 1).tolist():
        for j in board.graph.indices[board.graph.indptr[i] : board.graph.indptr[i + 1]].tolist():
            if state.labels[j] != state.labels[i]:
                return board.ids[i], board.territories[state.labels[j]]
    raise AssertionError


def test_nothing_edited_is_the_same_plan(opened: tuple[Board, State]) -> None:
    board, state = opened
    same = edited_bundle(board, state)
    assert untrue(same) == []
    for was, now in zip(
        board.bundle.document["territories"], same.document["territories"], strict=True
    ):
        assert was == now
    assert same.assignments.equals(board.bundle.assignments)
    assert same.outlines["features"] == board.bundle.outlines["features"]


def test_a_unit_takes_its_accounts_and_their_potential_along(opened: tuple[Board, State]) -> None:
    board, state = opened
    unit, to = border_unit(board, state)
    steps = steps_of(board, state, [Move(to, unit=unit)])
    moved = edited_bundle(board, after(board, state, steps))
    assert untrue(moved) == []
    rows = moved.assignments[moved.assignments["cell"] == unit]
    assert set(rows["territory_id"]) == {to}
    assert set(rows["rule"]) == {"cell"}
    was = {t["id"]: t for t in board.bundle.document["territories"]}
    now = {t["id"]: t for t in moved.document["territories"]}
    gained = now[to]["potential"] - was[to]["potential"]
    assert gained == pytest.approx(float(board.activity[board.unit_at[unit], 0]))
    assert now[to]["accounts"] == was[to]["accounts"] + len(rows)


def test_an_account_moved_by_itself_leaves_its_unit_behind(opened: tuple[Board, State]) -> None:
    board, state = opened
    unit, to = border_unit(board, state)
    account = board.bundle.assignments.loc[
        board.bundle.assignments["cell"] == unit, "account_id"
    ].iloc[0]
    steps = steps_of(board, state, [Move(to, account=account)])
    edited = edited_bundle(board, after(board, state, steps))
    assert untrue(edited) == []
    row = edited.assignments.set_index("account_id").loc[account]
    assert (row["territory_id"], row["rule"], row["cell"]) == (to, "override", unit)
    assert edited.units.equals(board.bundle.units)
    # A plan read back goes on from there.
    _, there = open_board(read_bundle(plan_files(edited)))
    assert there.overrides == {account: board.territory_at[to]}
    assert np.allclose(there.load, after(board, state, steps).load)


def test_a_false_override_is_caught(opened: tuple[Board, State]) -> None:
    board, state = opened
    unit, to = border_unit(board, state)
    account = board.bundle.assignments.loc[
        board.bundle.assignments["cell"] == unit, "account_id"
    ].iloc[0]
    edited = edited_bundle(
        board, after(board, state, steps_of(board, state, [Move(to, account=account)]))
    )
    files = plan_files(edited)
    for change in (
        lambda d: d["overrides"].clear(),
        lambda d: d["overrides"][0]["measures"].update(potential=1e6),
        lambda d: d["overrides"][0].update(account_id="A1"),
    ):
        changed = read_bundle(with_document(files, change))
        assert [f for f in verify(changed) if not f.true]


def test_what_is_not_there_is_named(opened: tuple[Board, State]) -> None:
    board, state = opened
    unit, to = border_unit(board, state)
    asked = [Move("T99", unit=unit), Move(to, unit="nowhere"), Move(to, account="A120"), Move(to)]
    with pytest.raises(OptionError) as raised:
        steps_of(board, state, asked)
    for said in ("T99", "nowhere", "A120", "move 4"):
        assert said in raised.value.message


def test_the_last_unit_of_a_territory_stays(opened: tuple[Board, State]) -> None:
    board, state = opened
    first, second = board.territories[:2]
    units = [u for u, k in zip(board.ids, state.labels, strict=True) if k == 0]
    with pytest.raises(OptionError, match=first):
        steps_of(board, state, [Move(second, unit=unit) for unit in units])


def test_a_plan_in_pieces_says_so(opened: tuple[Board, State]) -> None:
    board, state = opened
    far = next(
        (u, t)
        for i, u in enumerate(board.ids)
        for t in range(4)
        if t != state.labels[i]
        and not (
            state.labels[board.graph.indices[board.graph.indptr[i] : board.graph.indptr[i + 1]]]
            == t
        ).any()
    )
    steps = steps_of(board, state, [Move(board.territories[far[1]], unit=far[0])])
    torn = edited_bundle(board, after(board, state, steps))
    assert untrue(torn) == []
    assert "contiguity" in {v["kind"] for v in torn.document["violations"]}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_steps_undone_in_reverse_restore_the_state(
    opened: tuple[Board, State], data: st.DataObject
) -> None:
    board, state = opened
    units, accounts = st.sampled_from(board.ids), st.sampled_from([f"A{i}" for i in range(120)])
    moves = data.draw(
        st.lists(
            st.one_of(
                st.builds(Move, st.sampled_from(board.territories), units),
                st.builds(
                    lambda t, a: Move(t, account=a), st.sampled_from(board.territories), accounts
                ),
            ),
            max_size=8,
        )
    )
    done: list[Step] = []
    now = state
    for move in moves:
        steps = steps_of(board, now, [move])
        assert from_json(as_json(steps)) == steps
        now = after(board, now, steps)
        done += steps
    fresh = open_board(edited_bundle(board, now))[1]
    assert np.allclose(fresh.load, now.load, atol=1e-4)
    assert (fresh.pieces == now.pieces).all()
    back = after(board, now, [step.back() for step in reversed(done)])
    assert (back.labels == state.labels).all()
    assert back.overrides == {}
    assert np.allclose(back.load, state.load)
    assert (back.pieces == state.pieces).all()
