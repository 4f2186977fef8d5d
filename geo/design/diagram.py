"""Balanced centroidal power diagram: the shape that a plan with splittable units would have.

Each territory k has a centre c_k and a price μ_k; a unit at x goes to argmin |x - c_k|² - μ_k.
Prices are those of the transportation problem that fills every target exactly; the dual is
smoothed with a temperature ε (entropy), maximised by damped Newton steps, and ε is lowered while
the centres move to their centroids. Aurenhammer, Hoffmann, Aronov 1998 (diagram = transport);
Cohen-Addad, Klein, Young 2018 (balanced centroidal); Cuturi 2013 (entropic smoothing).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from geo.arrays import Float, Int, Int32
from geo.design.threads import side_by_side
from geo.jit import kernel

_CUTOFF = 18.0  # e^-18: a share too small to matter
_RIDGE = 0.02
GRAIN = 0.5  # softness that a territory of a single point needs, in spacings
_EVEN = 3e-3  # loads this close to their targets will do; whole units miss by more
_SETTLED = 0.5
_MORE = 4  # territories considered beyond those wanted, where points have a coarse cloud
_BLOCKS = 8  # of points, swept side by side
_SMALL = 20_000  # points that are not worth a second thread
_TRUST = 1.0  # a price may change by so many spacings in one step


@dataclass(frozen=True, eq=False)
class Diagram:
    """`centers` (p, 3) km and `prices` (p) km²."""

    centers: Float
    prices: Float


@dataclass(frozen=True, eq=False)
class Points:
    """What is shared out: `xyz` (m, 3) km, `weight` (m) ≥ 0, `targets` (p) in the same unit.

    `barred` (m, b): territories that a point must not go to, -1 for none. `member` (m) is each
    point's number in the cloud `coarse` that it was refined from, if any.
    """

    xyz: Float
    weight: Float
    targets: Float
    barred: Int32
    member: Int | None = None
    coarse: "Points | None" = None


@dataclass(frozen=True, eq=False)
class _Shares:
    """What soft prices give each territory: loads (p), Σ weight·x (p, 3), minus Hessian (p, p)."""

    load: Float
    sums: Float
    stiffness: Float
    value: float


@kernel
def _soft_shares(xyz, weight, centers, prices, near, eps):
    """One sweep of the smoothed dual Σ w·softmin(d² - μ), over the territories `near` (m, c)."""
    m, c = near.shape
    p = centers.shape[0]
    load = np.zeros(p)
    stiffness = np.zeros((p, p))
    sums = np.zeros((p, 3))
    cost, share, owner = np.empty(c), np.empty(c), np.empty(c, np.int64)
    value = 0.0
    for i in range(m):
        low = np.inf
        for j in range(c):
            k = near[i, j]
            d = -prices[k]
            for a in range(3):
                d += (xyz[i, a] - centers[k, a]) ** 2
            cost[j] = d if k >= 0 else np.inf
            low = min(low, cost[j])
        soft = eps[i]
        total = 0.0
        some = 0
        for j in range(c):
            gap = (cost[j] - low) / soft
            if gap < _CUTOFF:
                share[some] = np.exp(-gap)
                owner[some] = near[i, j]
                total += share[some]
                some += 1
        value += weight[i] * (low - soft * np.log(total))
        for j in range(some):
            k = owner[j]
            part = weight[i] * share[j] / total
            load[k] += part
            for a in range(3):
                sums[k, a] += part * xyz[i, a]
            if some > 1:
                stiffness[k, k] += part / soft
                for h in range(some):
                    stiffness[k, owner[h]] -= part * share[h] / (total * soft)
    return load, sums, stiffness, value


def fit_diagram(
    points: Points, start: Diagram, *, temperatures: Float, near: int, steps: int
) -> Diagram:
    """Move centres and prices until loads meet the targets and centres are centroids.

    `temperatures` fall, one Lloyd step each, in units of the squared distance between neighbouring
    centres, so that a dense city and an empty plain are softened alike. `near` centres are
    considered per point; `steps` Newton steps each.
    """
    diagram = start
    for temperature in temperatures:
        diagram, shares = _fit_prices(points, diagram, temperature, near, steps)
        # A centre moves only once its territory is about as large as it should be.
        settled = np.abs(shares.load / points.targets - 1.0) < _SETTLED
        centers = diagram.centers.copy()
        centers[settled] = shares.sums[settled] / shares.load[settled, None]
        diagram = Diagram(centers, diagram.prices)
    return fit_prices(points, diagram, temperature=temperatures[-1], near=near, steps=2 * steps)


def fit_prices(
    points: Points,
    start: Diagram,
    *,
    temperature: float,
    near: int,
    steps: int,
    grain: float = GRAIN,
) -> Diagram:
    """The prices that fill the targets with the centres of `start` held fixed.

    Damped Newton ascent on the smoothed dual Σ w·softmin(d² - μ) + Σ target·μ; `near` territories
    are considered per point, found anew at the start and half way.
    """
    for part in (steps // 2, steps - steps // 2):
        start, _ = _fit_prices(points, start, temperature, near, part, grain)
    return start


def _fit_prices(
    points: Points,
    start: Diagram,
    temperature: float,
    near: int,
    steps: int,
    grain: float = GRAIN,
) -> tuple[Diagram, _Shares]:
    xyz, weight, targets = points.xyz, points.weight, points.targets
    centers, prices = start.centers, start.prices
    candidates = cheapest_territory(points, start, near)
    spacing = _spacing(centers)
    eps = spacing * np.maximum(temperature, grain / np.sqrt(_grains(points, candidates[:, 0])))
    ridge = _RIDGE * targets / eps
    eps = eps[candidates[:, 0]]

    blocks = _blocks(len(xyz))

    def shares_at(prices: Float) -> _Shares:
        def of(block: slice) -> tuple[Float, Float, Float, float]:
            return _soft_shares(  # type: ignore[no-any-return]
                xyz[block], weight[block], centers, prices, candidates[block], eps[block]
            )

        # Summed in the order of the blocks, so that the result does not depend on timing.
        load, sums, stiffness, value = (
            np.sum(parts, axis=0) for parts in zip(*side_by_side(of, blocks), strict=True)
        )
        return _Shares(load, sums, stiffness, float(value + targets @ prices))

    shares = shares_at(prices)
    for _ in range(steps):
        gradient = targets - shares.load
        if np.abs(gradient / targets).max() < _EVEN:
            break
        # A ridge keeps the step finite where a territory has no soft border at all.
        shares.stiffness[np.diag_indices_from(shares.stiffness)] += ridge
        step = splu(csc_matrix(shares.stiffness), diag_pivot_thresh=0.0).solve(gradient)
        step = np.clip(step, -_TRUST * spacing, _TRUST * spacing)
        for _ in range(6):
            trial = shares_at(prices + step)
            if trial.value > shares.value:
                break
            step /= 4
        else:
            break
        prices, shares = prices + step, trial
    return Diagram(centers, prices - prices.mean()), shares


def _blocks(points: int) -> list[slice]:
    """What is swept side by side."""
    if points <= _SMALL:
        return [slice(None)]
    return [slice(*ends) for ends in pairwise(np.linspace(0, points, _BLOCKS + 1).astype(int))]


def _grains(points: Points, owner: Int32) -> Float:
    """Effective number of points in each territory, (Σ w)² / Σ w², at least 1, shape (p)."""
    p = len(points.targets)
    total = np.bincount(owner, points.weight, p)
    squares = np.bincount(owner, points.weight**2, p)
    return np.asarray(np.maximum(total**2 / np.maximum(squares, 1e-300), 1.0))


def _spacing(centers: Float) -> Float:
    """Squared distance from each centre to the nearest other one, km² (p).

    Were it to a farther one, two centres that draw near would be softened into one.
    """
    if len(centers) == 1:
        return np.ones(1)
    distance = np.asarray(cKDTree(centers).query(centers, k=2)[0])
    return np.asarray(np.maximum(distance[:, -1], 1e-3) ** 2)


def cheapest_territory(points: Points, diagram: Diagram, near: int = 1) -> Int32:
    """The `near` territories of least power distance for each point, cheapest first (m, near).

    Lifted by sqrt(max μ - μ), the power distance is a Euclidean one in four dimensions. Barred
    territories are passed over; -1 stands last where they leave fewer than `near`. A point that is
    barred from every territory is taken to be barred from none. Where points have a `coarse` cloud,
    only the territories near their coarse point are considered.
    """
    near = min(near, len(diagram.prices))
    if points.coarse is None:
        return _nearest_of_all(points, diagram, near)
    shortlist = _nearest_of_all(points.coarse, diagram, near + _MORE)
    xyz, member, barred = points.xyz, points.member, points.barred
    assert member is not None

    def of(block: slice) -> Int32:
        return _sorted_by_cost(  # type: ignore[no-any-return]
            xyz[block], diagram.centers, diagram.prices, shortlist, member[block], barred[block],
            near,
        )  # fmt: skip

    return np.concatenate(side_by_side(of, _blocks(len(xyz))))


def _nearest_of_all(points: Points, diagram: Diagram, near: int) -> Int32:
    barred = points.barred
    near = min(near, len(diagram.prices))
    wanted = min(near + barred.shape[1], len(diagram.prices))
    height = np.sqrt(diagram.prices.max() - diagram.prices)
    tree = cKDTree(np.column_stack([diagram.centers, height]))
    lifted = np.column_stack([points.xyz, np.zeros(len(points.xyz))])
    found = np.asarray(tree.query(lifted, k=np.arange(1, near + 1), workers=-1)[1], dtype=np.int32)
    some = np.flatnonzero((barred >= 0).any(axis=1))
    if len(some):
        more = np.asarray(tree.query(lifted[some], k=np.arange(1, wanted + 1))[1], dtype=np.int32)
        out = (more[:, :, None] == barred[some][:, None, :]).any(axis=2)
        out[out.all(axis=1)] = False
        order = np.argsort(out, axis=1, kind="stable")
        more = np.take_along_axis(np.where(out, -1, more), order, axis=1)
        found[some] = more[:, :near]
    return found


@kernel
def _sorted_by_cost(xyz, centers, prices, shortlist, member, barred, near):
    """The `near` cheapest of each point's shortlist, that of its coarse point; -1 where fewer."""
    m, c = len(xyz), shortlist.shape[1]
    best = np.full((m, near), -1, np.int32)
    cost = np.empty(near)
    for i in range(m):
        filled = 0
        for j in range(c):
            k = shortlist[member[i], j]
            skip = k < 0
            for b in range(barred.shape[1]):
                skip |= barred[i, b] == k
            if skip:
                continue
            d = -prices[k]
            for a in range(3):
                d += (xyz[i, a] - centers[k, a]) ** 2
            if filled == near and d >= cost[near - 1]:
                continue
            s = filled if filled < near else near - 1
            while s > 0 and cost[s - 1] > d:
                cost[s] = cost[s - 1]
                best[i, s] = best[i, s - 1]
                s -= 1
            cost[s] = d
            best[i, s] = k
            filled = min(filled + 1, near)
        if filled == 0:
            best[i] = shortlist[member[i], :near]
    return best
