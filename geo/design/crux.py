"""The crux: the few heavy units that forbid a better balance, and the proof that they do.

Where a core has three or four units to a territory, most ways to cut it are far from the targets.
Take a neighbourhood Z of units. Whatever the contiguous plan, each connected piece of a territory
within Z either reaches out of Z, and weighs at most high·(1 + d), or is a whole territory, and
weighs at least low·(1 - d) as well; low and high are the least and the largest target, d the
largest deviation. The pieces cover each unit of Z once. If there are prices y of the units with

    Σ_Z y = 1   and   Σ_S y ≤ 0   for each piece S that a deviation below d allows,

then no plan deviates by less than d: the prices of its pieces would add up to 1 and to 0 at most.
(Farkas' lemma for the linear relaxation of the set partitioning; the pieces are enumerated.)
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from geo.arrays import Float, Int, Int32

_RINGS = 4  # about the heaviest unit of the territory, at most
_WORST = 3  # territories that are looked at
_PIECES = 12_000  # more than so many are not enumerated
_STEPS = 20  # of the bisection, at most
_SLACK = 1e-12  # of a deviation: what sums cost in digits
_DIGITS = 9  # of the prices, as they are written


@dataclass(frozen=True, eq=False)
class Crux:
    """No contiguous plan's largest deviation is below `least`: `prices` (z) of `units` prove it."""

    units: Int
    prices: Float
    least: float


@dataclass(frozen=True, eq=False)
class Ground:
    """The graph in CSR form, one measure (n) of its units, and the targets (p)."""

    indptr: Int32
    indices: Int32
    weight: Float
    targets: Float

    def neighbours(self, unit: int) -> list[int]:
        """Of a unit."""
        row: list[int] = self.indices[self.indptr[unit] : self.indptr[unit + 1]].tolist()
        return row


def crux(ground: Ground, labels: Int32) -> Crux | None:
    """The tightest bound found about the territories that deviate most, None where there is none.

    `labels` (n) is a complete plan; it says where to look, the bound holds for all plans.
    """
    weight, p = ground.weight, len(ground.targets)
    off = np.abs(np.bincount(labels, weight, p) / ground.targets - 1.0)
    best: Crux | None = None
    for k in np.argsort(-off, kind="stable")[:_WORST].tolist():
        own = np.flatnonzero(labels == k)
        if len(own) == 0 or (best is not None and off[k] <= best.least):
            continue
        zone = {int(own[np.argmax(weight[own])])}
        for _ in range(_RINGS):
            zone |= {j for i in zone for j in ground.neighbours(i)}
            if (found := _bound(ground, sorted(zone), float(off[k]))) is None:
                break  # too many pieces: a larger zone has more
            if found.least > (best.least if best else 0.0):
                best = found
    return best


def _bound(ground: Ground, zone: list[int], most: float) -> Crux | None:
    """What the units of `zone` prove about deviations up to `most`; None if it is too large."""
    place = {unit: i for i, unit in enumerate(zone)}
    near = [[place[j] for j in ground.neighbours(i) if j in place] for i in zone]
    reaches = np.array([any(j not in place for j in ground.neighbours(i)) for i in zone])
    low, high = float(ground.targets.min()), float(ground.targets.max())
    heavy = ground.weight[zone]
    pieces = _pieces(near, heavy.tolist(), (1 + most + _SLACK) * high, _PIECES)
    if pieces is None:
        return None
    ends = np.cumsum([0, *(len(piece) for piece in pieces)])
    inside = csr_matrix(
        (np.ones(ends[-1]), np.concatenate(pieces), ends), shape=(len(pieces), len(zone))
    )
    load = inside @ heavy
    short = np.where(inside @ reaches > 0, 0.0, 1 - load / low)
    needs = np.maximum(np.maximum(load / high - 1, short), 0.0)  # the deviation that allows it
    steps = np.unique(needs[needs <= most + _SLACK])
    prices, least = np.zeros(len(zone)), 0.0
    first, last = -1, len(steps) - 1  # all below steps[first] is forbidden
    for _ in range(_STEPS):
        if first >= last:
            break
        middle = (first + last + 1) // 2
        found = _farkas(inside[needs < steps[middle]])
        if found is None:
            last = middle - 1
        else:
            first, prices, least = middle, found, float(steps[middle])
    return Crux(np.array(zone), prices, least)


def _pieces(
    near: list[list[int]], weight: list[float], most: float, limit: int
) -> list[Int] | None:
    """All connected sets of units that weigh at most `most`, each once; None beyond `limit`.

    (ESU: Wernicke 2006. A set grows by units that only its newest member brought into reach.)
    """
    found: list[Int] = []
    for root in range(len(near)):
        reach = [j for j in near[root] if j > root]
        stack = [([root], weight[root], reach, {*range(root + 1), *reach})]
        while stack:
            piece, load, reach, seen = stack.pop()
            if load > most:
                continue
            found.append(np.array(piece, dtype=np.int64))
            if len(found) > limit:
                return None
            for at, unit in enumerate(reach):
                fresh = [j for j in near[unit] if j not in seen]
                stack.append(
                    (
                        [*piece, unit],
                        load + weight[unit],
                        [*reach[at + 1 :], *fresh],
                        seen | {*fresh},
                    )
                )
    return found


def _farkas(inside: csr_matrix) -> Float | None:
    """Prices (z) that sum to 1 and are at most 0 on every piece (row), or None."""
    pieces, z = inside.shape
    answer = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrix
        -np.ones(z), A_ub=inside, b_ub=np.zeros(pieces), bounds=(-1.0, 1.0), method="highs-ds"
    )
    if answer.status != 0 or -answer.fun < 1e-6:
        return None
    prices: Float = np.round(answer.x / answer.x.sum(), _DIGITS)
    # Rounding may not undo the proof: z pieces at most, each of at most 1 / (2z), are half of 1.
    if (inside @ prices).max(initial=-1.0) > 0.5 / z or prices.sum() < 0.75:
        return None
    return prices
