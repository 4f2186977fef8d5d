"""How wrong a potential may be: what belongs to the account, and what many accounts share.

With y₁, y₂ an account's sales in the two halves of the history and μ what was predicted for a half,
chance is independent between the halves and the account's own error is not. So

    E (y₁ − μ)(y₂ − μ) = τ² μ²          and τ² is estimated by Σ (y₁ − μ)(y₂ − μ)/μ ÷ Σ μ.

Shared errors: the sums of a group's accounts are off by more than its accounts' own scatter can
explain; what is left over is the group's variance (method of moments, as DerSimonian & Laird 1986).
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int

_BOOTSTRAPS = 200


@dataclass(frozen=True, slots=True)
class AccountSpread:
    """τ as a fraction of the potential, and its 90 % bootstrap interval."""

    sd: float
    low: float
    high: float


def account_spread(halves: Float, predicted: Float, seed: int) -> AccountSpread:
    """τ from the two halves (n, 2) and the yearly prediction (n), out of fold."""
    # Each half on its own scale, so that a season is not taken for the accounts' own error.
    mean = halves.sum(axis=0) / predicted.sum()
    mu = predicted[:, None] * mean
    product = (halves[:, 0] - mu[:, 0]) * (halves[:, 1] - mu[:, 1])
    weight = np.sqrt(mu[:, 0] * mu[:, 1])
    above, below = product / weight, weight
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(predicted), (_BOOTSTRAPS, len(predicted)))
    taus = np.sqrt(np.maximum(above[drawn].sum(axis=1) / below[drawn].sum(axis=1), 0.0))
    low, high = np.quantile(taus, (0.05, 0.95))
    tau = float(np.sqrt(max(above.sum() / below.sum(), 0.0)))
    return AccountSpread(tau, float(low), float(high))


def shared_spread(actual: Float, predicted: Float, group: Int, least: int = 20) -> float:
    """The relative sd that the groups (n, −1: none) share, groups of `least` accounts or more.

    Each group's ratio r = Σ actual / Σ predicted has the sampling variance
    Σ (actual − r · predicted)² / (Σ predicted)².
    """
    ratios, variances = [], []
    for each in np.unique(group[group >= 0]):
        mine = group == each
        if mine.sum() < least:
            continue
        total = predicted[mine].sum()
        ratio = actual[mine].sum() / total
        scatter = (actual[mine] - ratio * predicted[mine]) ** 2
        ratios.append(ratio)
        variances.append(scatter.sum() / total**2 * mine.sum() / (mine.sum() - 1))
    if len(ratios) < 3:
        return 0.0
    r, w = np.array(ratios), 1.0 / np.maximum(np.array(variances), 1e-12)
    mean = (w * r).sum() / w.sum()
    q = (w * (r - mean) ** 2).sum()
    scale = w.sum() - (w**2).sum() / w.sum()
    return float(np.sqrt(max((q - (len(r) - 1)) / scale, 0.0)) / mean)
