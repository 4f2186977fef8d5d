"""Account-years to learn from, and predictions for each by a fit without its account."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int
from geo.errors import InputError
from sales.potential import features as of
from sales.potential.conversion import Bools, Rate, conversion_rates
from sales.potential.effects import shuffled
from sales.potential.facts import Facts
from sales.potential.features import Feature
from sales.potential.history import Bought
from sales.potential.regressions import chance, fit_deal, fit_propensity, folds_of

_PER_COLUMN = 10  # buyers (and non-buyers) for each column of the regression (Peduzzi 1996)
LEAST = 100  # of both, in any case

Segments = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True, eq=False)
class Training:
    """One row per account and year, year by year.

    `x` (m, q) design matrix, `buys` (m), `amount` (m), `fold` (m); `segment` (m) where rates are
    to be learned instead of a regression, else None.
    """

    features: tuple[Feature, ...]
    x: Float
    buys: Bools
    amount: Float
    fold: Int
    years: int
    segment: Segments | None

    def by_account(self, values: Float) -> Float:
        """The mean over the years of a number per row: one for each account."""
        return np.asarray(values.reshape(self.years, -1).mean(axis=0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Chance and deal size of every row, predicted by fits without its account; and the rise of
    the loss when a feature is shuffled, as a fraction of it (features)."""

    chance: Float
    deal: Float
    chance_importance: Float
    deal_importance: Float


def training(
    facts: Facts, past: Bought, wanted: Sequence[str], conversion: str | None, seed: int
) -> Training:
    """Raises InputError where there is too little to learn from."""
    chosen = of.choose(facts, past.rows, wanted)
    years = past.years.shape[1]
    buys = (past.years > 0.0).T.ravel()
    _require_enough(buys, sum(feature.width() for feature in chosen), conversion is not None)
    account = np.tile(np.arange(len(past.rows)), years)
    segment = None
    if conversion is not None:
        segment = np.tile(facts.text(conversion)[past.rows], years)
    return Training(
        chosen, np.tile(of.matrix(facts, past.rows, chosen), (years, 1)), buys,
        past.years.T.ravel(), folds_of(account, buys, seed), years, segment,
    )  # fmt: skip


def _require_enough(buys: Bools, columns: int, rates_only: bool) -> None:
    yes, no = int(buys.sum()), int((~buys).sum())
    need = max(LEAST, _PER_COLUMN * columns)
    if yes < need:
        raise InputError(
            f"{yes} purchases (accounts that bought, by year) are too few to learn from: "
            f"{columns} columns need {need}",
            hint="Give a longer history, name fewer facts with --feature, or write the model "
            "yourself: docs/guide/potential.md has one to begin with.",
        )
    if no < need and not rates_only:
        raise InputError(
            f"{no} accounts did not buy, and {need} are needed: who buys cannot be learned from "
            "customers alone",
            hint="Give the whole account file, prospects too; or --conversion COLUMN for rates.",
        )


def rates_of(segment: Segments, buys: Bools) -> dict[str, Rate]:
    """The rates by segment."""
    return {rate.segment: rate for rate in conversion_rates(segment, buys)}


def out_of_fold(data: Training, seed: int) -> OutOfFold:
    """Predict each fold from the others."""
    m, q = len(data.buys), len(data.features)
    probable, deal = np.empty(m), np.empty(m)
    losses = np.zeros((2, q + 1))
    for fold in np.unique(data.fold):
        test, rest = np.flatnonzero(data.fold == fold), data.fold != fold
        size = fit_deal(data.x[rest & data.buys], data.amount[rest & data.buys])
        deal[test] = np.exp(size.at(data.x[test]))
        mixed = shuffled(data.features, data.x, test, seed + int(fold))
        bought = data.buys[test]
        if data.segment is not None:
            rates = rates_of(data.segment[rest], data.buys[rest])
            mean = float(data.buys[rest].mean())
            known = [rates[s].rate if s in rates else mean for s in data.segment[test]]
            probable[test] = np.array(known, dtype=np.float64)
        else:
            who = fit_propensity(data.x[rest], data.buys[rest])
            probable[test] = chance(who.at(data.x[test]))
            losses[0] += [_log_loss(chance(who.at(x)), bought) for x in (data.x[test], *mixed)]
        logs = np.log(data.amount[test][bought])
        losses[1] += [
            float(((size.at(x[bought]) - logs) ** 2).sum()) for x in (data.x[test], *mixed)
        ]
    base = losses[:, :1]
    rise = (losses[:, 1:] - base) / np.where(base > 0.0, base, 1.0)
    return OutOfFold(probable, deal, rise[0], rise[1])


def _log_loss(predicted: Float, bought: Bools) -> float:
    inside = np.clip(predicted, 1e-12, 1.0 - 1e-12)
    return float(-np.log(np.where(bought, inside, 1.0 - inside)).sum())
