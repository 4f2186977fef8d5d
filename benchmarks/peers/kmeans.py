"""k-means, which planners' scripts begin with: it knows no graph."""

import numpy as np
from k_means_constrained import KMeansConstrained
from sklearn.cluster import KMeans

from geo.arrays import Int32
from geo.design.problem import DesignProblem

_COPIES = 2.0


def weighted(problem: DesignProblem, seed: int) -> Int32:
    """scikit-learn's k-means, units weighted by potential."""
    model = KMeans(problem.territories, n_init=1, random_state=seed)
    labels = model.fit_predict(problem.xyz(), sample_weight=problem.activity[:, 0])
    return np.asarray(labels, dtype=np.int32)


def constrained(problem: DesignProblem, seed: int) -> Int32:
    """k-means-constrained with clusters of equal size.

    It counts points and knows no weights: so each unit is there once for every half of the mean
    potential, at least once, and goes where most of its copies go.
    """
    weight, p = problem.activity[:, 0], problem.territories
    copies = np.maximum(1, np.round(_COPIES * weight / weight.mean())).astype(np.int64)
    unit = np.repeat(np.arange(len(problem)), copies)
    low, high = len(unit) // p, -(-len(unit) // p)
    model = KMeansConstrained(p, size_min=low, size_max=high, n_init=1, random_state=seed)
    votes = np.zeros((len(problem), p), dtype=np.int64)
    np.add.at(votes, (unit, model.fit_predict(problem.xyz()[unit])), 1)
    return np.asarray(votes.argmax(axis=1), dtype=np.int32)
