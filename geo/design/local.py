"""Local contiguity: may a unit leave its territory without breaking it?

For each directed edge i→s a bit mask tells which other neighbours of i touch s. If the neighbours
of i that share its territory hang together through such contacts, i may leave. On a hexagonal grid
this is the classical test for a single run around the ring, at a few instructions.
"""

import numpy as np

from geo.jit import inner, kernel

MASK_BITS = 63  # a unit with more neighbours than bits is never moved by a local test


@kernel
def contact_masks(indptr, indices):
    """For the directed edge e = i→s: bit t set where the t-th neighbour of i touches s (m)."""
    masks = np.zeros(len(indices), np.int64)
    for i in range(len(indptr) - 1):
        first, last = indptr[i], indptr[i + 1]
        if last - first > MASK_BITS:
            continue
        for e in range(first, last):
            s = indices[e]
            for t in range(first, last):
                if t == e:
                    continue
                other = indices[t]
                for f in range(indptr[s], indptr[s + 1]):
                    if indices[f] == other:
                        masks[e] |= np.int64(1) << np.int64(t - first)
                        break
    return masks


@inner
def may_leave(i, labels, indptr, indices, masks):
    """Whether unit i's same-territory neighbours hang together around it (conservative)."""
    first, last = indptr[i], indptr[i + 1]
    if last - first > MASK_BITS:
        return False
    same = np.int64(0)
    for e in range(first, last):
        if labels[indices[e]] == labels[i]:
            same |= np.int64(1) << np.int64(e - first)
    if same == 0:
        return False  # the last unit of its territory
    reached = same & -same
    grown = True
    while grown and reached != same:
        grown = False
        for e in range(first, last):
            if (reached >> np.int64(e - first)) & 1:
                more = reached | (masks[e] & same)
                if more != reached:
                    reached = more
                    grown = True
    return reached == same
