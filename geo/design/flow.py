"""Surplus that no neighbour can take travels on: a flow over the territory graph.

Where a whole coast is half a per cent above its targets, no flip, chain or neighbourhood gains
anything: all around are as full. Kirchhoff's potentials of the surplus say how much should cross
each border for all to be even at least effort; from the highest potential to the lowest, each
territory hands on what it has too much, in the cheapest light units that may leave.
(Diffusion load balancing: Hu, Blake, Emerson 1998.)
"""

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import splu

from geo.design.borderlists import border_lists, change_of, flip_listed
from geo.design.local import may_leave
from geo.design.market import balanced
from geo.design.region import Region, cut_out
from geo.design.search import Search
from geo.jit import inner, kernel

_LIGHT = 0.01  # of a target: units that a surplus can travel in
_LARGEST = 1.5  # a unit may weigh so many times what is still to be handed on
_LEAK = 1e-6


def let_flow(search: Search) -> None:
    """Even out the first measure between distant territories, in place."""
    every = np.flatnonzero(search.market.open).astype(np.int32)
    if len(every) < 2 or not balanced(search.market)[every, 0].all():
        return  # nobody asked for it to be even
    units = np.flatnonzero(search.market.open[search.labels]).astype(np.int32)
    region = cut_out(search.market, search.labels, units, every)
    surplus = region.load[:, 0] - region.targets[:, 0]
    width = _light_borders(region)
    degree = np.asarray(width.sum(axis=1)).ravel() + _LEAK
    potential = splu((diags(degree) - width).tocsc()).solve(surplus - surplus.mean())
    order = np.argsort(-potential, kind="stable").astype(np.int32)
    free = search.weights._replace(strength=0.0 * search.weights.strength)
    _hand_on(region, free, width.indptr, width.indices, width.data, potential, order)
    search.labels[units] = every[region.labels[:-1]]


def _light_borders(region: Region) -> csr_matrix:
    """How many light edges each two territories share, (r, r)."""
    r, m = len(region.territories), len(region.units)
    rows = np.repeat(np.arange(m), np.diff(region.indptr))
    a, b = region.labels[rows], region.labels[region.indices]
    light = np.append(region.activity[:, 0] < _LIGHT, False)
    wanted = (a != b) & (b >= 0) & light[rows] & light[region.indices]
    ones = np.ones(int(wanted.sum()))
    return csr_matrix((ones, (a[wanted], b[wanted])), shape=(r, r))


@inner
def _cheapest(k, to, most, region, weights, head, after):
    """The unit of k that goes to `to` at the least cost per weight, at most `most` heavy; or -1."""
    best, unit = np.inf, np.int64(-1)
    i = head[k]
    while i >= 0:
        w = region.activity[i, 0]
        if 0.0 < w <= most:
            touches = False
            for e in range(region.indptr[i], region.indptr[i + 1]):
                touches |= region.labels[region.indices[e]] == to
            if touches:
                change = change_of(i, to, region, weights) / w
                if change < best and may_leave(
                    i, region.labels, region.indptr, region.indices, region.masks
                ):
                    best, unit = change, np.int64(i)
        i = after[i]
    return unit


@kernel
def _hand_on(region, weights, indptr, indices, width, potential, order):
    """From the highest potential to the lowest, hand surplus on along the borders that fall."""
    head, after, before = border_lists(region)
    _hand_on_each(region, weights, indptr, indices, width, potential, order, head, after, before)


@inner
def _hand_on_each(region, weights, indptr, indices, width, potential, order, head, after, before):
    for k in order:
        surplus = region.load[k, 0] - region.targets[k, 0]
        falls = 0.0
        for e in range(indptr[k], indptr[k + 1]):
            falls += width[e] * max(potential[k] - potential[indices[e]], 0.0)
        if surplus <= 0.0 or falls == 0.0:
            continue
        for e in range(indptr[k], indptr[k + 1]):
            to = indices[e]
            left = surplus * width[e] * max(potential[k] - potential[to], 0.0) / falls
            while left > 0.0:
                unit = _cheapest(k, to, _LARGEST * left, region, weights, head, after)
                if unit < 0:
                    break
                left -= region.activity[unit, 0]
                flip_listed(unit, to, region, head, after, before)
