"""Effects of reps and of territories, partially pooled, with all that is not known about them.

    y = μ + u[rep] + z[territory]·β + w[territory] + e,   u ~ N(0, σr²), w ~ N(0, σt²),
    e ~ N(0, V + τ²I)

V is the known error of each cell's excess. Given (σr, σt, τ) the posterior is Gaussian and exact;
the three are averaged over a grid, weighted by their marginal likelihood (of residuals, the flat μ
integrated out, as REML does) times half-normal priors. Beyond 200 cells the most likely values are
found by search instead. `docs/diagnosis.md` has the derivation.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg, optimize
from scipy.special import ndtr

from geo.arrays import Float, Int

GRID: Final = (0.0, 0.05, 0.1, 0.16, 0.23, 0.31, 0.42, 0.58, 0.85)
EXTRA: Final = (0.0, 0.07, 0.14, 0.25)
SPREAD_PRIOR: Final = 0.5  # half-normal scale of σr and σt: factors of 0.6 to 1.6 are usual
EXTRA_PRIOR: Final = 0.15  # of τ
BETA_PRIOR: Final = 0.3  # of the effect of one standard deviation of a covariate
FREE_PRIOR: Final = 1.0  # of an effect that stands apart from its peers
_GRID_UP_TO: Final = 200  # cells
_NEGLIGIBLE: Final = 1e-4  # share of the weight of a point of the grid


@dataclass(frozen=True, eq=False)
class Cells:
    """The observations: `rep` and `territory` (n) as indices, `y` (n), `cov` (n, n).

    `z` (territories, q): standardised covariates of territories, q may be 0. `flat` (n, f): what is
    fitted freely, the constant first (and periods that only whole cells differ by). `free`: effects
    (reps, then territories) that do not fit their peers' spread, and have a wide prior instead.
    """

    rep: Int
    territory: Int
    y: Float
    cov: Float
    reps: int
    territories: int
    z: Float
    flat: Float
    free: tuple[int, ...] = ()

    def design(self) -> Float:
        """(n, reps + territories + q): what each effect adds to each cell."""
        n = len(self.y)
        found = np.zeros((n, self.reps + self.territories + self.z.shape[1]))
        found[np.arange(n), self.rep] = 1.0
        found[np.arange(n), self.reps + self.territory] = 1.0
        found[:, self.reps + self.territories :] = self.z[self.territory]
        return found

    def prior(self, rep: float, territory: float) -> Float:
        """The prior variance of each effect."""
        q = self.z.shape[1]
        found: Float = np.repeat(
            [rep**2, territory**2, BETA_PRIOR**2], [self.reps, self.territories, q]
        )
        found[list(self.free)] = FREE_PRIOR**2
        return found


@dataclass(frozen=True, eq=False)
class Posterior:
    """A mixture of Gaussians: `weight` (g); `mean`, `sd` (g, m) of m contrasts; `spread` (g, 3)."""

    weight: Float
    mean: Float
    sd: Float
    spread: Float

    def centre(self) -> Float:
        """The mean of each contrast."""
        return self.weight @ self.mean

    def below(self, value: Float | float) -> Float:
        """The probability that each contrast is below a value (m)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            score = (np.asarray(value) - self.mean) / self.sd
        # a point mass at the value itself counts half on either side
        found: Float = self.weight @ ndtr(np.nan_to_num(score, nan=0.0, posinf=99, neginf=-99))
        return found

    def quantile(self, p: float) -> Float:
        """The p-quantile of each contrast, by bisection."""
        reach = 8 * self.sd.max(axis=0) + 1e-9
        low, high = self.mean.min(axis=0) - reach, self.mean.max(axis=0) + reach
        for _ in range(45):
            middle = (low + high) / 2
            under = self.below(middle) < p
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2, dtype=np.float64)

    def spreads(self) -> Float:
        """The posterior means of σr, σt and τ."""
        return self.weight @ self.spread


def posterior(cells: Cells, contrasts: Float) -> Posterior:
    """The posterior of `contrasts` (m, reps + territories + q)."""
    design = cells.design()
    weight, spread = spreads(cells)
    solved = [gaussian(cells, design, contrasts, *point) for point in spread.tolist()]
    mean, sd = (np.array(part) for part in zip(*solved, strict=True))
    return Posterior(weight, mean, sd, spread)


def spreads(cells: Cells) -> tuple[Float, Float]:
    """The points of (σr, σt, τ) that count, (g, 3), and the weight of each (g)."""
    if len(cells.y) > _GRID_UP_TO:
        return np.ones(1), np.array([most_likely(cells)])
    spread = np.array([(r, t, e) for r in GRID for t in GRID for e in EXTRA])
    logs = log_likelihoods(cells, spread)
    logs -= 0.5 * (spread[:, :2] ** 2).sum(axis=1) / SPREAD_PRIOR**2
    logs -= 0.5 * (spread[:, 2] / EXTRA_PRIOR) ** 2
    logs += np.log([_width(GRID, r) * _width(GRID, t) * _width(EXTRA, e) for r, t, e in spread])
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    kept = weight > _NEGLIGIBLE
    return weight[kept] / weight[kept].sum(), spread[kept]


def mean_spread(cells: Cells) -> Float:
    """The posterior means of σr, σt and τ (3)."""
    weight, points = spreads(cells)
    found: Float = weight @ points
    return found


def log_likelihoods(cells: Cells, spread: Float) -> Float:
    """The restricted log-likelihood (up to a constant) at many spreads (g, 3) at once."""
    design, n, f = cells.design(), len(cells.y), cells.flat.shape[1]
    known = (design * cells.prior(0.0, 0.0)) @ design.T + cells.cov + 1e-10 * np.eye(n)
    of_rep, of_territory = (
        (design * (cells.prior(*which) - cells.prior(0.0, 0.0))) @ design.T
        for which in ((1.0, 0.0), (0.0, 1.0))
    )
    square = spread[:, :, None, None] ** 2
    total = known + square[:, 0] * of_rep + square[:, 1] * of_territory + square[:, 2] * np.eye(n)
    right = np.column_stack([cells.flat, cells.y])
    inner = right.T @ np.linalg.solve(total, np.broadcast_to(right, (len(spread), n, f + 1)))
    # of the flat columns and y together: the last pivot is the residual sum of squares
    free = np.linalg.slogdet(inner[:, :f, :f])[1]
    rest = np.exp(np.linalg.slogdet(inner)[1] - free)
    found: Float = -0.5 * (np.linalg.slogdet(total)[1] + free + rest)
    return found


def log_likelihood(
    cells: Cells, design: Float, rep: float, territory: float, extra: float
) -> float:
    """The restricted log-likelihood (up to a constant) of the spreads."""
    factor, basis, free = _factored(cells, design, rep, territory, extra)
    half = linalg.solve_triangular(factor, cells.y, lower=True)
    rest = half - basis @ (basis.T @ half)
    return float(-np.log(np.diag(factor)).sum() - free - 0.5 * (rest @ rest))


def gaussian(
    cells: Cells, design: Float, contrasts: Float, rep: float, territory: float, extra: float
) -> tuple[Float, Float]:
    """Mean and standard deviation of each contrast (m), given the spreads."""
    factor, basis, _ = _factored(cells, design, rep, territory, extra)
    prior = cells.prior(rep, territory)
    half = linalg.solve_triangular(factor, cells.y, lower=True)
    loading = linalg.solve_triangular(factor, design * prior, lower=True) @ contrasts.T
    loading -= basis @ (basis.T @ loading)
    mean = loading.T @ half
    variance = (contrasts**2) @ prior - (loading**2).sum(axis=0)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def outlying(cells: Cells, spread: Float) -> Float:
    """How far each effect is from what its peers' spread allows, as a z-score.

    The score statistic of a shift of the mean by that effect, given the spreads (3).
    """
    design = cells.design()
    factor, basis, _ = _factored(cells, design, *spread.tolist())
    half = linalg.solve_triangular(factor, cells.y, lower=True)
    columns = linalg.solve_triangular(factor, design, lower=True)
    columns -= basis @ (basis.T @ columns)
    size = np.sqrt((columns**2).sum(axis=0))
    found: Float = (columns.T @ half) / np.maximum(size, 1e-9)
    return found


def most_likely(cells: Cells) -> tuple[float, float, float]:
    """The spreads of highest posterior density."""
    design = cells.design()

    def loss(logs: Float) -> float:
        rep, territory, extra = np.exp(np.clip(logs, -7, 1)).tolist()
        prior = (rep**2 + territory**2) / SPREAD_PRIOR**2 + (extra / EXTRA_PRIOR) ** 2
        return float(0.5 * prior - log_likelihood(cells, design, rep, territory, extra))

    found = optimize.minimize(
        loss,
        np.log([0.2, 0.2, 0.05]),
        method="Nelder-Mead",
        options={"maxiter": 150, "xatol": 0.01, "fatol": 1e-3},
    )
    rep, territory, extra = np.exp(np.clip(found.x, -7, 1)).tolist()
    return rep, territory, extra


def _factored(
    cells: Cells, design: Float, rep: float, territory: float, extra: float
) -> tuple[Float, Float, float]:
    """Cholesky factor of the marginal covariance; an orthonormal basis of the free columns solved
    by it, and half the log-determinant of their information."""
    total = (design * cells.prior(rep, territory)) @ design.T + cells.cov
    total[np.diag_indices(len(total))] += extra**2 + 1e-10
    factor = linalg.cholesky(total, lower=True)
    basis, size = linalg.qr(
        linalg.solve_triangular(factor, cells.flat, lower=True), mode="economic"
    )
    return factor, np.asarray(basis, dtype=np.float64), float(np.log(np.abs(np.diag(size))).sum())


def _width(grid: tuple[float, ...], value: float) -> float:
    at = min(range(len(grid)), key=lambda i: abs(grid[i] - value))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    return (high - low) / 2
