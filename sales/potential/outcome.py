"""What a year may bring: an account buys or not, and if it buys, more or less than expected."""

import numpy as np

from geo.arrays import Float


def outcome_interval(
    chance: Float, deal: Float, spread: float, claimed: float = 0.8
) -> tuple[Float, Float]:
    """Low and high of a year's sales (n): nothing with 1 − `chance`, else log-normal around `deal`.

    `deal` is the mean of those who buy, `spread` the standard deviation of its logarithm.
    """
    from scipy.special import ndtri

    def quantile(level: float) -> Float:
        inside = (level - (1.0 - chance)) / np.maximum(chance, 1e-300)
        buys = inside > 0.0
        z = ndtri(np.clip(np.where(buys, inside, 0.5), 1e-9, 1.0 - 1e-9))
        return np.where(buys, deal * np.exp(spread * z - spread**2 / 2.0), 0.0)

    tail = (1.0 - claimed) / 2.0
    return quantile(tail), quantile(1.0 - tail)


def outcome_sd(chance: Float, deal: Float, spread: float) -> Float:
    """Standard deviation of a year's sales (n)."""
    second = chance * deal**2 * np.exp(spread**2)
    return np.asarray(np.sqrt(np.maximum(second - (chance * deal) ** 2, 0.0)), dtype=np.float64)
