"""Balanced centroidal power diagram: the shape that a plan with splittable units would have.

Each territory k has a centre c_k and a price μ_k; a unit at x goes to argmin |x - c_k|² - μ_k.
Prices are those of the transportation problem that fills every target exactly; the dual is
smoothed with a temperature ε (entropy), maximised by damped Newton steps, and ε is lowered while
the centres move to their centroids. Aurenhammer, Hoffmann, Aronov 1998 (diagram = transport);
Cohen-Addad, Klein, Young 2018 (balanced centroidal); Cuturi 2013 (entropic smoothing).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial import cKDTree

from geo.arrays import Float, Int32
from geo.jit import kernel

_CUTOFF = 30.0  # e^-30: a share too small to matter
_RIDGE = 0.02
_EVEN = 0.01  # loads this close to their targets will do; whole units miss by more
_SETTLED = 0.5


@dataclass(frozen=True, eq=False)
class Diagram:
    """`centers` (p, 3) km and `prices` (p) km²."""

    centers: Float
    prices: Float


@kernel
def _cheapest(xyz, centers, prices, candidates, many):
    """The `many` centres of least power distance for each point, cheapest first, (m, many)."""
    m, c = xyz.shape[0], candidates.shape[1]
    best = np.empty((m, many), np.int32)
    cost = np.empty(many)
    for i in range(m):
        filled = 0
        for j in range(c):
            k = candidates[i, j] if candidates.shape[0] > 1 else candidates[0, j]
            d = -prices[k]
            for a in range(3):
                d += (xyz[i, a] - centers[k, a]) ** 2
            if filled == many and d >= cost[many - 1]:
                continue
            s = filled if filled < many else many - 1
            while s > 0 and cost[s - 1] > d:
                cost[s] = cost[s - 1]
                best[i, s] = best[i, s - 1]
                s -= 1
            cost[s] = d
            best[i, s] = k
            if filled < many:
                filled += 1
    return best


@kernel
def _soft_pass(xyz, weight, centers, prices, near, eps):
    """One sweep of the smoothed dual.

    Returns loads (p), minus the Hessian in the prices (p, p), sums of weight·x (p, 3), the value.
    """
    m, c = near.shape
    p = centers.shape[0]
    load = np.zeros(p)
    stiff = np.zeros(p)
    hessian = np.zeros((p, p))
    sums = np.zeros((p, 3))
    share = np.empty(c)
    value = 0.0
    for i in range(m):
        low = np.inf
        for j in range(c):
            k = near[i, j]
            d = -prices[k]
            for a in range(3):
                d += (xyz[i, a] - centers[k, a]) ** 2
            share[j] = d
            low = min(low, d)
        total = 0.0
        soft = eps[i]
        for j in range(c):
            gap = (share[j] - low) / soft
            share[j] = np.exp(-gap) if gap < _CUTOFF else 0.0
            total += share[j]
        value += weight[i] * (low - soft * np.log(total))
        for j in range(c):
            if share[j] == 0.0:
                continue
            share[j] /= total
            k = near[i, j]
            load[k] += weight[i] * share[j]
            stiff[k] += weight[i] * share[j] / soft
            for a in range(3):
                sums[k, a] += weight[i] * share[j] * xyz[i, a]
        for j in range(c):
            if share[j] > 0.0:
                for h in range(c):
                    if share[h] > 0.0:
                        hessian[near[i, j], near[i, h]] += weight[i] * share[j] * share[h] / soft
    for k in range(p):
        for h in range(p):
            hessian[k, h] = -hessian[k, h]
        hessian[k, k] += stiff[k]
    return load, hessian, sums, value


def fit_diagram(
    xyz: Float,
    weight: Float,
    targets: Float,
    start: Diagram,
    *,
    temperatures: Float,
    near: int,
    steps: int,
) -> Diagram:
    """Move centres and prices until loads meet `targets` and centres are centroids.

    `weight` (m) is balanced and pulls the centres. `temperatures` fall, one Lloyd step each, in
    units of the squared distance between neighbouring centres, so that a dense city and an empty
    plain are softened alike. `near` centres are considered per point; `steps` Newton steps each.
    """
    diagram = start
    for temperature in temperatures:
        diagram = fit_prices(
            xyz, weight, targets, diagram, temperature=temperature, near=near, steps=steps
        )
        near_by = cheapest_territory(xyz, diagram, near)
        eps = temperature * _softness(xyz, diagram.centers)
        load, _, sums, _ = _soft_pass(xyz, weight, diagram.centers, diagram.prices, near_by, eps)
        # A centre moves only once its territory is about as large as it should be.
        settled = np.abs(load / targets - 1.0) < _SETTLED
        centers = diagram.centers.copy()
        centers[settled] = sums[settled] / load[settled, None]
        diagram = Diagram(centers, diagram.prices)
    return fit_prices(
        xyz, weight, targets, diagram, temperature=temperatures[-1], near=near, steps=3 * steps
    )


def fit_prices(
    xyz: Float,
    weight: Float,
    targets: Float,
    start: Diagram,
    *,
    temperature: float,
    near: int,
    steps: int,
) -> Diagram:
    """The prices that fill `targets` with the centres of `start` held fixed.

    Damped Newton ascent on the smoothed dual Σ w·softmin(d² - μ) + Σ target·μ. Where fewer than all
    centres are considered, which ones is found anew before each step.
    """
    centers, prices = start.centers, start.prices
    eps = temperature * _softness(xyz, centers)
    ridge = _RIDGE * targets / (temperature * _spacing(centers))
    for _ in range(steps):
        candidates = cheapest_territory(xyz, Diagram(centers, prices), near)
        load, hessian, _, value = _soft_pass(xyz, weight, centers, prices, candidates, eps)
        value += targets @ prices
        gradient = targets - load
        if np.abs(gradient / targets).max() < _EVEN:
            break
        # A ridge keeps the step finite where a territory has no soft border at all.
        hessian[np.diag_indices_from(hessian)] += ridge
        step = cho_solve(cho_factor(hessian, check_finite=False), gradient, check_finite=False)
        for _ in range(8):
            trial = prices + step
            trial_value = _soft_pass(xyz, weight, centers, trial, candidates, eps)[3]
            if trial_value + targets @ trial > value:
                break
            step /= 4
        else:
            break
        prices = trial
    return Diagram(centers, prices - prices.mean())


def _softness(xyz: Float, centers: Float) -> Float:
    """For each point the spacing of the centre nearest to it, km² (m)."""
    _, nearest = cKDTree(centers).query(xyz)
    return _spacing(centers)[nearest]


def _spacing(centers: Float) -> Float:
    """Squared distance from each centre to its third-nearest other one, km² (p)."""
    if len(centers) == 1:
        return np.ones(1)
    rank = min(4, len(centers))
    distance = np.asarray(cKDTree(centers).query(centers, k=rank)[0])
    return np.asarray(np.maximum(distance[:, -1], 1e-3) ** 2)


def cheapest_territory(xyz: Float, diagram: Diagram, near: int = 1) -> Int32:
    """The `near` territories of least power distance for each unit, cheapest first (n, near)."""
    every = np.arange(len(diagram.prices), dtype=np.int32)[None, :]
    near = min(near, len(diagram.prices))
    return _cheapest(xyz, diagram.centers, diagram.prices, every, near)  # type: ignore[no-any-return]
