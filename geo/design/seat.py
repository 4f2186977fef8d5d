"""The ground around the home of a rep who is new: what leaves it costs what leaving a rep costs.

A territory that the plan in force does not know has nothing to be loyal to, and would drift to
where room is made most cheaply. So the units nearest to its home are anchored to it, up to half a
target.
"""

import numpy as np

from geo.arrays import Int32
from geo.design.hold import held_units
from geo.design.problem import DesignProblem
from geo.sphere import to_xyz

_SEAT = 0.5  # of a target


def anchors(problem: DesignProblem) -> Int32:
    """The territory that a unit pays for leaving, (n): the incumbent's, or that of the seat."""
    assert problem.incumbent is not None
    before, p = problem.incumbent.labels, problem.territories
    if problem.homes is None:
        return before
    anchor, taken = before.copy(), held_units(problem) >= 0
    if problem.closed is not None:
        taken |= (before >= 0) & problem.closed[np.maximum(before, 0)]
    had = np.bincount(before[before >= 0], minlength=p) > 0
    xyz, weight = problem.xyz(), problem.activity[:, 0]
    for k in np.flatnonzero(~had & np.isfinite(problem.homes).all(axis=1)).tolist():
        home = to_xyz(problem.homes[k, :1], problem.homes[k, 1:])[0]
        free = np.flatnonzero(~taken)
        near = free[np.argsort(((xyz[free] - home) ** 2).sum(axis=1), kind="stable")]
        seat = near[: int(np.searchsorted(np.cumsum(weight[near]), _SEAT * problem.targets[k, 0]))]
        anchor[seat] = k
        taken[seat] = True
    return anchor
