"""How often accounts of a segment buy: the rate of each segment, drawn towards that of all."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float
from geo.errors import InputError

Texts = np.ndarray[tuple[int], np.dtype[np.object_]]
Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
_LEAST = 30  # accounts that must have bought, and that must not


@dataclass(frozen=True, slots=True)
class Rate:
    """Of `accounts` (account-years) `bought`; `rate` drawn towards the mean; 80 % interval."""

    segment: str
    accounts: int
    bought: int
    rate: float
    low: float
    high: float


def conversion_rates(segment: Texts, buys: Bools) -> tuple[Rate, ...]:
    """Beta-binomial rates by segment, empirical Bayes.

    Segment rates are taken as drawn from a Beta(m s, m (1 − s)); s is the rate of all and m comes
    from the rates' own scatter (Kleinman 1973). A small segment is drawn far towards s, a large one
    hardly. Raises InputError where fewer than 30 accounts bought, or did not.
    """
    from scipy.stats import beta

    yes, no = int(buys.sum()), int((~buys).sum())
    if min(yes, no) < _LEAST:
        raise InputError(
            f"{yes} accounts bought and {no} did not; rates need {_LEAST} of both",
            hint="Give a longer history, or write the rates yourself under [conversion].",
        )
    names, at = np.unique(segment.astype(str), return_inverse=True)
    trials = np.asarray(np.bincount(at), dtype=np.float64)
    won = np.asarray(np.bincount(at, weights=buys), dtype=np.float64)
    share = yes / (yes + no)
    prior = _prior_weight(trials, won, share)
    made = []
    for name, n, k in zip(names, trials, won, strict=True):
        a, b = prior * share + k, prior * (1.0 - share) + n - k
        low, high = float(beta.ppf(0.1, a, b)), float(beta.ppf(0.9, a, b))
        made.append(Rate(str(name), int(n), int(k), float(a / (a + b)), low, high))
    return tuple(made)


def _prior_weight(trials: Float, won: Float, share: float) -> float:
    """How many accounts the mean of all counts as; at most as many as there are."""
    total = trials.sum()
    scatter = (trials * (won / trials - share) ** 2).sum()
    spare = scatter - share * (1.0 - share) * (len(trials) - 1)
    scale = total - (trials**2).sum() / total
    if spare <= 0.0 or scale <= 0.0:
        return float(total)
    variance = spare / scale
    return float(np.clip(share * (1.0 - share) / variance - 1.0, 1.0, total))
