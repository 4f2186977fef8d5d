"""Least cut edges, by branch and price.

The master covers the market with known territories; pricing finds better ones or proves that
there is none, which gives the bound Σ prize + Σ_k count_k·(least value of kind k). Cut edges are
whole numbers, so a node is done when its bound exceeds the incumbent less one. Branching: two
units together or apart (Ryan, Foster 1981).
"""

import heapq
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.arrays import Int32
from geo.exact.grow import grow_many
from geo.exact.highs import Clock
from geo.exact.inertia import Proof
from geo.exact.instance import Instance
from geo.exact.master import Cover, Pool
from geo.exact.pricing import Decision, Pricer
from geo.measures.compactness import cut_edges
from geo.progress import Progress

_EPS = 1e-6


@dataclass(eq=False)
class Search:
    """The state of the search; `best` of value `value` may be improved on the way."""

    instance: Instance
    pool: Pool
    pricers: list[Pricer]
    best: Int32
    value: int
    clock: Clock
    state: "np.ndarray[tuple[int], np.dtype[np.uint64]]"
    progress: Progress

    @property
    def goal(self) -> float:
        """A bound above this proves that nothing in a node is better than the incumbent."""
        return self.value - 1 + _EPS


def least_cut_edges(
    instance: Instance, plans: list[tuple[float, Int32]], clock: Clock, *, seed: int,
    progress: Progress,
) -> Proof:  # fmt: skip
    """The plan of least cut edges; `plans`, at least one, best first, are where it starts."""
    pool = Pool(instance)
    for _, labels in plans:
        for k in range(instance.territories):
            pool.add(labels == k)
    value, best = plans[0]
    search = Search(
        instance, pool, [Pricer(instance, k, seed) for k in range(len(instance.count))], best,
        round(value), clock, np.array([seed + 1], dtype=np.uint64), progress,
    )  # fmt: skip
    order = count()
    open_nodes: list[tuple[float, int, tuple[Decision, ...]]] = [(-np.inf, next(order), ())]
    while open_nodes and not clock.over():
        bound, _, decisions = open_nodes[0]
        if bound > search.goal:
            heapq.heappop(open_nodes)
            continue
        found, cover = _bound(search, decisions, bound)
        if found > search.goal:
            heapq.heappop(open_nodes)
            continue
        pair = fractional_pair(search, cover) if cover is not None else None
        if pair is None:
            # Time is over.
            open_nodes[0] = (max(bound, found), *open_nodes[0][1:])
            break
        heapq.heappop(open_nodes)
        for together in (True, False):
            child = (*decisions, (*pair, together))
            heapq.heappush(open_nodes, (max(bound, found), next(order), child))
    least = min((node[0] for node in open_nodes), default=np.inf)
    least = max(0.0, float(np.ceil(least - _EPS)) if np.isfinite(least) else least)
    done = least >= search.value
    if not np.isfinite(least) and open_nodes:
        least, done = 0.0, False
    bound = float(min(least, search.value))
    return Proof(search.best, float(search.value), bound, "optimal" if done else "gap")


def _bound(
    search: Search, decisions: tuple[Decision, ...], known: float
) -> tuple[float, Cover | None]:
    """A bound of a node, and the master's last solution: to branch on if the bound is low."""
    bound, root = known, not decisions
    tried = False
    cover: Cover | None = None
    while not search.clock.over():
        cover = search.pool.cover(decisions, search.value + 1.0, search.clock)
        if cover is None:
            break
        _take(search, cover)
        told = max(0.0, min(1.0, known / max(search.value, 1)))
        search.progress("proof", told, f"best {search.value}, relaxed {cover.value:.2f}")
        if cover.value <= search.goal and not (root and not tried):
            return bound, cover
        if _heuristic(search, cover, decisions):
            continue
        if root and not tried:
            whole = search.pool.cover((), search.value + 1.0, search.clock, whole=True)
            if whole is not None:
                _take(search, whole)
        tried = True
        lower, new = _exact(search, cover, decisions)
        bound = max(bound, lower)
        if bound > search.goal or not new:
            break
    return bound, cover


def _heuristic(search: Search, cover: Cover, decisions: tuple[Decision, ...]) -> int:
    reduced = search.pool.reduced_costs(cover.prize, cover.base)
    allowed = search.pool.permitted(decisions)
    cheap = allowed[np.argsort(reduced[allowed], kind="stable")]
    starts = [(search.pool.masks[c], search.pool.kinds[c]) for c in cheap[:600].tolist()]
    grown = grow_many(search.instance, starts, cover.prize, cover.base, decisions, search.state)
    return sum(search.pool.add(inside) for inside in grown)


def _exact(search: Search, cover: Cover, decisions: tuple[Decision, ...]) -> tuple[float, int]:
    """The Lagrangian bound at the master's duals, and how many territories were found."""
    slack = max(0.0, cover.value - search.goal) / search.instance.territories
    total, new = float(cover.prize.sum()), 0
    for kind, pricer in enumerate(search.pricers):
        enough = float(cover.base[kind]) - max(slack, _EPS)
        least, found = pricer.price(cover.prize, decisions, enough, search.clock)
        total += float(search.instance.count[kind]) * least
        new += sum(search.pool.add(inside) for inside in found)
    return total, new


def _take(search: Search, cover: Cover) -> None:
    """A solution in whole numbers is a plan; keep it if it is the best."""
    chosen = cover.column[cover.weight > 0.5]
    instance = search.instance
    masks = list({search.pool.masks[c].tobytes(): search.pool.masks[c] for c in chosen}.values())
    if len(masks) != instance.territories or (np.sum(masks, axis=0) != 1).any():
        return
    misfit = np.array([[not instance.fits(m, int(k)) for k in instance.kind] for m in masks])
    rows, columns = linear_sum_assignment(misfit.astype(np.float64))
    labels = np.empty(len(instance), dtype=np.int32)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        labels[masks[row]] = column
    value = cut_edges(instance.graph, labels)
    if not misfit[rows, columns].any() and value < search.value:
        search.best, search.value = labels, value


def fractional_pair(search: Search, cover: Cover) -> tuple[int, int] | None:
    """Two units, neighbours if possible, that the master puts together by about a half."""
    used = np.flatnonzero(cover.weight > _EPS)
    if not len(used):
        return None
    masks = np.array([search.pool.masks[c] for c in cover.column[used]], dtype=np.float64)
    together = masks.T @ (cover.weight[used, None] * masks)
    distance = np.abs(together - 0.5)
    np.fill_diagonal(distance, 1.0)
    near = np.ones(distance.shape, dtype=bool)
    near[search.instance.graph.rows, search.instance.graph.indices] = False
    distance = distance + np.where(near & (distance < 0.5 - _EPS), 0.25, 0.0)
    if distance.min() > 0.75 - _EPS or not (np.abs(together - 0.5) < 0.5 - _EPS).any():
        return None
    a, b = np.unravel_index(int(distance.argmin()), distance.shape)
    return int(min(a, b)), int(max(a, b))
