"""With which probability each territory of a plan is within tolerance, potentials being uncertain.

Monte Carlo. In every draw an account's potential is its estimate times a Gamma variable of mean 1
(its own error, which keeps it above 0) times one log-normal variable of mean 1 for each error that
it shares with others. Deviations are then measured as in the plan, against the targets' shares of
the drawn total: an error that all accounts share changes no balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Float, Int
from geo.errors import OptionError

DRAWS: Final = 2_000
_AT_ONCE: Final = 2_000_000  # account × draws held at a time
_MOST: Final = 400_000_000


@dataclass(frozen=True, eq=False)
class Uncertain:
    """Accounts (n) of one plan: `mean` and `sd` of the potential, index of the `territory` (−1:
    none), `groups` (n, g) index of the group in each shared error (−1: none), `shared` (g) its sd.
    """

    mean: Float
    sd: Float
    territory: Int
    groups: Int
    shared: Float


@dataclass(frozen=True, slots=True)
class TerritoryCertainty:
    """`deviation` of the estimates; `low`, `high`: 90 % of the draws deviate between them;
    `probability` of being within tolerance."""

    id: str
    potential: float
    sd: float
    deviation: float
    low: float
    high: float
    probability: float


@dataclass(frozen=True)
class Certainty:
    """`all_within`: probability that every territory is within tolerance at once; `expected`:
    how many are on average; `standard_error`: of the probabilities, at most (Monte Carlo)."""

    tolerance: float
    draws: int
    seed: int
    all_within: float
    expected: float
    standard_error: float
    territories: tuple[TerritoryCertainty, ...]


def certainty(
    accounts: Uncertain,
    ids: Sequence[str],
    share: Float,
    tolerance: float,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Certainty:
    """Simulate. `share` (p): each territory's part of the target. Raises OptionError where the
    draws are too many for the accounts, or nothing is assigned."""
    mine = accounts.territory >= 0
    if not mine.any() or accounts.mean[mine].sum() <= 0.0:
        raise OptionError(
            "no account of the plan has a potential", hint="Give the scores of the plan's accounts."
        )
    if int(mine.sum()) * draws > _MOST:
        most = _MOST // int(mine.sum())
        raise OptionError(
            f"{draws:,} draws of {int(mine.sum()):,} accounts are too many",
            hint=f"Ask for at most {most:,}.",
        )
    order = np.flatnonzero(mine)[np.argsort(accounts.territory[mine], kind="stable")]
    totals = _drawn_totals(accounts, order, len(ids), draws, seed)
    deviation = _deviation(totals, share)
    estimate = np.zeros(len(ids))
    np.add.at(estimate, accounts.territory[mine], accounts.mean[mine])
    within = np.abs(deviation) <= tolerance + 1e-12
    own = _deviation(estimate[None, :], share)[0]
    low, high = np.quantile(deviation, (0.05, 0.95), axis=0)
    rows = tuple(
        TerritoryCertainty(
            territory, float(estimate[at]), float(totals[:, at].std()), float(own[at]),
            float(low[at]), float(high[at]), float(within[:, at].mean()),
        )
        for at, territory in enumerate(ids)
    )  # fmt: skip
    return Certainty(
        tolerance, draws, seed, float(within.all(axis=1).mean()),
        float(within.sum(axis=1).mean()), float(0.5 / np.sqrt(draws)), rows,
    )  # fmt: skip


def _drawn_totals(
    accounts: Uncertain, order: Int, territories: int, draws: int, seed: int
) -> Float:
    """The totals of every territory in every draw (draws, p)."""
    rng = np.random.default_rng(seed)
    mean, sd, territory = accounts.mean[order], accounts.sd[order], accounts.territory[order]
    groups = accounts.groups[order]
    sizes = [int(accounts.groups[:, j].max(initial=-1)) + 1 for j in range(groups.shape[1])]
    sure = (sd <= 0.0) | (mean <= 0.0)
    shape = np.where(sure, 1.0, (mean / np.where(sure, 1.0, sd)) ** 2)
    starts = np.flatnonzero(np.r_[True, territory[1:] != territory[:-1]])
    totals = np.zeros((draws, territories))
    at_once = max(1, _AT_ONCE // len(order))
    for first in range(0, draws, at_once):
        count = min(at_once, draws - first)
        drawn = rng.standard_gamma(shape, (count, len(order))) * (mean / shape)
        drawn[:, sure] = mean[sure]
        for j, size in enumerate(sizes):
            error = _shared(rng, float(accounts.shared[j]), count, size)
            drawn *= error[:, groups[:, j]]
        totals[first : first + count, territory[starts]] = np.add.reduceat(drawn, starts, axis=1)
    return totals


def _shared(rng: np.random.Generator, sd: float, draws: int, groups: int) -> Float:
    """Log-normal factors of mean 1 (draws, groups + 1); the last, for −1, is 1 without an error."""
    sigma = np.sqrt(np.log1p(sd**2))
    factor = np.exp(sigma * rng.standard_normal((draws, groups)) - sigma**2 / 2.0)
    return np.hstack([factor, np.ones((draws, 1))])


def _deviation(totals: Float, share: Float) -> Float:
    target = totals.sum(axis=1, keepdims=True) * share
    return np.asarray((totals - target) / target, dtype=np.float64)
