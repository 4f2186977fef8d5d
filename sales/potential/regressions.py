"""The two regressions: who buys (logistic, calibrated), and for how much (log-linear, ridge).

Both are log-linear, hence products of factors, so that a learned model can be read like a written
one. Everything that is said about them is measured on accounts that a fit has not seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Float, Int

Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
FOLDS: Final = 5
_STRENGTHS: Final = (0.01, 0.1, 1.0)  # inverse penalties tried for the logistic regression
_PENALTIES: Final = tuple(np.logspace(-1, 3, 9).tolist())  # tried for the ridge regression


@dataclass(frozen=True, eq=False)
class Linear:
    """`intercept` + X · `coefficients` (q): a log-odds, or a log of money."""

    intercept: float
    coefficients: Float

    def at(self, x: Float) -> Float:
        """The linear predictor (n)."""
        return np.asarray(self.intercept + x @ self.coefficients, dtype=np.float64)


def folds_of(account: Int, buys: Bools, seed: int) -> Int:
    """A fold for every row: all rows of an account share one, buyers are spread evenly."""
    bought = np.zeros(int(account.max()) + 1, dtype=bool)
    bought[account[buys]] = True
    order = np.random.default_rng(seed).permutation(len(bought))
    order = order[np.argsort(bought[order], kind="stable")]
    fold = np.empty(len(bought), dtype=np.int64)
    fold[order] = np.arange(len(bought)) % FOLDS
    return fold[account]


def fit_propensity(x: Float, buys: Bools) -> Linear:
    """Logistic regression with Platt's sigmoid over it, which is linear in the log-odds too.

    The penalty is chosen by inner cross-validation of the log-loss; the sigmoid is fitted to
    predictions of inner folds (Platt 1999; scikit-learn's CalibratedClassifierCV).
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    scale = _scale(x)
    losses = [
        cross_val_score(_logistic(c), x / scale, buys, cv=3, scoring="neg_log_loss").mean()
        for c in _STRENGTHS
    ]
    best: LogisticRegression = _logistic(_STRENGTHS[int(np.argmax(losses))])
    calibrated = CalibratedClassifierCV(best, method="sigmoid", cv=3, ensemble=False)
    calibrated.fit(x / scale, buys)
    (whole,) = calibrated.calibrated_classifiers_
    (sigmoid,) = whole.calibrators
    inner = whole.estimator
    # p = 1 / (1 + exp(a f + b)), so the log-odds are −(a f + b)
    return Linear(
        float(-(sigmoid.a_ * inner.intercept_[0] + sigmoid.b_)),
        np.asarray(-sigmoid.a_ * inner.coef_[0] / scale, dtype=np.float64),
    )


def _logistic(strength: float) -> "object":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, solver="newton-cholesky")


def fit_deal(x: Float, amount: Float) -> Linear:
    """Ridge regression of log(amount); the penalty by generalised cross-validation.

    The intercept is raised so that the predictions have the sum of the amounts: exp of a mean of
    logs is too small a mean (Duan's smearing as a ratio).
    """
    from sklearn.linear_model import RidgeCV

    scale = _scale(x)
    ridge = RidgeCV(alphas=_PENALTIES).fit(x / scale, np.log(amount))
    linear = Linear(float(ridge.intercept_), np.asarray(ridge.coef_ / scale, dtype=np.float64))
    raised = np.log(amount.sum() / np.exp(linear.at(x)).sum())
    return Linear(linear.intercept + float(raised), linear.coefficients)


def chance(log_odds: Float) -> Float:
    """1 / (1 + e^−x)."""
    from scipy.special import expit

    return np.asarray(expit(log_odds), dtype=np.float64)


def _scale(x: Float) -> Float:
    spread = x.std(axis=0)
    return np.where(spread > 0.0, spread, 1.0)
