"""Learning a scoring model from history: who buys, for how much, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Float, Int
from geo.errors import InputError
from sales.potential.conversion import Rate
from sales.potential.effects import Effect, effects
from sales.potential.facts import Facts
from sales.potential.features import factors
from sales.potential.history import Bought, History, bought
from sales.potential.model import Factor, PotentialModel, SharedError, Term
from sales.potential.outcome import outcome_interval
from sales.potential.quality import (
    DealQuality,
    PropensityQuality,
    deal_quality,
    propensity_quality,
)
from sales.potential.regressions import fit_deal, fit_propensity
from sales.potential.spread import AccountSpread, account_spread, shared_spread
from sales.potential.training import OutOfFold, Training, out_of_fold, rates_of, training

_UNKNOWN: Final = 0.2  # share of the history's money that may belong to accounts not in the file
_SHARED: Final = ("industry", "state")  # by which errors may be shared
CLAIMED: Final = 0.8


@dataclass(frozen=True)
class Learned:
    """The `model`, and what was measured about it out of fold.

    `total_ratio`: money bought ÷ money predicted; `rank`: Spearman's correlation of potential and
    money bought; `coverage`: share of accounts whose year lies inside the interval of 80 %.
    `conversion`: rates by segment (of the industry, unless another column was named).
    """

    model: PotentialModel
    accounts: int
    buyers: int
    years: int
    first: str
    last: str
    unknown: float
    propensity: PropensityQuality
    deal: DealQuality
    effects: tuple[Effect, ...]
    conversion: tuple[Rate, ...]
    account: AccountSpread
    total_ratio: float
    rank: float
    coverage: float
    warnings: tuple[str, ...]

    def remarks(self) -> tuple[str, ...]:
        """How good the model is, in sentences."""
        p, d, a = self.propensity, self.deal, self.account
        span = "one year" if self.years == 1 else f"{self.years} years"
        return (
            f"Learned from {self.buyers:,} buyers among {self.accounts:,} accounts, "
            f"{self.first} to {self.last} ({span}).",
            "All figures below are out of fold: of accounts that the fit had not seen.",
            f"Who buys: AUC {p.auc:.3f}; Brier {p.brier:.4f} (the average for all: "
            f"{p.brier_base:.4f}); chances are off by {p.calibration_error:.1%} on average.",
            f"For how much: R² of logs {d.r2:.2f}; mean error {d.mean_error:,.0f} (the average "
            f"for all: {d.mean_error_base:,.0f}); {d.coverage:.1%} of deals lie in intervals of "
            f"{d.claimed:.0%}.",
            f"In all: bought / predicted {self.total_ratio:.3f}; rank correlation {self.rank:.2f}; "
            f"{self.coverage:.1%} of accounts in intervals of at least {CLAIMED:.0%}.",
            f"An account's own potential is off by about {a.sd:.0%} ({a.low:.0%} to {a.high:.0%}).",
            *self.warnings,
        )


def learn(
    facts: Facts,
    history: History,
    *,
    wanted: Sequence[str] = (),
    conversion: str | None = None,
    seed: int = 0,
) -> Learned:
    """Learn deal size and propensity; with `conversion` the chance is the rate by that column.

    Raises InputError where the history is too small to learn from, saying what it lacks.
    """
    past = bought(facts.table, history)
    if past.unknown > _UNKNOWN:
        raise InputError(
            f"{past.unknown:.0%} of the money in {history.source} belongs to accounts that "
            f"{facts.table.source} does not have",
            hint="Give the account file of the same CRM, with the same ids.",
        )
    data = training(facts, past, wanted, conversion, seed)
    tested = out_of_fold(data, seed)
    deal, found = _deal(data, tested)
    rates = _rates(facts, past, data)
    if conversion is None:
        likely, more = _propensity(data, tested)
        found = (*more, *found)
    else:
        likely = _conversion(conversion, rates)
    predicted = tested.chance * tested.deal
    each = data.by_account(predicted)
    residual = np.log(data.amount[data.buys] / tested.deal[data.buys])
    spread = account_spread(past.halves, each, seed)
    model = PotentialModel(
        f"learned from {history.source}",
        (deal, likely),
        account_sd=round(spread.sd, 4),
        outcome_spread=round(float(residual.std()), 4),
        shared=_shared(facts, past, each),
        learned={
            "history": history.source, "from": past.first, "to": past.last, "years": data.years,
            "accounts": len(past.rows), "seed": seed,
        },
    )  # fmt: skip
    return Learned(
        model, len(past.rows), int((past.years > 0.0).any(axis=1).sum()), data.years, past.first,
        past.last, past.unknown, propensity_quality(tested.chance, data.buys),
        deal_quality(tested.deal[data.buys], data.amount[data.buys], data.fold[data.buys], CLAIMED),
        found, tuple(rates), spread, float(data.amount.sum() / predicted.sum()),
        _rank(predicted, data.amount), _coverage(data, tested, residual),
        _warnings(history, past, data),
    )  # fmt: skip


def _deal(data: Training, tested: OutOfFold) -> tuple[Term, tuple[Effect, ...]]:
    fit = fit_deal(data.x[data.buys], data.amount[data.buys])
    term = Term("deal", _short(np.exp(fit.intercept)), factors(data.features, fit.coefficients))
    return term, effects("deal", data.features, fit, data.x, tested.deal_importance)


def _propensity(data: Training, tested: OutOfFold) -> tuple[Term, tuple[Effect, ...]]:
    fit = fit_propensity(data.x, data.buys)
    made = factors(data.features, fit.coefficients)
    term = Term("propensity", _short(np.exp(fit.intercept)), made, odds=True, most=1.0)
    return term, effects("propensity", data.features, fit, data.x, tested.chance_importance)


def _rates(facts: Facts, past: Bought, data: Training) -> list[Rate]:
    if data.segment is not None:
        segment = data.segment
    elif "industry" in facts.names():
        segment = np.tile(facts.text("industry")[past.rows], data.years)
    else:
        return []
    return sorted(rates_of(segment, data.buys).values(), key=lambda rate: -rate.rate)


def _conversion(column: str, rates: Sequence[Rate]) -> Term:
    trials = sum(rate.accounts for rate in rates)
    mean = sum(rate.bought for rate in rates) / trials
    values = {rate.segment: _short(rate.rate) for rate in rates}
    return Term(
        "conversion", 1.0, (Factor(column, values=values, otherwise=_short(mean)),), most=1.0
    )


def _shared(facts: Facts, past: Bought, predicted: Float) -> tuple[SharedError, ...]:
    actual = past.years.mean(axis=1)
    made = []
    for column in _SHARED:
        if column not in facts.names():
            continue
        texts = facts.text(column)[past.rows].astype(str)
        names, group = np.unique(texts, return_inverse=True)
        blank = np.flatnonzero(names == "")
        labels: Int = np.where(np.isin(group, blank), -1, group)
        sd = shared_spread(actual, predicted, labels)
        if sd > 0.0:
            made.append(SharedError(column, round(sd, 4)))
    return tuple(made)


def _coverage(data: Training, tested: OutOfFold, residual: Float) -> float:
    """Of intervals whose spread comes from the other folds."""
    fold_of_residual = data.fold[data.buys]
    inside = np.zeros(len(data.buys), dtype=bool)
    for fold in np.unique(data.fold):
        mine = data.fold == fold
        spread = float(residual[fold_of_residual != fold].std())
        low, high = outcome_interval(tested.chance[mine], tested.deal[mine], spread, CLAIMED)
        inside[mine] = (data.amount[mine] >= low) & (data.amount[mine] <= high)
    return float(inside.mean())


def _rank(predicted: Float, amount: Float) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(predicted, amount).statistic)


def _warnings(history: History, past: Bought, data: Training) -> tuple[str, ...]:
    said = [
        "The potential is what an account brings at the attention that accounts had in the "
        "history; more visits may bring more."
    ]
    if data.years < 2:
        said.append("The history covers one year: growth cannot be told from it and counts 1.")
    else:
        said.append("Growth was not learned and counts 1; add [growth] where you know better.")
    if history.left_out:
        said.append(f"{history.left_out} rows without account or amount above 0 were left out.")
    if past.unknown > 0.0:
        said.append(
            f"{past.unknown:.1%} of the money belongs to accounts that are not in the file."
        )
    return tuple(said)


def _short(value: float) -> float:
    return float(f"{float(value):.6g}")
