"""Chains of flips: one unit goes, and others make up for it.

In a dense core no single flip is good: each unit is a large part of a target. But two that go
opposite ways, or three around a corner, can differ by next to nothing. A chain begins with a random
flip of a territory that is out of balance; then, a few times, the best flip out of the one that
gained or into the one that lost follows. It is kept up to where E was least, if that is lower.
(Ejection chains: Glover 1996; Lin, Kernighan 1973.)
"""

import numpy as np

from geo.design.borderlists import border_lists, change_of, flip_listed
from geo.design.local import may_leave
from geo.design.random import random_unit
from geo.design.score import imbalance
from geo.jit import inner, kernel

_LONGEST = 4


@inner
def _random_flip(a, region, head, after, state):
    """A random flip (unit, to) out of territory a, or into it, as its load wants; -1 if none."""
    out = region.load[a, 0] > region.targets[a, 0]
    if random_unit(state) < 0.2:
        out = not out
    seen = 0
    unit, to = np.int64(-1), np.int64(-1)
    i = head[a]
    while i >= 0:
        for e in range(region.indptr[i], region.indptr[i + 1]):
            s = region.indices[e]
            other = region.labels[s]
            if other < 0 or other == a or (not out and region.fixed[s]):
                continue
            seen += 1
            if random_unit(state) * seen < 1.0:
                unit, to = (np.int64(i), np.int64(other)) if out else (np.int64(s), np.int64(a))
        i = after[i]
    return unit, to


@inner
def _best_follower(a, b, moved, length, region, weights, head, after):
    """The best flip (change, unit, to) out of b or into a of a unit that has not moved yet."""
    best, unit, to = np.inf, np.int64(-1), np.int64(-1)
    for side in range(2):
        k = b if side == 0 else a
        i = head[k]
        while i >= 0:
            for e in range(region.indptr[i], region.indptr[i + 1]):
                s = region.indices[e]
                other = region.labels[s]
                if other < 0 or other == k:
                    continue
                mover, goal = (i, other) if side == 0 else (s, np.int32(k))
                if region.fixed[mover]:
                    continue
                known = False
                for t in range(length):
                    known |= moved[t] == mover
                if known:
                    continue
                change = change_of(mover, goal, region, weights)
                if change < best and may_leave(
                    mover, region.labels, region.indptr, region.indices, region.masks
                ):
                    best, unit, to = change, np.int64(mover), np.int64(goal)
            i = after[i]
    return best, unit, to


@kernel
def chain(region, weights, trials, most, state):
    """Try `trials` chains in place, from territories out of balance of at most `most` units.

    Returns how many were kept.
    """
    head, after, before = border_lists(region)
    moved, origin = np.empty(_LONGEST, np.int64), np.empty(_LONGEST, np.int64)
    return _try_chains(region, weights, trials, most, state, head, after, before, moved, origin)


@inner
def _try_chains(region, weights, trials, most, state, head, after, before, moved, origin):
    """`moved` and `origin` (4) are scratch: the units of a chain and where each came from."""
    r = len(region.size)
    kept = 0
    for _ in range(trials):
        a = np.int64(random_unit(state) * r)
        if imbalance(region.load[a], a, region, weights) == 0.0 or region.size[a] > most:
            continue
        unit, to = _random_flip(a, region, head, after, state)
        if unit < 0:
            continue
        total, best, best_length, length = change_of(unit, to, region, weights), 0.0, 0, 0
        if total == np.inf or not may_leave(
            unit, region.labels, region.indptr, region.indices, region.masks
        ):
            continue
        while True:
            a, b = np.int64(region.labels[unit]), to
            moved[length], origin[length] = unit, a
            flip_listed(unit, to, region, head, after, before)
            length += 1
            if total < best - 1e-9:
                best, best_length = total, length
            if length == _LONGEST:
                break
            change, unit, to = _best_follower(a, b, moved, length, region, weights, head, after)
            if unit < 0:
                break
            total += change
        kept += int(best_length > 0)
        while length > best_length:
            length -= 1
            flip_listed(moved[length], origin[length], region, head, after, before)
    return kept
