"""Who continues whom, and what rules mean before a market is there."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import EmptyInputError, InputError, MissingColumnError, OptionError
from sales.roster import Rep
from sales.rules.alignment import Alignment, Held, read_alignment
from sales.rules.identity import continued
from sales.rules.limits import Limit, least_territories, limit_arrays, parse_limit
from sales.rules.tables import read_rules

# --- the alignment as read


def written(directory: Path, text: str) -> Path:
    path = directory / "t.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_salesforce_ids_of_15_and_18_characters_meet(tmp_path: Path) -> None:
    long = "0015e00000ANAcOAAX"
    table = written(tmp_path, f"Account ID,Account Owner\n{long},Ann\n")
    assert read_alignment(table).accounts == {long[:15]: 0}


def test_territories_or_reps_tell_rows_apart(tmp_path: Path) -> None:
    text = "id,territory,owner\n1,North,Ann\n2,North,Ann\n3,South,Bo\n4,South,\n5,,Cy\n6,,\n"
    by_territory = read_alignment(written(tmp_path, text))
    assert [h.territory_id for h in by_territory.territories] == ["", "North", "South"]
    assert by_territory.accounts == {"1": 1, "2": 1, "3": 2, "4": 2, "5": 0}
    by_rep = read_alignment(written(tmp_path, text), by_rep=True)
    assert [h.rep.rep_id for h in by_rep.territories if h.rep] == ["Ann", "Bo", "Cy"]
    assert [h.territory_id for h in by_rep.territories] == ["North", "South", "", "South"]


@given(st.permutations(["1,A", "2,A", "3,B", "4,C"]))
def test_the_order_of_rows_changes_nothing(rows: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        found = read_alignment(written(Path(directory), "id,territory\n" + "\n".join(rows)))
    assert [h.territory_id for h in found.territories] == ["A", "B", "C"]
    assert dict(found.accounts) == {"1": 0, "2": 0, "3": 1, "4": 2}


def test_tables_that_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingColumnError, match="territory or the rep"):
        read_alignment(written(tmp_path, "id,name\n1,x\n"))
    with pytest.raises(MissingColumnError, match="ids of the accounts"):
        read_alignment(written(tmp_path, "territory,visits\nA,1\n"))
    with pytest.raises(EmptyInputError, match="gives no account"):
        read_alignment(written(tmp_path, "id,territory\n1,\n2,\n"))
    with pytest.raises(InputError, match="none of the columns"):
        read_rules(written(tmp_path, "colour,size\nred,1\n"), ("group",))


# --- who continues whom


def alignment(*held: tuple[str, str]) -> Alignment:
    """Territories of (id, rep), either may be empty."""
    territories = tuple(Held(t, t, Rep(r, r, 1.0) if r else None) for t, r in held)
    return Alignment(territories, {}, {}, "before")


def test_reps_continue_by_id_then_by_name() -> None:
    before = alignment(("North", "r1"), ("South", "Bo Berg"), ("West", "r7"))
    reps = (Rep("r2", "bo berg", 1.0), Rep("r1", "Ann", 1.0), Rep("r9", "Dee", 1.0))
    found = continued(before, None, reps, np.ones(3))
    assert found.ids == ("South", "North", "T01")
    assert found.former.tolist() == [1, 0, -1]
    assert found.ended == (2,)
    assert [issue.code for issue in found.issues] == ["territory_ended", "territory_new"]
    assert found.living(3).tolist() == [1, 0, -1]


def test_fewer_territories_end_the_smallest_and_more_are_new() -> None:
    before = alignment(("T01", ""), ("T02", ""), ("T03", ""))
    less = continued(before, 2, (), np.array([5.0, 1.0, 3.0]))
    assert (less.ids, less.ended) == (("T01", "T03"), (1,))
    more = continued(before, 5, (), np.ones(3))
    assert more.ids == ("T01", "T02", "T03", "T04", "T05")
    assert more.reps == ()


def test_a_rep_stays_with_the_territory_and_a_new_one_is_vacant() -> None:
    found = continued(alignment(("A", "r1"), ("B", "")), 3, (), np.ones(2))
    assert [rep.rep_id for rep in found.reps] == ["r1", "", ""]


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "T01", "T02", "T03", "X"]), st.sampled_from("abcd")),
        min_size=1, max_size=4, unique_by=lambda held: held[1],
    ),
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True),
)  # fmt: skip
def test_ids_are_unique_and_nobody_continues_twice(
    held: list[tuple[str, str]], reps: list[str]
) -> None:
    before = alignment(*held)
    found = continued(
        before, None, tuple(Rep(name, name, 1.0) for name in reps), np.ones(len(held))
    )
    assert len(set(found.ids)) == len(found.ids) == len(reps)
    assert all(found.ids)
    former = [k for k in found.former.tolist() if k >= 0]
    assert len(set(former)) == len(former)
    assert set(former) | set(found.ended) == set(range(len(held)))
    by_rep = {name for _, name in held} & set(reps)
    assert len(former) == len(by_rep)


# --- limits


def test_limits_as_they_are_typed() -> None:
    assert parse_limit("accounts:50:200") == Limit("accounts", 50.0, 200.0)
    assert parse_limit("ratio 1:2::9").measure == "ratio 1:2"
    assert math.isnan(parse_limit("potential::9").low)
    assert math.isnan(parse_limit("potential:9:").high)


@pytest.mark.parametrize(
    "text", ["a", "a:1", "a::", ":1:2", "a:2:1", "a:-1:2", "a:1:x", "a:nan:nan", "a::inf", "a::0"]
)
def test_limits_mistyped(text: str) -> None:
    with pytest.raises(OptionError, match="--limit") as caught:
        parse_limit(text)
    assert caught.value.hint


def test_several_limits_of_one_measure_are_all_kept() -> None:
    limits = (Limit("a", 1.0), Limit("a", 2.0, 9.0), Limit("b", high=7.0))
    low, high = limit_arrays(limits, ("a", "b"), np.array([[4.0, 3.0], [5.0, 4.0]]), 2)
    assert low is not None
    assert high is not None
    assert low[:, 0].tolist() == [2.0, 2.0]
    assert high.tolist() == [[9.0, 7.0], [9.0, 7.0]]
    assert np.isnan(low[:, 1]).all()
    assert limit_arrays((), ("a",), np.ones((2, 1)), 2) == (None, None)


@given(st.floats(0.01, 1e9), st.floats(0.01, 1e9))
def test_one_territory_less_could_not_hold_it(total: float, capacity: float) -> None:
    if total / capacity > 1e6:
        return
    p = least_territories(total, capacity)
    assert p >= 1
    assert p * capacity >= total * (1 - 1e-8)
    assert p == 1 or (p - 1) * capacity < total


@given(st.integers(1, 1000), st.sampled_from([0.1, 0.3, 1.0, 7.0, 1e5 / 3]))
def test_a_whole_number_of_capacities_needs_no_more(p: int, capacity: float) -> None:
    assert least_territories(sum([capacity] * p), capacity) == p
