"""A region: some whole territories, cut out of the market so that kernels work on little memory.

Edges to the rest of the market lead to one unit `outside`, of no territory; they are cut whatever
happens within. So regions that share no territory can be worked on side by side, and the outcome
does not depend on which is done first.
"""

from typing import NamedTuple

import numpy as np

from geo.arrays import Bool, Float, Int, Int32
from geo.design.market import Market
from geo.jit import kernel


class Region(NamedTuple):
    """m units of r territories: what never changes, then `labels` and the sums that follow it.

    `units` (m) and `territories` (r) are their numbers in the market; all else is numbered within
    and explained at `geo.design.market.Market`. `labels` (m+1), the last -1; `load` (r, q),
    `moment` (r, 4: Σ mass·(x, y, z, 1)), `size` (r) units.
    """

    units: Int32
    territories: Int32
    indptr: Int32
    indices: Int32
    masks: Int
    xyz: Float
    mass: Float
    activity: Float
    targets: Float
    low: Float
    high: Float
    price: Float
    fixed: Bool
    anchor: Int32
    pull: Float
    foe_start: Int32
    foes: Int32
    labels: Int32
    load: Float
    moment: Float
    size: Int


class Weights(NamedTuple):
    """What the terms of the objective count: `strength` (q) of imbalance, and factors."""

    strength: Float
    shape: float
    border: float
    apart: float


@kernel
def _induced(units, place, number, labels, indptr, indices, masks):
    """The graph of `units`; `place` (n) and `number` (p) say which they and their territories are.

    A territory of another region has number -1.
    """
    m = len(units)
    start = np.zeros(m + 1, np.int32)
    for i in range(m):
        start[i + 1] = start[i] + indptr[units[i] + 1] - indptr[units[i]]
    to = np.empty(start[m], np.int32)
    contact = np.empty(start[m], np.int64)
    for i in range(m):
        shift = start[i] - indptr[units[i]]
        for e in range(indptr[units[i]], indptr[units[i] + 1]):
            other = indices[e]
            to[e + shift] = place[other] if number[labels[other]] >= 0 else m
            contact[e + shift] = masks[e]
    return start, to, contact


@kernel
def recount(labels, activity, xyz, mass, load, moment, size):
    """Set the sums of all territories to what `labels` say."""
    load[:] = 0.0
    moment[:] = 0.0
    size[:] = 0
    for i in range(len(mass)):
        k = labels[i]
        size[k] += 1
        for j in range(load.shape[1]):
            load[k, j] += activity[i, j]
        for d in range(3):
            moment[k, d] += mass[i] * xyz[i, d]
        moment[k, 3] += mass[i]


@kernel
def _induced_foes(units, place, number, labels, foe_start, foes):
    """The foes of `units` among themselves, in CSR form."""
    m = len(units)
    start = np.zeros(m + 1, np.int32)
    among = np.empty(len(foes), np.int32)
    for i in range(m):
        start[i + 1] = start[i]
        for e in range(foe_start[units[i]], foe_start[units[i] + 1]):
            if number[labels[foes[e]]] >= 0:
                among[start[i + 1]] = place[foes[e]]
                start[i + 1] += 1
    return start, among[: start[m]]


def cut_out(
    market: Market, labels: Int32, units: Int32, territories: Int32, place: Int32 | None = None
) -> Region:
    """The region of `territories`, which own exactly `units` by `labels`.

    `place` (n) is scratch, which disjoint regions may share.
    """
    m, r = len(units), len(territories)
    place = np.empty(len(labels), np.int32) if place is None else place
    place[units] = np.arange(m, dtype=np.int32)
    number = np.full(len(market.targets), -1, np.int32)
    number[territories] = np.arange(r, dtype=np.int32)
    anchor = market.anchor[units]
    indptr, indices, masks = _induced(
        units, place, number, labels, market.indptr, market.indices, market.masks
    )
    foe_start, foes = _induced_foes(units, place, number, labels, market.foe_start, market.foes)
    region = Region(
        units, territories, indptr, indices, masks,
        market.xyz[units], market.mass[units], market.activity[units],
        market.targets[territories], market.low[territories], market.high[territories],
        market.price[territories], market.fixed[units],
        np.where(anchor >= 0, number[anchor], -1).astype(np.int32), market.pull[units],
        foe_start, foes,
        np.append(number[labels[units]], np.int32(-1)),
        np.empty((r, market.activity.shape[1])), np.empty((r, 4)), np.empty(r, np.int64),
    )  # fmt: skip
    adopt(region, region.labels[:-1])
    return region


def adopt(region: Region, labels: Int32) -> None:
    """Set the region's labels (m) and its sums."""
    region.labels[:-1] = labels
    recount(
        region.labels, region.activity, region.xyz, region.mass,
        region.load, region.moment, region.size,
    )  # fmt: skip
