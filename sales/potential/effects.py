"""What each fact does in a learned model: which way, how far, and how much is lost without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.arrays import Float, Int
from sales.potential.features import Feature
from sales.potential.regressions import Linear

Direction = Literal["up", "down", "by value"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One column in one term.

    `direction`: whether more of it means more; `by value` for a text. `low`, `high`: what it
    multiplies by at its 10th and 90th percentile, or for its worst and best text (`low_at`,
    `high_at`). `importance`: how much the out-of-fold loss rises when the column is shuffled, as a
    fraction of the loss.
    """

    term: str
    column: str
    direction: Direction
    low: float
    high: float
    low_at: str
    high_at: str
    importance: float


def effects(
    term: str, features: Sequence[Feature], linear: Linear, x: Float, importance: Float
) -> tuple[Effect, ...]:
    """The effect of each feature; `importance` (features) as of `permutation_importance`."""
    made, at = [], 0
    for number, feature in enumerate(features):
        own = linear.coefficients[at : at + feature.width()]
        values = x[:, at]
        at += feature.width()
        weight = float(importance[number])
        if feature.is_number:
            low, high = np.quantile(values, (0.1, 0.9))
            direction: Direction = "up" if own[0] >= 0.0 else "down"
            ends = float(np.exp(own[0] * low)), float(np.exp(own[0] * high))
            shown = [f"{feature.at * np.exp(v):,.0f}" for v in (low, high)]
            made.append(Effect(term, feature.column, direction, *ends, shown[0], shown[1], weight))
        else:
            worst, best = int(np.argmin(own)), int(np.argmax(own))
            made.append(
                Effect(
                    term, feature.column, "by value", float(np.exp(own[worst])),
                    float(np.exp(own[best])), feature.levels[worst], feature.levels[best], weight,
                )
            )  # fmt: skip
    return tuple(sorted(made, key=lambda effect: -effect.importance))


def shuffled(features: Sequence[Feature], x: Float, rows: Int, seed: int) -> "list[Float]":
    """For each feature the rows of the matrix with that feature's columns shuffled together."""
    rng = np.random.default_rng(seed)
    made, at = [], 0
    for feature in features:
        mixed = x[rows].copy()
        own = slice(at, at + feature.width())
        mixed[:, own] = mixed[rng.permutation(len(rows)), own]
        made.append(mixed)
        at += feature.width()
    return made
