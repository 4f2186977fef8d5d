"""How evenly the territories share a measure."""

import numpy as np

from geo.arrays import Float, Int32


def loads(activity: Float, labels: Int32, territories: int) -> Float:
    """Total of each measure in each territory, shape (p, q), from `activity` (n, q)."""
    return np.stack(
        [np.bincount(labels, column, territories) for column in activity.T], axis=1
    ).astype(np.float64)


def deviations(load: Float, targets: Float) -> Float:
    """Signed fractions `(load - target) / target`, shape (p, q); 0 where the target is 0."""
    positive = targets > 0
    return np.where(positive, (load - targets) / np.where(positive, targets, 1.0), 0.0)


def heaviest_share(activity: Float, targets: Float) -> tuple[int, float]:
    """The unit that weighs most, and its weight over the largest target; one measure, (n), (p)."""
    unit = int(np.argmax(activity))
    return unit, float(activity[unit] / targets.max())


def least_max_deviation(activity: Float, targets: Float) -> float:
    """The smallest largest deviation that any plan can have, because of the heaviest unit alone.

    The territory that owns a unit of weight w has at least w. If w exceeds the target t of every
    territory by a fraction, no plan deviates less than w/t - 1, and what is left for the others
    falls short on average. One measure: `activity` (n), `targets` (p), both in the same unit.
    """
    heaviest = float(activity.max())
    largest = float(targets.max())
    over = heaviest / largest - 1.0
    if over <= 0 or len(targets) == 1:
        return max(over, 0.0) if len(targets) > 1 else 0.0
    others = float(targets.sum() - largest)
    short = 1.0 - float(activity.sum() - heaviest) / others
    return max(over, short, 0.0)
