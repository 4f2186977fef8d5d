"""What a Lagrangian says of each pair (unit, centre): the least moment of a plan that has it.

The assignment and load constraints of the Hess model are relaxed with multipliers α, λ, υ. The
inner problem then falls apart by centre. Where the bound with x_ij = 1 exceeds an incumbent, the
variable is not needed (Validi, Buchanan, Lykhovyd 2022, extended by kinds of territories).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.arrays import Float, Int
from geo.exact.instance import Instance

_NEVER = 1e30  # what no centre costs; finite, for the assignment


@dataclass(frozen=True, eq=False)
class Multipliers:
    """`unit` (n) free, `low` and `high` (n, q) not negative: of unit i, of centre j's loads."""

    unit: Float
    low: Float
    high: Float


def pair_bounds(instance: Instance, cost: Float, multipliers: Multipliers) -> tuple[float, Float]:
    """The Lagrangian bound of `cost` (n, n), and the bound (n, n) with each x_ij = 1."""
    n = len(instance)
    slope = multipliers.high - multipliers.low
    reduced = cost - multipliers.unit[:, None] + instance.activity @ slope.T
    gain = np.minimum(reduced, 0.0)
    np.fill_diagonal(gain, 0.0)
    # Worth of centre j with a territory of kind k, (K, n).
    worth = instance.allowed.T.astype(np.float64) @ gain + np.diag(reduced)
    worth += instance.low @ multipliers.low.T - instance.high @ multipliers.high.T
    worth[~instance.allowed.T] = _NEVER
    forced = _forced(worth, instance.count) + float(multipliers.unit.sum())
    bound = np.full((n, n), np.inf)
    for k, own in enumerate(forced):
        with_unit = own[None, :] + np.maximum(reduced, 0.0)
        np.fill_diagonal(with_unit, own)
        with_unit[~instance.allowed[:, k]] = np.inf
        bound = np.minimum(bound, with_unit)
    return float(forced.min()), bound


def _forced(worth: Float, count: Int) -> Float:
    """Least worth of p different centres if j is one of kind k, (K, n)."""
    if len(worth) == 1:
        p = int(count[0])
        ranked = np.sort(worth[0])
        least = float(ranked[:p].sum())
        return np.asarray(least + np.maximum(worth - ranked[p - 1], 0.0), dtype=np.float64)
    kind = np.repeat(np.arange(len(worth)), count)
    forced = np.empty_like(worth)
    for k in range(len(worth)):
        rest = worth[np.delete(kind, int(np.flatnonzero(kind == k)[0]))]
        for j in range(worth.shape[1]):
            others = np.delete(rest, j, axis=1)
            pick = linear_sum_assignment(others)
            forced[k, j] = worth[k, j] + others[pick].sum()
    return forced
