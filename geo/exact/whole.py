"""Whether a territory hangs together without one of its units."""

from geo.jit import kernel


@kernel
def stays_whole(indptr, indices, labels, unit, stack, seen, stamp):
    """Whether the units with the label of `unit` are some, and hang together, without it.

    `stack` and `seen` (n) are room to work in; `stamp` must be new to `seen`.
    """
    own = labels[unit]
    wanted = 0
    first = -1
    for e in range(indptr[unit], indptr[unit + 1]):
        if labels[indices[e]] == own:
            wanted += 1
            first = indices[e]
    if wanted <= 1:
        return wanted == 1
    seen[unit] = stamp
    seen[first] = stamp
    stack[0] = first
    size = 1
    found = 0
    while size > 0:
        size -= 1
        a = stack[size]
        for e in range(indptr[a], indptr[a + 1]):
            b = indices[e]
            if b == unit:
                found += 1
            elif labels[b] == own and seen[b] != stamp:
                seen[b] = stamp
                stack[size] = b
                size += 1
    return found == wanted
