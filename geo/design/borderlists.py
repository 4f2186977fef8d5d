"""Each territory's border units as a linked list, kept up to date flip by flip.

`head` (r) is the first unit of each list, -1 none; `after` (m) the next one; `before` (m) the one
before, -1 for the first, -2 for a unit that is in no list.
"""

import numpy as np

from geo.design.score import apply_flip, flip_change
from geo.jit import inner, kernel


@inner
def _is_border(i, region):
    if region.fixed[i]:
        return False
    for e in range(region.indptr[i], region.indptr[i + 1]):
        other = region.labels[region.indices[e]]
        if other >= 0 and other != region.labels[i]:
            return True
    return False


@inner
def _enter(i, k, head, after, before):
    after[i] = head[k]
    before[i] = -1
    if head[k] >= 0:
        before[head[k]] = i
    head[k] = i


@inner
def _quit(i, k, head, after, before):
    if before[i] >= 0:
        after[before[i]] = after[i]
    else:
        head[k] = after[i]
    if after[i] >= 0:
        before[after[i]] = before[i]
    before[i] = -2


@inner
def flip_listed(i, b, region, head, after, before):
    """Move unit i to b; `head` begins a linked list of each territory's border units."""
    a = region.labels[i]
    if before[i] != -2:
        _quit(i, a, head, after, before)
    apply_flip(i, a, b, region)
    if _is_border(i, region):
        _enter(i, b, head, after, before)
    for e in range(region.indptr[i], region.indptr[i + 1]):
        s = region.indices[e]
        if s == len(region.mass):
            continue
        on = _is_border(s, region)
        if on and before[s] == -2:
            _enter(s, region.labels[s], head, after, before)
        elif not on and before[s] != -2:
            _quit(s, region.labels[s], head, after, before)


@kernel
def border_lists(region):
    """(head, after, before) of the region as it is."""
    m = len(region.mass)
    head = np.full(len(region.size), -1, np.int32)
    after, before = np.full(m, -1, np.int32), np.full(m, -2, np.int32)
    for i in range(m):
        if _is_border(i, region):
            _enter(i, region.labels[i], head, after, before)
    return head, after, before


@inner
def change_of(i, b, region, weights):
    """Change of E if unit i goes to b, inf if i must stay."""
    a = region.labels[i]
    if region.size[a] == 1:
        return np.inf
    own, new = 0, 0
    for e in range(region.indptr[i], region.indptr[i + 1]):
        other = region.labels[region.indices[e]]
        own += int(other == a)
        new += int(other == b)
    return flip_change(i, a, b, own - new, region, weights)
