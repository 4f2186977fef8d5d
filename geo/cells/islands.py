"""Bridges: the artificial edges that join islands to the rest of the market."""

import numpy as np
from scipy.spatial import KDTree

from geo.arrays import Float, Int
from geo.cells.graph import BRIDGE, CellGraph, with_edges
from geo.sphere import to_xyz

_INNER_DEGREE = 6  # among hexagons of one size, one with all its neighbours starts no bridge


def join_islands(graph: CellGraph, lat: Float, lng: Float) -> CellGraph:
    """The same graph made connected by as few and as short bridges as can be.

    `lat`, `lng` centres of the units in degrees, shape (n). The bridges are a minimum spanning
    tree over the components (Borůvka 1926), lengths great-circle, so ±180° is no border.
    """
    count, component = graph.components()
    if count <= 1:
        return graph
    degree = np.diff(graph.indptr)
    hexagons = degree.max() <= _INNER_DEGREE
    shore = np.flatnonzero(degree < _INNER_DEGREE if hexagons else degree >= 0)
    shore = _with_all_components(shore, component, count)
    a, b = _spanning_links(to_xyz(lat[shore], lng[shore]), component[shore])
    kind = np.full(len(a), BRIDGE, dtype=np.uint8)
    return with_edges(graph, shore[a], shore[b], kind)


def _with_all_components(shore: Int, component: Int, count: int) -> Int:
    """Add all units of components that have none on the shore (units brought by a user)."""
    landlocked = np.ones(count, dtype=bool)
    landlocked[component[shore]] = False
    return np.union1d(shore, np.flatnonzero(landlocked[component]))


def _spanning_links(xyz: Float, component: Int) -> tuple[Int, Int]:
    """Shortest links that join all components, as pairs of positions in `xyz`."""
    n = len(xyz)
    near, gap = np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    links: list[tuple[int, int]] = []
    while (count := int(component.max()) + 1) > 1:
        # The largest need not ask: the others' shortest links belong to the tree all the same.
        asking = component != np.bincount(component).argmax()
        # A nearest stranger stays the nearest until its component becomes one's own.
        stale = np.flatnonzero(asking & ((near < 0) | (component[near] == component)))
        near[stale], gap[stale] = _nearest_strangers(xyz, component, stale)
        askers = np.flatnonzero(asking)
        order = askers[np.lexsort((askers, gap[askers], component[askers]))]
        best = order[np.unique(component[order], return_index=True)[1]]
        joined = np.arange(count)
        for i in best[np.lexsort((best, gap[best]))].tolist():
            one, other = joined[component[i]], joined[component[near[i]]]
            if one != other:  # equal lengths could otherwise close a ring
                joined[joined == other] = one
                links.append((i, int(near[i])))
        component = np.unique(joined, return_inverse=True)[1][component]
    a, b = np.array(links, dtype=np.int64).T
    return a, b


def _nearest_strangers(xyz: Float, component: Int, wanted: Int) -> tuple[Int, Float]:
    """For each wanted point the nearest point of another component, and the chord to it.

    Two components differ in at least one bit of their numbers: so the nearest point among those
    that differ in bit 0, in bit 1, … is the nearest of all strangers.
    """
    near, gap = np.full(len(wanted), -1, dtype=np.int64), np.full(len(wanted), np.inf)
    for bit in range(int(component.max()).bit_length()):
        side = (component >> bit) & 1
        for half in (0, 1):
            there, askers = np.flatnonzero(side != half), np.flatnonzero(side[wanted] == half)
            if not len(there) or not len(askers):
                continue
            chord, at = map(np.asarray, KDTree(xyz[there]).query(xyz[wanted[askers]]))
            closer = chord < gap[askers]
            gap[askers[closer]], near[askers[closer]] = chord[closer], there[at[closer]]
    return near, gap
