"""What the search minimises, kept up to date flip by flip.

    E = shape·(I - Σ_k price_k·load_k)  +  border·C  +  Σ_kj strength_j·beyond_kj²
        +  Σ_i pull_i·[i left its anchor]  +  apart·[pairs of foes in one territory]

I is the moment of inertia of the territories about their own centroids, C the number of cut edges,
beyond the part of a load outside its band, over the target. Prices are those of the starting
diagram, so that shape does not fight balance; within the band loads are free to settle where the
shape is best.
"""

import numpy as np

from geo.arrays import Int32
from geo.design.market import Market, balanced
from geo.design.region import Weights
from geo.jit import inner

_BORDER = 11.0  # weight of the border's length against the inertia; see docs/algorithm.md
_UNEVEN = 2.0  # the same where loads are free: the shortest border is about the smallest territory
_LEAST = 1e-6  # km² per territory: less spread than a metre's is none
_APART = 300.0  # what a pair of foes in one territory costs, in edges


def weigh(market: Market, labels: Int32) -> Weights:
    """Weights by which the plan `labels` counts p by its shape and 11p by its border."""
    p, mass = len(market.targets), market.mass
    moment = np.stack([np.bincount(labels, mass * x, p) for x in market.xyz.T], axis=1)
    about = (moment**2).sum(axis=1) / np.bincount(labels, mass, p)
    inertia = mass @ (market.xyz**2).sum(axis=1) - about.sum()
    rows = np.repeat(labels, np.diff(market.indptr))
    cut = int((rows != labels[market.indices]).sum() // 2)
    border = (_BORDER if balanced(market)[:, 0].all() else _UNEVEN) * p / max(cut, 1)
    return Weights(market.zone**-2, p / max(float(inertia), p * _LEAST), border, _APART * border)


def firmer(weights: Weights) -> Weights:
    """Weights by which what is outside the bands counts ten times as much."""
    return weights._replace(strength=10 * weights.strength)


@inner
def excess(load, target, low, high):
    """By how much a load is outside its band, over the target, squared."""
    beyond = max(load - high, low - load)
    if beyond <= 0.0:
        return 0.0
    return (beyond / target) ** 2


@inner
def imbalance(load, k, region, weights):
    """Balance term of territory k if it has the loads (q)."""
    total = 0.0
    for j in range(len(load)):
        total += weights.strength[j] * excess(
            load[j], region.targets[k, j], region.low[k, j], region.high[k, j]
        )
    return total


@inner
def foes_in(i, k, region):
    """How many foes of unit i are in territory k."""
    count = 0
    for e in range(region.foe_start[i], region.foe_start[i + 1]):
        count += int(region.labels[region.foes[e]] == k)
    return count


@inner
def spread(moment):
    """The part of the inertia that depends on the labels: -|Σ v x|² / Σ v, of one territory."""
    if moment[3] <= 0.0:
        return 0.0
    return -(moment[0] ** 2 + moment[1] ** 2 + moment[2] ** 2) / moment[3]


@inner
def energy(region, weights):
    """E of the region, up to a constant that no label changes."""
    total = 0.0
    for k in range(len(region.size)):
        total += imbalance(region.load[k], k, region, weights)
        total += weights.shape * (spread(region.moment[k]) - region.price[k] * region.load[k, 0])
    cut = 0
    for i in range(len(region.mass)):
        for e in range(region.indptr[i], region.indptr[i + 1]):
            other = region.labels[region.indices[e]]
            cut += int(other >= 0 and other != region.labels[i])
        if region.labels[i] != region.anchor[i]:
            total += region.pull[i]
        total += weights.apart * foes_in(i, region.labels[i], region) / 2
    return total + weights.border * cut / 2


@inner
def flip_change(i, a, b, cut, region, weights):
    """Change of E if unit i goes from territory a to b and `cut` more edges are cut."""
    change = weights.border * cut
    if region.pull[i] > 0.0:
        change += region.pull[i] * (int(region.anchor[i] == a) - int(region.anchor[i] == b))
    if region.foe_start[i] < region.foe_start[i + 1]:
        change += weights.apart * (foes_in(i, b, region) - foes_in(i, a, region))
    for j in range(region.load.shape[1]):
        w, in_a, in_b = region.activity[i, j], region.load[a, j], region.load[b, j]
        to_a, to_b = region.targets[a, j], region.targets[b, j]
        low_a, high_a = region.low[a, j], region.high[a, j]
        low_b, high_b = region.low[b, j], region.high[b, j]
        change += weights.strength[j] * (
            excess(in_a - w, to_a, low_a, high_a)
            - excess(in_a, to_a, low_a, high_a)
            + excess(in_b + w, to_b, low_b, high_b)
            - excess(in_b, to_b, low_b, high_b)
        )
    # König–Huygens: centroids move along.
    v = region.mass[i]
    from_a, to_b = 0.0, 0.0
    mass_a, mass_b = region.moment[a, 3], region.moment[b, 3]
    per_a, per_b = 1.0 / mass_a, 1.0 / mass_b
    for d in range(3):
        from_a += (region.xyz[i, d] - region.moment[a, d] * per_a) ** 2
        to_b += (region.xyz[i, d] - region.moment[b, d] * per_b) ** 2
    gain = v * to_b * mass_b / (mass_b + v)
    rest = mass_a - v
    if rest > 1e-12 * mass_a:
        gain -= v * from_a * mass_a / rest
    gain += region.activity[i, 0] * (region.price[a] - region.price[b])
    return change + weights.shape * gain


@inner
def apply_flip(i, a, b, region):
    """Move unit i from a to b and keep the sums."""
    region.labels[i] = b
    for j in range(region.load.shape[1]):
        region.load[a, j] -= region.activity[i, j]
        region.load[b, j] += region.activity[i, j]
    for d in range(3):
        region.moment[a, d] -= region.mass[i] * region.xyz[i, d]
        region.moment[b, d] += region.mass[i] * region.xyz[i, d]
    region.moment[a, 3] -= region.mass[i]
    region.moment[b, 3] += region.mass[i]
    region.size[a] -= 1
    region.size[b] += 1
