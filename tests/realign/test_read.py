"""A file of scenarios is read strictly: whatever is wrong is said with its key and the remedy."""

from pathlib import Path

import pytest

from geo.errors import BailiwickError
from sales.realign.budget import Budget, parse_budget
from sales.realign.read import read_scenarios
from sales.realign.scenario import Band
from tests.realign.team import geocoder


def test_every_key_arrives(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("account_id,potential\nA1,5\n")
    (tmp_path / "deals.csv").write_text("account_id,amount\nA1,7\nA1,8\n")
    (tmp_path / "reps.csv").write_text("rep_id,name,capacity\nx,Xu,0.5\n")
    (tmp_path / "s.toml").write_text(
        """
        [revenue]
        lost = [0.1, 0.2]
        bookings = "deals.csv"
        [[scenario]]
        name = "all"
        leaves = ["a", "b"]
        joins = ["Denver, CO", { id = "n", lat = 1, lng = 2, capacity = 0.5 }]
        headcount = -1
        merge = { reps = "reps.csv" }
        max_disruption = "1_500_000 potential"
        tolerance = 0.1
        effort = "quick"
        potential.scored = "scores.csv"
        potential.Industry = { Retail = 2 }
        potential.employees = [{ from = 10, times = 3 }]
        """
    )
    book = read_scenarios(tmp_path / "s.toml", geocoder())
    (found,) = book.scenarios
    assert (book.basis.of, book.basis.lost) == ({"A1": 15.0}, (0.1, 0.2))
    assert found.leaves == ("a", "b")
    assert [join.place for join in found.joins] == ["Denver, CO", ""]
    assert (found.joins[1].lat, found.joins[1].rep_id, found.headcount) == (1.0, "n", -1)
    assert found.max_disruption == Budget(1_500_000, "potential")
    assert found.merger is not None
    assert found.merger.reps[0].name == "Xu"
    assert found.potential is not None
    assert found.potential.by_band == {"employees": (Band(10, float("inf"), 3),)}
    assert found.potential.by_text == {"Industry": {"Retail": 2}}


@pytest.mark.parametrize(
    ("words", "budget"),
    [
        (0.1, Budget(0.1, "share")), ("12.5 %", Budget(0.125, "share")),
        ("200 accounts", Budget(200, "accounts")), ("$1,000 potential", Budget(1000, "potential")),
    ],
)  # fmt: skip
def test_a_budget_is_a_fraction_accounts_or_potential(words: object, budget: Budget) -> None:
    assert parse_budget(words) == budget


ONE = "[[scenario]]\nname = 'a'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "`x` is unknown"),
        ("", "`scenario` is missing"),
        (ONE + "leave = ['bo']", "`scenario 1.leave` is unknown"),
        (ONE + "headcount = 1.5", "not a whole number"),
        (ONE + "max_disruption = 'much'", "max_disruption`: “much”"),
        (ONE + "max_disruption = 1.5", "no fraction from 0 to 1"),
        (ONE + "respond = 'no'", "respond` is 'no'"),
        (ONE + "potential.Type = 3", "no table of multipliers"),
        (ONE + "potential.Type = { A = -1 }", "Type.A` is -1"),
        (ONE + "merge = { plan = 'none' }", "merge`"),
        (ONE + "joins = [{ lat = 1 }]", "only one of lat and lng"),
        ("[revenue]\nlost = [2, 3]\n" + ONE, "no range of lost sales"),
        ("[revenue]\nbookings = 'none.csv'\n" + ONE, "bookings`"),
        ("[[scenario]", "is not TOML"),
        ("[[scenario]]\nname = " + "[" * 5000, "is not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(BailiwickError) as said:
        read_scenarios(tmp_path / "s.toml", geocoder())
    assert words in said.value.message
    assert "s.toml" in said.value.message
    assert said.value.hint
