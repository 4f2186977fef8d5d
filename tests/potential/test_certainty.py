import numpy as np
import pytest
from scipy.stats import norm

from geo.errors import OptionError
from sales.potential.certainty import Uncertain, certainty

N = 400
HALVES = np.repeat([0, 1], N // 2)
SHARE = np.array([0.5, 0.5])


def accounts(sd: float, shared: float = 0.0, by: int = 0) -> Uncertain:
    groups = np.zeros((N, 1), dtype=np.int64) if by == 0 else HALVES[:, None]
    return Uncertain(np.full(N, 10.0), np.full(N, sd), HALVES, groups, np.array([shared]))


def test_what_is_known_is_certain() -> None:
    found = certainty(accounts(0.0), ["T1", "T2"], SHARE, 0.05, draws=100)
    assert found.all_within == 1.0
    assert [t.probability for t in found.territories] == [1.0, 1.0]
    off = certainty(accounts(0.0), ["T1", "T2"], np.array([0.4, 0.6]), 0.05, draws=100)
    assert off.all_within == 0.0
    assert off.territories[0].deviation == pytest.approx(0.25)


def test_independent_errors_follow_the_normal_law() -> None:
    # The deviation is (X − Y)/(X + Y): sd ≈ (5/10)/√400 = 0.025, for X, Y of 200 accounts each
    found = certainty(accounts(5.0), ["T1", "T2"], SHARE, 0.03, draws=4000, seed=3)
    expected = 2 * norm.cdf(0.03 / 0.025) - 1
    assert found.territories[0].probability == pytest.approx(expected, abs=0.03)
    assert found.all_within == found.territories[0].probability  # one is off as the other is
    assert found.expected == pytest.approx(2 * found.all_within)


def test_an_error_that_all_share_unbalances_nothing() -> None:
    found = certainty(accounts(0.0, shared=0.5), ["T1", "T2"], SHARE, 0.01, draws=200)
    assert found.all_within == 1.0
    assert found.territories[0].sd > 500.0


def test_an_error_shared_within_a_territory_does() -> None:
    found = certainty(accounts(0.0, shared=0.1, by=1), ["T1", "T2"], SHARE, 0.05, draws=4000)
    # (1 + a)/(1 + b): half the difference of two errors of 0.1
    assert found.all_within == pytest.approx(2 * norm.cdf(0.05 / (0.1 / np.sqrt(2))) - 1, abs=0.03)


def test_more_error_is_less_certain_and_the_seed_decides() -> None:
    ids = ["T1", "T2"]
    wide = [certainty(accounts(sd), ids, SHARE, 0.03).all_within for sd in (1.0, 5.0, 15.0)]
    assert wide == sorted(wide, reverse=True)
    assert certainty(accounts(5.0), ids, SHARE, 0.03) == certainty(accounts(5.0), ids, SHARE, 0.03)


def test_unusable_questions() -> None:
    with pytest.raises(OptionError, match="too many"):
        certainty(accounts(1.0), ["T1", "T2"], SHARE, 0.05, draws=2_000_000)
    nothing = Uncertain(
        np.zeros(1), np.zeros(1), np.array([-1]), np.empty((1, 0), int), np.empty(0)
    )
    with pytest.raises(OptionError, match="no account"):
        certainty(nothing, ["T1"], np.ones(1), 0.05)
