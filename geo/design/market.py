"""The problem as the search sees it: scaled numbers, and which neighbours of a unit touch."""

from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Bool, Float, Int, Int32
from geo.design.hold import held_units
from geo.design.local import contact_masks
from geo.design.problem import DesignProblem
from geo.design.seat import anchors

_SPREAD = 0.1  # share of the pull on a centroid that every unit has, whatever its weight
_ZONE = 0.004  # deviations within it cost nothing; below the 0.5 % that is aimed at
_MARGIN = 0.25  # zones that are kept from a limit
_LOOSE = 0.5  # free deviation of the first measure where nobody asks for balance: shape comes first
_TIGHTEST = 1e-4  # a zone; a tolerance of nothing asks for as little as that
_SHARE = 0.6  # of the tolerance, where that is tighter
_KEPT, _STRICT = 0.85, 0.05  # of the tolerance: what is free, and a zone, where most is to be kept


@dataclass(frozen=True, eq=False)
class Market:
    """n units, p territories, q measures that are balanced or limited.

    `indptr`, `indices`, `masks` the graph; `xyz` (n, 3) km about the centre; `mass` (n) the pull on
    a centroid, summing to p; `activity` (n, q), `targets`, and the band `low` to `high` (p, q) in
    which loads cost nothing, all as fractions of the mean target; `zone` (q) what a deviation
    beyond the band is measured by; `floor`, `ceiling` (p, q) the limits, ±inf where there are none;
    `price` (p) km²; `fixed` (n) units that must stay where they
    are; `open` (p) territories that may change; `anchor` (n) the incumbent's
    territory or that of a seat (`geo.design.seat`), -1 none, and `pull` (n) the price of leaving
    it; `foes` in CSR form, the units that each must not share a territory with.
    """

    indptr: Int32
    indices: Int32
    masks: Int
    xyz: Float
    mass: Float
    activity: Float
    targets: Float
    low: Float
    high: Float
    zone: Float
    floor: Float
    ceiling: Float
    price: Float
    fixed: Bool
    open: Bool
    anchor: Int32
    pull: Float
    foe_start: Int32
    foes: Int32


def make_market(problem: DesignProblem, prices: Float, shape: float = 1.0) -> Market:
    """Scale the problem; `prices` (p) km² of the starting diagram; `shape` widens the zone."""
    n, p = len(problem), problem.territories
    low, high = problem.bands()
    counted = np.asarray((np.isfinite(low) | np.isfinite(high)).any(axis=0))
    counted[0] = True  # what shape is weighed by is known to the search in any case
    mean = np.maximum(problem.targets.mean(axis=0)[counted], 1e-300)
    targets = np.maximum(problem.targets[:, counted] / mean, 1e-9)
    tolerance = problem.tolerance[counted]
    zone = np.fmax(np.fmin(_ZONE * shape, _SHARE * tolerance), _TIGHTEST)
    free = zone
    if problem.incumbent is not None and np.isinf(problem.incumbent.max_disruption):
        # No budget asks for moves: they only go as far as the tolerance, which holds all the more.
        zone, free = np.fmax(np.fmin(zone, _STRICT * tolerance), _TIGHTEST), _KEPT * tolerance
    within = np.where(np.isfinite(tolerance), free, np.inf)
    if np.isinf(within[0]):
        # The border alone would be shortest about territories of a unit each.
        within[0], prices = _LOOSE, np.zeros(p)
    margin = _MARGIN * zone * targets
    floor = _scaled(problem.low, counted, mean, -np.inf)
    ceiling = _scaled(problem.high, counted, mean, np.inf)
    least, most = floor + margin, ceiling - margin
    if problem.low is not None or problem.high is not None:
        targets = _within_limits(targets, least, most)
    xyz = problem.xyz()
    weight = problem.activity[:, 0] / problem.activity[:, 0].sum()
    graph = problem.graph
    anchor = np.full(n, -1, np.int32)
    if problem.incumbent is not None:
        anchor = anchors(problem)
    may_change = np.ones(p, dtype=bool) if problem.closed is None else ~problem.closed
    return Market(
        graph.indptr, graph.indices, contact_masks(graph.indptr, graph.indices),
        np.ascontiguousarray(xyz - xyz.mean(axis=0)),
        ((1 - _SPREAD) * weight + _SPREAD / n) * p,
        np.ascontiguousarray(problem.activity[:, counted] / mean),
        targets,
        np.maximum((1 - within) * targets, least), np.minimum((1 + within) * targets, most),
        zone, np.broadcast_to(floor, targets.shape), np.broadcast_to(ceiling, targets.shape),
        (1 - _SPREAD) * prices, held_units(problem) >= 0, may_change, anchor,
        np.zeros(n), *_foes(problem.apart, n),
    )  # fmt: skip


def balanced(market: Market) -> Bool:
    """Which loads are to be balanced at all, (p, q): their bands are below half a target wide."""
    return np.asarray(market.high - market.low < _LOOSE * market.targets)


def squeezed(market: Market, share: float) -> Market:
    """The same market with only `share` of the zone about each target free of cost."""
    within = share * market.zone
    low = np.maximum(market.low, (1 - within) * market.targets)
    high = np.minimum(market.high, (1 + within) * market.targets)
    even = balanced(market)
    return replace(
        market, low=np.where(even, low, market.low), high=np.where(even, high, market.high)
    )


def _scaled(limit: Float | None, counted: Bool, mean: Float, free: float) -> Float:
    """A limit as fractions of the mean target; `free` where there is none."""
    if limit is None:
        return np.full(len(mean), free)
    scaled = limit[:, counted] / mean
    return np.where(np.isfinite(scaled), scaled, free)


def _within_limits(targets: Float, least: Float, most: Float) -> Float:
    """The targets (p, q), all scaled alike and cut to the limits, so that the totals stay."""
    low, high = np.zeros(targets.shape[1]), targets.sum(axis=0) / targets.min(axis=0)
    for _ in range(100):
        scale = (low + high) / 2
        short = np.clip(scale * targets, least, most).sum(axis=0) < targets.sum(axis=0)
        low, high = np.where(short, scale, low), np.where(short, high, scale)
    return np.asarray(np.maximum(np.clip(high * targets, least, most), 1e-9))


def _foes(apart: Int | None, n: int) -> tuple[Int32, Int32]:
    """Each unit's foes in CSR form: starts (n+1), units."""
    pairs = np.empty((0, 2), np.int64) if apart is None else apart.reshape(-1, 2)
    a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.lexsort((b, a))
    start = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(a, minlength=n), out=start[1:])
    return start, b[order].astype(np.int32)
