"""Which found territory is whose: labels renamed so that the least changes hands.

Territories with the same targets, limits and rules are interchangeable to the solver; to people
they are not. A maximum-weight matching (Kuhn 1955) gives each identity the territory that keeps
most of the incumbent's weight, and breaks ties by the distance from the rep's home.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.arrays import Float, Int32
from geo.design.problem import DesignProblem
from geo.measures.compactness import weighted_centers
from geo.sphere import distance_km

_LOCK = 1e6  # a locked unit in its territory outweighs all that the incumbent has
_HOME = 1e-6  # all homes together are outweighed by a millionth of the incumbent


def renamed(problem: DesignProblem, labels: Int32) -> Int32:
    """`labels` (n) with territories of equal targets renamed; never more disruption than before."""
    p = problem.territories
    value = np.zeros((p, p))
    if problem.incumbent is not None:
        had = problem.incumbent.labels >= 0
        pair = labels[had].astype(np.int64) * p + problem.incumbent.labels[had]
        kept = np.bincount(pair, problem.incumbent.weight[had], p * p).reshape(p, p)
        value += kept / max(kept.sum(), 1e-300)
    if problem.locked is not None:
        held = problem.locked >= 0
        pair = labels[held].astype(np.int64) * p + problem.locked[held]
        value += _LOCK * np.bincount(pair, minlength=p * p).reshape(p, p)
    if problem.homes is not None:
        value -= _HOME * _km(problem, labels, problem.homes) / p
    kinds = np.unique(_alike(problem), axis=0, return_inverse=True)[1].ravel()
    name = np.arange(p, dtype=np.int32)
    for kind in np.unique(kinds):
        own = np.flatnonzero(kinds == kind)
        rows, columns = linear_sum_assignment(-value[np.ix_(own, own)])
        name[own[rows]] = own[columns]
    before, after = np.trace(value), value[np.arange(p), name].sum()
    return name[labels] if after > before else labels


def _alike(problem: DesignProblem) -> Float:
    """What tells territories apart to the solver, as rows of numbers, (p, …)."""
    parts = [problem.targets]
    parts += [np.nan_to_num(x, nan=-1.0) for x in (problem.low, problem.high) if x is not None]
    return np.concatenate(parts, axis=1)


def _km(problem: DesignProblem, labels: Int32, homes: Float) -> Float:
    """From each territory to each home as a fraction of the farthest, (p, p); 0 where unknown."""
    centers = weighted_centers(
        problem.lat, problem.lng, problem.activity[:, 0], labels, problem.territories
    )
    km = distance_km(centers[:, None, 0], centers[:, None, 1], homes[None, :, 0], homes[None, :, 1])
    known = np.nan_to_num(km, nan=0.0)
    return known / max(float(known.max()), 1e-300)
