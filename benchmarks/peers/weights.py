"""Potential as the whole numbers that graph partitioners want."""

import numpy as np

from geo.arrays import Int
from geo.design.problem import DesignProblem

_TOTAL = 1e8  # fits into 32 bits, and rounds a market of a million units well enough


def whole_weights(problem: DesignProblem) -> Int:
    """The units' shares of 100,000,000, at least 1 each, shape (n)."""
    weight = problem.activity[:, 0]
    share = np.round(weight / weight.sum() * _TOTAL)
    return np.asarray(np.maximum(1, share), dtype=np.int64)
