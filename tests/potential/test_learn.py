from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError, MissingColumnError
from sales.potential.conversion import conversion_rates
from sales.potential.facts import Facts
from sales.potential.history import History, bought, read_history
from sales.potential.learn import Learned, learn
from sales.potential.quality import conformal, deal_quality
from sales.potential.score import score
from sales.potential.spread import account_spread, shared_spread
from sales.potential.text import model_text
from sales.potential.written import read_model
from tests.potential.made import company


@pytest.fixture(scope="module")
def learned() -> tuple[Facts, History, np.ndarray, Learned]:
    facts, history, truth = company()
    return facts, history, truth, learn(facts, history)


def test_planted_effects_are_found(
    learned: tuple[Facts, History, np.ndarray, Learned],
) -> None:
    facts, _, truth, found = learned
    deal, likely = found.model.terms
    power = {f.column: f.power for f in deal.factors if f.power is not None}
    assert power["employees"] == pytest.approx(0.85, abs=0.1)  # who buys twice buys more
    industry = next(f for f in likely.factors if f.column == "industry").values
    assert industry["technology"] / industry["retail"] == pytest.approx(5.0, rel=0.4)
    potential = score(facts, found.model).potential
    assert np.corrcoef(potential, truth)[0, 1] > 0.85
    assert potential.sum() == pytest.approx(truth.sum(), rel=0.05)
    assert found.account.low <= 0.3 <= found.account.high  # the accounts' own spread
    up = {(e.term, e.column): e.direction for e in found.effects}
    assert up[("deal", "employees")] == "up"


def test_quality_is_measured_and_honest(
    learned: tuple[Facts, History, np.ndarray, Learned],
) -> None:
    found = learned[3]
    assert found.propensity.auc > 0.65
    assert found.propensity.brier < found.propensity.brier_base
    assert found.propensity.calibration_error < 0.05
    assert found.deal.coverage == pytest.approx(0.8, abs=0.05)
    assert found.coverage >= 0.75
    assert found.total_ratio == pytest.approx(1.0, abs=0.05)


def test_the_file_scores_as_the_model_does(
    learned: tuple[Facts, History, np.ndarray, Learned],
    tmp_path: Path,
) -> None:
    facts, _, _, found = learned
    path = tmp_path / "learned.toml"
    path.write_text(model_text(found.model, found.remarks()))
    assert read_model(path) == found.model
    assert (score(facts, read_model(path)).potential == score(facts, found.model).potential).all()


def test_rates_by_segment_instead_of_a_regression() -> None:
    facts, history, _ = company(700)
    found = learn(facts, history, conversion="industry")
    (factor,) = found.model.terms[1].factors
    assert factor.values["technology"] > factor.values["retail"]
    assert learn(facts, history, conversion="industry").model == found.model


def test_too_little_is_refused_with_the_reason() -> None:
    facts, history, _ = company(120)
    with pytest.raises(InputError, match="are too few to learn from"):
        learn(facts, history)
    few = company(600)
    customers = np.unique(few[1].account)
    only = Facts(_only(few[0], customers))
    with pytest.raises(InputError, match="customers alone"):
        learn(only, few[1])
    strange = History(
        np.array([f"X{a}" for a in few[1].account], dtype=object), few[1].day, few[1].amount, "d"
    )
    with pytest.raises(InputError, match="100% of the money"):
        learn(few[0], strange)


def _only(facts: Facts, ids: np.ndarray):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    keep = facts.table.frame["account_id"].isin(ids)
    return replace(
        facts.table,
        frame=facts.table.frame[keep].reset_index(drop=True),
        attributes=facts.table.attributes[keep].reset_index(drop=True),
    )


def test_half_a_year_is_no_year() -> None:
    facts, history, _ = company(300)
    half = history.day < np.datetime64("2024-07-01")
    short = History(history.account[half], history.day[half], history.amount[half], "deals.csv")
    with pytest.raises(InputError, match="a yearly potential needs a year"):
        bought(facts.table, short)


def test_two_years_are_two_rows_of_each_account() -> None:
    facts, history, _ = company(50)
    day = np.concatenate([history.day, history.day - np.timedelta64(365, "D")])
    twice = History(np.tile(history.account, 2), day, np.tile(history.amount, 2), "deals.csv")
    past = bought(facts.table, twice)
    assert past.years.shape == (50, 2)
    assert past.years.sum() == pytest.approx(twice.amount.sum(), rel=0.02)
    assert past.halves.sum() == pytest.approx(past.years.sum())


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("2024-01-05", "someday"), "row 3"),
        (("01/02/2024", "03/04/2024"), "day first or month first"),
    ],
)
def test_dates_that_cannot_be_told(tmp_path: Path, dates: tuple[str, str], words: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("account_id,close_date,amount\n" + "".join(f"A,{d},5\n" for d in dates))
    with pytest.raises(InputError, match=words):
        read_history(path)


def test_a_history_without_dates_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("account_id,amount\nA,5\n")
    with pytest.raises(MissingColumnError, match="no column close_date"):
        read_history(path)


def test_small_segments_are_drawn_to_the_mean() -> None:
    segment = np.array(["big"] * 400 + ["small"] * 4 + ["other"] * 200, dtype=object)
    buys = np.r_[np.arange(400) < 200, np.ones(4, bool), np.arange(200) < 20]
    rates = {r.segment: r for r in conversion_rates(segment, buys)}
    assert rates["big"].rate == pytest.approx(0.5, abs=0.01)
    assert 0.4 < rates["small"].rate < 0.95  # 4 of 4 are not a certainty
    assert rates["small"].low < rates["small"].rate < rates["small"].high


def test_planted_spreads_are_recovered() -> None:
    rng = np.random.default_rng(1)
    predicted = np.full(6000, 100.0)
    own = rng.gamma(1 / 0.25, 0.25, 6000)  # sd 0.5
    halves = rng.poisson(np.stack([own, own], axis=1) * 50.0).astype(float)
    assert account_spread(halves, predicted, 0).sd == pytest.approx(0.5, abs=0.03)
    alone = rng.poisson(np.full((6000, 2), 50.0)).astype(float)
    assert account_spread(alone, predicted, 0).sd < 0.1
    group = np.arange(6000) % 60
    error = np.exp(rng.normal(0, 0.2, 60))
    assert shared_spread(rng.poisson(100 * error[group]).astype(float), predicted, group) == (
        pytest.approx(0.2, abs=0.05)
    )
    assert shared_spread(rng.poisson(predicted).astype(float), predicted, group) < 0.02


def test_intervals_cover_what_they_claim() -> None:
    rng = np.random.default_rng(2)
    predicted = np.full(3000, 10.0)
    amount = predicted * np.exp(rng.standard_t(3, 3000))
    quality = deal_quality(predicted, amount, np.arange(3000) % 5, 0.9)
    assert quality.coverage == pytest.approx(0.9, abs=0.02)
    assert conformal(np.arange(9.0), 0.8) == (0.0, 8.0)
