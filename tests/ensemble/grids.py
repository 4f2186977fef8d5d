"""Grids so small that all their maps and trees can be listed."""

from collections import defaultdict
from functools import cache
from itertools import combinations

import numpy as np

from geo.arrays import Float
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.ensemble.market import Market, bands, free

Map = frozenset[frozenset[int]]


def grid(rows: int, columns: int) -> CellGraph:
    at = np.arange(rows * columns).reshape(rows, columns)
    a = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    b = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    return graph_from_edges(rows * columns, a, b, np.full(len(a), SHARED_BORDER))


def market(graph: CellGraph, targets: list[float], tolerance: float) -> Market:
    n = len(graph)
    low, high = bands(np.array(targets, dtype=np.float64)[:, None], np.array([tolerance]))
    return Market(graph, np.ones((n, 1)), low, high, free(n), np.zeros(len(targets), np.bool_))


def as_map(labels: np.ndarray[tuple[int], np.dtype[np.int32]]) -> Map:
    return frozenset(frozenset(np.flatnonzero(labels == k).tolist()) for k in np.unique(labels))


def pairs(graph: CellGraph) -> list[tuple[int, int]]:
    a, b, _ = graph.edges()
    return list(zip(a.tolist(), b.tolist(), strict=True))


def hangs_together(units: frozenset[int], edges: list[tuple[int, int]]) -> bool:
    inner = [(x, y) for x, y in edges if x in units and y in units]
    return _beside(min(units), inner) == units


def trees(units: frozenset[int], edges: list[tuple[int, int]]) -> list[tuple[tuple[int, int], ...]]:
    """All spanning trees."""
    inner = [e for e in edges if e[0] in units and e[1] in units]
    return [t for t in combinations(inner, len(units) - 1) if hangs_together(units, list(t))]


def halvings(units: frozenset[int], graph: CellGraph, sizes: frozenset[int]) -> dict[Map, float]:
    """The law of cutting a uniform tree of `units` in two of such sizes, by listing all trees."""
    edges, law = pairs(graph), defaultdict[Map, float](float)
    for tree in trees(units, edges):
        cuts = []
        for cut in tree:
            rest = [e for e in tree if e != cut]
            side = _beside(cut[0], rest)
            if len(side) in sizes and len(units) - len(side) in sizes:
                cuts.append(frozenset({side, units - side}))
        for found in cuts:
            law[found] += 1 / len(cuts)
    total = sum(law.values())
    return {found: weight / total for found, weight in law.items()}


def _beside(u: int, edges: list[tuple[int, int]]) -> frozenset[int]:
    """All that hangs together with u."""
    seen = {u}
    while more := {y for x, y in edges + [(j, i) for i, j in edges] if x in seen} - seen:
        seen |= more
    return frozenset(seen)


def all_maps(graph: CellGraph, size: int) -> list[Map]:
    """All maps into contiguous territories of `size` units."""
    edges = pairs(graph)

    @cache
    def cut(left: frozenset[int]) -> tuple[Map, ...]:
        if not left:
            return (frozenset(),)
        first = min(left)
        found = []
        for others in combinations(sorted(left - {first}), size - 1):
            own = frozenset({first, *others})
            if hangs_together(own, edges):
                found += [frozenset({own}) | rest for rest in cut(left - own)]
        return tuple(found)

    return list(cut(frozenset(range(len(graph)))))


def stationary(graph: CellGraph, maps: list[Map], size: int) -> Float:
    """How often ReCom visits each of the maps in the long run, from its transition matrix."""
    at = {found: i for i, found in enumerate(maps)}
    edges = pairs(graph)
    chance = np.zeros((len(maps), len(maps)))
    law = cache(lambda units: halvings(units, graph, frozenset({size})))
    for i, found in enumerate(maps):
        owner = {unit: part for part in found for unit in part}
        borders = [(owner[a], owner[b]) for a, b in edges if owner[a] != owner[b]]
        for a, b in borders:
            for new, weight in law(a | b).items():
                chance[i, at[(found - {a, b}) | new]] += weight / len(borders)
    values, vectors = np.linalg.eig(chance.T)
    vector = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
    return np.asarray(vector / vector.sum())
