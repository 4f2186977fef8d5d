"""How good a learned model is, on accounts that it has not seen."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int

Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Bin:
    """Accounts of similar predicted chance: their mean prediction, and the share that bought."""

    accounts: int
    predicted: float
    bought: float


@dataclass(frozen=True)
class PropensityQuality:
    """Out of fold. `brier_base` is the score of saying the average to everybody."""

    auc: float
    brier: float
    brier_base: float
    log_loss: float
    calibration: tuple[Bin, ...]
    calibration_error: float  # mean gap between predicted and bought, by accounts


@dataclass(frozen=True, slots=True)
class DealQuality:
    """Out of fold. `r2` of the logs, `spread` their standard deviation around the prediction,
    `mean_error` of the absolute amounts, `mean_error_base` where everybody gets the mean.
    `coverage`: share of amounts inside intervals that claim `claimed`."""

    r2: float
    spread: float
    mean_error: float
    mean_error_base: float
    claimed: float
    coverage: float


def propensity_quality(predicted: Float, buys: Bools, bins: int = 10) -> PropensityQuality:
    """AUC, Brier score (1950), log-loss and calibration by tenths of the prediction."""
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    order = np.argsort(predicted, kind="stable")
    table = tuple(
        Bin(len(part), float(predicted[part].mean()), float(buys[part].mean()))
        for part in np.array_split(order, bins)
        if len(part)
    )
    gap = sum(b.accounts * abs(b.predicted - b.bought) for b in table) / len(buys)
    share = float(buys.mean())
    return PropensityQuality(
        float(roc_auc_score(buys, predicted)), float(brier_score_loss(buys, predicted)),
        share * (1.0 - share), float(log_loss(buys, predicted)), table, float(gap),
    )  # fmt: skip


def deal_quality(predicted: Float, amount: Float, fold: Int, claimed: float = 0.8) -> DealQuality:
    """Errors, and the coverage of intervals whose width comes from the other folds.

    The interval is the prediction times the quantiles of actual / predicted (cross-conformal
    prediction, Vovk 2015): nothing is assumed about the shape of the errors.
    """
    residual = np.log(amount / predicted)
    logs = np.log(amount)
    inside = np.zeros(len(amount), dtype=bool)
    for at in np.unique(fold):
        low, high = conformal(residual[fold != at], claimed)
        inside[fold == at] = (residual[fold == at] >= low) & (residual[fold == at] <= high)
    centred = residual - residual.mean()
    return DealQuality(
        1.0 - float((centred**2).sum() / ((logs - logs.mean()) ** 2).sum()),
        float(residual.std()),
        float(np.abs(amount - predicted).mean()),
        float(np.abs(amount - amount.mean()).mean()),
        claimed,
        float(inside.mean()),
    )


def conformal(residual: Float, claimed: float) -> tuple[float, float]:
    """The quantiles with the small-sample correction: ⌈(m + 1)(1 − α/2)⌉ of m residuals."""
    m = len(residual)
    tail = (1.0 - claimed) / 2.0
    ordered = np.sort(residual)
    low = max(int(np.floor((m + 1) * tail)) - 1, 0)
    high = min(int(np.ceil((m + 1) * (1.0 - tail))) - 1, m - 1)
    return float(ordered[low]), float(ordered[high])
