"""Pieces of a set of units, and the separators by which a linear program learns of them."""

import numpy as np

from geo.arrays import Bool, Int
from geo.cells.graph import CellGraph


def pieces_of(graph: CellGraph, inside: Bool) -> list[Bool]:
    """The connected pieces of the units `inside` (n), each a mask (n), by their least unit."""
    left = inside.copy()
    found = []
    for start in np.flatnonzero(inside).tolist():
        if left[start]:
            piece = reached(graph, start, left)
            left &= ~piece
            found.append(piece)
    return found


def reached(graph: CellGraph, start: int, through: Bool) -> Bool:
    """Units that can be reached from `start` by way of the units `through` (n), itself among."""
    seen = np.zeros(len(through), dtype=bool)
    seen[start] = True
    stack = [start]
    while stack:
        unit = stack.pop()
        for other in graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]].tolist():
            if through[other] and not seen[other]:
                seen[other] = True
                stack.append(other)
    return seen


def around(graph: CellGraph, inside: Bool) -> Bool:
    """Units outside that touch the units `inside`, a mask (n)."""
    near = np.zeros(len(inside), dtype=bool)
    near[graph.indices[inside[graph.rows]]] = True
    return near & ~inside


def separator(graph: CellGraph, piece: Bool, unit: int) -> Int:
    """The least set around `piece` without which `unit`, not near it, cannot be reached.

    Any connected territory that holds `unit` and a unit of `piece` holds one of it: the a,b-
    separator inequality of Carvajal et al. 2013 and Oehrlein, Haunert 2017.
    """
    ring = around(graph, piece)
    beyond = reached(graph, unit, ~ring)
    return np.flatnonzero(ring & around(graph, beyond)).astype(np.int64)
