"""What accounts of that potential, given that attention, bring on average; and each cell's excess.

A cell is a rep in a territory. Bookings are modelled as

    E[bookings] = base × exp(cell + x·γ),   Var ∝ E^1.5

by quasi-likelihood. Since every cell has a constant of its own, γ is learned from the differences
between accounts of one rep in one territory, and takes nothing from the effects that are sought.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from geo.arrays import Bool, Float, Int
from geo.errors import InputError

POWER = 1.5  # of the variance; between counting (1) and equal weight for every account (2)
_BINS = 5  # of expected size, each with a variance of its own
_ROUNDS = 100
_CONDITION = 1e-9


@dataclass(frozen=True, eq=False)
class Fitted:
    """`effect` (n) is the log of a cell's bookings over expectation, `cov` (n, n) its error.

    `gamma` (k) with `gamma_sd` (k); `expected` (N): an account's expectation with its cell at 0.
    """

    effect: Float
    cov: Float
    gamma: Float
    gamma_sd: Float
    expected: Float


def fit(cell: Int, base: Float, x: Float, booked: Float) -> Fitted:
    """Fit by Fisher scoring; `cell` (N) in 0..n-1, each with bookings, `base` (N) > 0, `x` (N, k).

    Raises InputError where it does not settle.
    """
    n, k = int(cell.max()) + 1, x.shape[1]
    x = x - x.mean(axis=0)
    total = np.bincount(cell, booked, n) / np.bincount(cell, base, n)
    effect, gamma = np.log(total), np.zeros(k)
    for _ in range(_ROUNDS):
        expected = base * np.exp(np.clip(x @ gamma, -30, 30))
        mean = expected * np.exp(np.clip(effect, -30, 30))[cell]
        weight = mean ** (2 - POWER)
        score = weight * (booked - mean) / mean
        step_cell, step = _solve(cell, n, x, weight, score)
        effect = effect + np.clip(step_cell, -1, 1)
        gamma = gamma + np.clip(step, -1, 1)
        if max(np.abs(step_cell).max(), np.abs(step).max(initial=0.0)) < 1e-9:
            break
    else:
        raise InputError(
            "the bookings cannot be explained by the accounts: the fit does not settle",
            hint="See that potential and bookings are of the same accounts and the same currency.",
        )
    cov, gamma_sd = _errors(cell, n, x, mean, booked)
    return Fitted(effect, cov, gamma, gamma_sd, base * np.exp(x @ gamma))


def varies_within(cell: Int, x: Float) -> Bool:
    """Which columns (k) differ within any cell; the others say nothing about gamma."""
    n = int(cell.max()) + 1
    many = np.bincount(cell, minlength=n)
    within = [column - (np.bincount(cell, column, n) / many)[cell] for column in x.T]
    return np.array([bool(np.abs(column).max() > 1e-9) for column in within], dtype=bool)


def _blocks(cell: Int, n: int, x: Float, weight: Float) -> tuple[Float, Float, Float]:
    """The information matrix by blocks: cells (diagonal), cells × x, x × x."""
    cross = np.zeros((n, x.shape[1]))
    for j, column in enumerate(x.T):
        cross[:, j] = np.bincount(cell, weight * column, n)
    diagonal: Float = np.bincount(cell, weight, n).astype(np.float64)
    return diagonal, cross, x.T @ (x * weight[:, None])


def _solve(cell: Int, n: int, x: Float, weight: Float, score: Float) -> tuple[Float, Float]:
    diagonal, cross, inner = _blocks(cell, n, x, weight)
    right_cell, right = np.bincount(cell, score, n), x.T @ score
    schur = inner - cross.T @ (cross / diagonal[:, None])
    step = (
        linalg.lstsq(schur, right - cross.T @ (right_cell / diagonal), cond=_CONDITION)[0]
        if len(right)
        else right
    )
    return (right_cell - cross @ step) / diagonal, step


def _errors(cell: Int, n: int, x: Float, mean: Float, booked: Float) -> tuple[Float, Float]:
    """The covariance of the cells' effects and the errors of gamma, from pooled variances."""
    spread = ((booked - mean) / mean) ** 2
    edges = np.quantile(mean, np.linspace(0, 1, _BINS + 1)[1:-1])
    which = np.searchsorted(edges, mean)
    many = np.maximum(np.bincount(which, minlength=_BINS), 1)
    variance = (np.bincount(which, spread, _BINS) / many)[which]  # of booked / mean
    weight = mean ** (2 - POWER)
    diagonal, cross, inner = _blocks(cell, n, x, weight)
    meat_cell, meat_cross, meat = _blocks(cell, n, x, weight**2 * variance)
    # inverse information, by blocks
    schur = linalg.pinvh(inner - cross.T @ (cross / diagonal[:, None]), rtol=_CONDITION)
    corner = -(cross / diagonal[:, None]) @ schur
    first = np.diag(1 / diagonal) - corner @ (cross / diagonal[:, None]).T
    bread = np.hstack([first, corner])
    lower = np.hstack([corner.T, schur])
    middle = np.block([[np.diag(meat_cell), meat_cross], [meat_cross.T, meat]])
    cov = bread @ middle @ bread.T
    gamma_cov = lower @ middle @ lower.T
    return (cov + cov.T) / 2, np.sqrt(np.maximum(np.diag(gamma_cov), 0.0))
