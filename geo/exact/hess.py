"""The model of Hess et al. 1965: which units are centres, and which unit goes to which of them.

x_ij = 1 puts unit i with centre j, y_jk = 1 makes j the centre of a territory of kind k:

    min Σ c_ij·x_ij    Σ_j x_ij = 1    Σ_k y_jk = x_jj    Σ_j y_jk = count_k
    Σ_k low_k·y_jk ≤ Σ_i w_i·x_ij ≤ Σ_k high_k·y_jk    x_ij ≤ Σ_{k allowed to i} y_jk
"""

from dataclasses import dataclass

import highspy
import numpy as np

from geo.arrays import Bool, Float, Int, Int32
from geo.exact.bounds import Multipliers
from geo.exact.highs import INF, Rows, make_model, stack
from geo.exact.instance import Instance


@dataclass(frozen=True, eq=False)
class HessModel:
    """`model` with a column for each pair (`unit`, `center`) kept, then one for each y_jk.

    `column` (n, n) the column of x_ij, -1 where it is fixed at 0.
    """

    model: highspy.Highs
    unit: Int
    center: Int
    column: Int

    def matrix(self, values: Float) -> Float:
        """x as (n, n)."""
        n = len(self.column)
        x = np.zeros((n, n))
        x[self.unit, self.center] = values[: len(self.unit)]
        return x

    def kinds(self, values: Float, kinds: int) -> Float:
        """y as (n, K)."""
        return values[len(self.unit) :].reshape(-1, kinds)


def hess_model(instance: Instance, cost: Float, keep: Bool, *, seed: int) -> HessModel:
    """The linear program over the pairs `keep` (n, n); integer columns are left to the caller."""
    n, kinds = len(instance), len(instance.count)
    keep = keep & np.diag(keep)[None, :]
    unit, center = (side.astype(np.int64) for side in np.nonzero(keep))
    m = len(unit)
    column = np.full((n, n), -1, dtype=np.int64)
    column[unit, center] = np.arange(m)
    y = m + np.arange(n * kinds).reshape(n, kinds)
    own = np.diag(column)
    there = np.flatnonzero(own >= 0)
    parts = [Rows(unit, np.arange(m), np.ones(m), np.ones(n), np.ones(n))]
    for sign, limit in ((1.0, instance.low), (-1.0, instance.high)):
        for load, level in zip(instance.activity.T, limit.T, strict=True):
            parts.append(
                Rows(
                    np.concatenate([center, np.repeat(np.arange(n), kinds)]),
                    np.concatenate([np.arange(m), y.ravel()]),
                    sign * np.concatenate([load[unit], np.tile(-level, n)]),
                    np.zeros(n),
                    np.full(n, INF),
                )
            )
    parts += [
        Rows(
            np.concatenate([there, np.repeat(np.arange(n), kinds)]),
            np.concatenate([own[there], y.ravel()]),
            np.concatenate([np.ones(len(there)), np.full(n * kinds, -1.0)]),
            np.zeros(n),
            np.zeros(n),
        ),
        Rows(
            np.tile(np.arange(kinds), n),
            y.ravel(),
            np.ones(n * kinds),
            instance.count.astype(np.float64),
            instance.count.astype(np.float64),
        ),
        _members(instance, unit, center, y),
    ]
    upper = np.concatenate([np.ones(m), instance.allowed.ravel().astype(np.float64)])
    costs = np.concatenate([cost[unit, center], np.zeros(n * kinds)])
    return HessModel(make_model(costs, upper, stack(parts), seed=seed), unit, center, column)


def _members(instance: Instance, unit: Int, center: Int, y: Int) -> Rows:
    """x_ij ≤ Σ y_jk over the kinds that unit i may be in."""
    other = np.flatnonzero(unit != center)
    at, kind = np.nonzero(instance.allowed[unit[other]])
    return Rows(
        np.concatenate([np.arange(len(other)), at]),
        np.concatenate([other, y[center[other][at], kind]]),
        np.concatenate([np.ones(len(other)), np.full(len(at), -1.0)]),
        np.full(len(other), -INF),
        np.zeros(len(other)),
    )


def multipliers_of(model: highspy.Highs, instance: Instance) -> Multipliers:
    """α, λ, υ of the solved linear program, from its first rows."""
    dual = np.array(model.getSolution().row_dual, dtype=np.float64)
    n, q = instance.activity.shape
    load = dual[n : n + 2 * q * n].reshape(2, q, n)
    # The rows of the upper limits are written with the opposite sign.
    return Multipliers(dual[:n], np.maximum(load[0].T, 0.0), np.maximum(load[1].T, 0.0))


def labels_of(instance: Instance, x: Float, y: Float) -> Int32:
    """The plan of a whole solution: territories of a kind by the order of their centres."""
    center = x.argmax(axis=1)
    chosen = np.unique(center)
    kind = y.argmax(axis=1)
    labels = np.full(len(x), -1, dtype=np.int32)
    free = {k: list(np.flatnonzero(instance.kind == k)) for k in range(len(instance.count))}
    for j in chosen.tolist():
        labels[center == j] = free[int(kind[j])].pop(0)
    return labels
