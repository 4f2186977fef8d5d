"""Bridges: the artificial edges that join islands to the rest of the market."""

import numpy as np
from scipy.spatial import ConvexHull, KDTree, QhullError

from geo.arrays import Bool, Float, Int
from geo.cells.graph import BRIDGE, CellGraph, with_edges
from geo.sphere import to_xyz

_INNER_DEGREE = 6  # among hexagons of one size, one with all its neighbours starts no bridge
_FEW = 32  # points of which all pairs are looked at
_TOUCHING = 1e-9  # of a radius: on the circle is not in it


def join_islands(graph: CellGraph, lat: Float, lng: Float, shore: Bool | None = None) -> CellGraph:
    """The same graph made connected by bridges between islands that face each other.

    `lat`, `lng` centres of the units in degrees, shape (n); `shore` (n) which of them can be ends
    of bridges, by default all that may lie at an edge. The shortest bridges that connect all, a
    minimum spanning tree over the components (Borůvka 1926), are always there. So is, for each two
    components, the shortest bridge with nothing in between: no unit within the circle over it
    (Gabriel, Sokal 1969). No two of these cross, so there are at most three times as many as
    islands. Lengths are great-circle, and ±180° is no border.
    """
    count, component = graph.components()
    if count <= 1:
        return graph
    if shore is None:
        degree = np.diff(graph.indptr)
        hexagons = degree.max() <= _INNER_DEGREE
        shore = degree < _INNER_DEGREE if hexagons else degree >= 0
    ends = _with_all_components(np.flatnonzero(shore), component, count)
    xyz, island = to_xyz(lat[ends], lng[ends]), component[ends]
    a, b = _spanning_links(xyz, island)
    if count > 2:
        tree = _pairs(island[a], island[b], count)
        more_a, more_b = _facing_links(xyz, island)
        new = ~np.isin(_pairs(island[more_a], island[more_b], count), tree)
        a, b = np.concatenate([a, more_a[new]]), np.concatenate([b, more_b[new]])
    kind = np.full(len(a), BRIDGE, dtype=np.uint8)
    return with_edges(graph, ends[a], ends[b], kind)


def _pairs(a: Int, b: Int, count: int) -> Int:
    """One number for each unordered pair of components."""
    return np.asarray(np.minimum(a, b) * count + np.maximum(a, b), dtype=np.int64)


def _facing_links(xyz: Float, component: Int) -> tuple[Int, Int]:
    """For each two components the shortest link with no other point in its sphere, if any.

    Such links are edges of the Delaunay triangulation, on a sphere the convex hull.
    """
    edges = _delaunay(xyz)
    a, b = edges[component[edges[:, 0]] != component[edges[:, 1]]].T
    radius = np.linalg.norm(xyz[a] - xyz[b], axis=1) / 2
    nearest = np.asarray(KDTree(xyz).query((xyz[a] + xyz[b]) / 2)[0])
    clear = nearest >= radius * (1 - _TOUCHING)
    a, b, radius = a[clear], b[clear], radius[clear]
    pair = _pairs(component[a], component[b], int(component.max()) + 1)
    order = np.lexsort((b, a, radius, pair))
    first = order[np.unique(pair[order], return_index=True)[1]]
    return a[first], b[first]


def _delaunay(xyz: Float) -> Int:
    """Pairs of points that face each other on the sphere, (m, 2), and perhaps others."""
    if len(xyz) <= _FEW:
        return np.stack(np.triu_indices(len(xyz), 1), axis=1).astype(np.int64)
    try:
        corners = ConvexHull(xyz).simplices
    except QhullError:  # all on one circle
        corners = ConvexHull(xyz, qhull_options="QJ").simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(edges, axis=1), axis=0).astype(np.int64)


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
