"""The statistics of rep and territory, against statsmodels and against what was planted."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, optimize, stats

from sales.diagnose.effects import Cells, gaussian, log_likelihood, posterior
from sales.diagnose.expected import fit
from sales.diagnose.told import told


def cells(
    pairs: list[tuple[int, int]], y: np.ndarray, variance: float = 0.02, free: tuple[int, ...] = ()
) -> Cells:
    reps, territories = (max(p[i] for p in pairs) + 1 for i in (0, 1))
    return Cells(
        np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]), y,
        variance * np.eye(len(pairs)), reps, territories, np.zeros((territories, 0)),
        np.ones((len(pairs), 1)), free,
    )  # fmt: skip


def crossed(seed: int, reps: int = 6, territories: int = 7) -> Cells:
    """Every rep in every territory, with effects planted."""
    rng = np.random.default_rng(seed)
    pairs = [(r, t) for r in range(reps) for t in range(territories)]
    u, w = rng.normal(0, 0.4, reps), rng.normal(0, 0.25, territories)
    y = np.array([u[r] + w[t] for r, t in pairs]) + rng.normal(0, 0.15, len(pairs))
    return cells(pairs, y, 1e-12)


def ring(size: int, y: np.ndarray | None = None) -> Cells:
    pairs = [(t, t) for t in range(size)] + [((t + 1) % size, t) for t in range(size)]
    return cells(pairs, np.zeros(len(pairs)) if y is None else y)


def test_restricted_likelihood_and_effects_are_those_of_statsmodels() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    own = crossed(3)
    frame = pd.DataFrame({"y": own.y, "rep": own.rep, "territory": own.territory, "one": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = MixedLM.from_formula(
            "y ~ 1", groups="one", data=frame, re_formula="0",
            vc_formula={"rep": "0 + C(rep)", "territory": "0 + C(territory)"},
        ).fit(reml=True)  # fmt: skip
    design = own.design()

    def loss(logs: np.ndarray) -> float:
        rep, territory, extra = np.exp(logs).tolist()
        return -log_likelihood(own, design, rep, territory, extra)

    best = optimize.minimize(
        loss, np.log([0.3, 0.3, 0.1]), method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000},
    )  # fmt: skip
    rep, territory, extra = np.exp(best.x)
    theirs = dict(zip(("rep", "territory"), np.sqrt(peer.vcomp), strict=True))
    assert rep == pytest.approx(theirs["rep"], rel=2e-3)
    assert territory == pytest.approx(theirs["territory"], rel=2e-3)
    assert extra == pytest.approx(np.sqrt(peer.scale), rel=2e-3)
    mean, _ = gaussian(own, design, np.eye(13), rep, territory, extra)
    blups = peer.random_effects[1].to_numpy()
    assert mean == pytest.approx(blups, abs=2e-3)


def test_the_gaussian_posterior_is_that_of_the_whole_joint_distribution() -> None:
    rng = np.random.default_rng(0)
    own = ring(5, rng.normal(0, 0.3, 10))
    mean, sd = gaussian(own, own.design(), np.eye(10), 0.3, 0.2, 0.1)
    # the same from the joint precision of (constant, effects), the constant's prior flat
    design = np.column_stack([np.ones(10), own.design()])
    precision = design.T @ design / (0.02 + 0.01) + np.diag([0.0] + [1 / 0.09] * 5 + [25.0] * 5)
    cov = linalg.inv(precision)
    joint = cov @ design.T @ own.y / 0.03
    assert mean == pytest.approx(joint[1:], abs=1e-6)
    assert sd == pytest.approx(np.sqrt(np.diag(cov))[1:], abs=1e-6)


def test_quantiles_of_the_mixture_hold_their_probability() -> None:
    found = posterior(ring(6, np.random.default_rng(1).normal(0, 0.3, 12)), np.eye(12))
    for p in (0.05, 0.95):
        assert found.below(found.quantile(p)) == pytest.approx(np.full(12, p), abs=1e-4)


def test_what_never_changed_hands_is_told_by_the_prior_alone() -> None:
    """Two pairs that nobody else touched, beside a ring of three."""
    pairs = [(0, 0), (1, 1), (2, 2), (1, 0), (2, 1), (0, 2), (3, 3), (4, 4)]
    y = np.array([0.0] * 6 + [-1.0, 1.0])
    own = cells(pairs, y)
    found = told(own, 0.0)
    assert found.peers[:5].tolist() == [3, 3, 3, 1, 1]
    assert np.isinf(found.sd[[3, 4, 8, 9]]).all()
    assert np.isfinite(found.sd[[0, 1, 2, 5, 6, 7]]).all()
    # the contrast of the alone has no data in it: it is the zero contrast
    assert not found.contrast[3].any()
    # and the split follows the prior: twice the spread, four times as much
    mean, _ = gaussian(own, own.design(), np.eye(10), 0.4, 0.2, 0.0)
    assert mean[3] / mean[8] == pytest.approx(4.0)


def test_the_error_of_a_contrast_without_prior_is_that_of_least_squares() -> None:
    own = ring(4)
    found = told(own, 0.0)
    design = own.design()
    cov = 0.02 * linalg.pinv(design.T @ design)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", found.contrast, cov, found.contrast))
    assert found.sd == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_and_numbering_change_nothing(random: object) -> None:
    shuffle = random.shuffle  # type: ignore[attr-defined]
    own = ring(5, np.random.default_rng(2).normal(0, 0.3, 10))
    order, names = list(range(10)), list(range(5))
    shuffle(order)
    shuffle(names)
    other = Cells(
        np.array(names)[own.rep[order]], own.territory[order], own.y[order], own.cov, 5, 5,
        own.z, own.flat,
    )  # fmt: skip
    mean, sd = gaussian(own, own.design(), np.eye(10), 0.3, 0.2, 0.05)
    mean2, sd2 = gaussian(other, other.design(), np.eye(10), 0.3, 0.2, 0.05)
    moved = [*names, *range(5, 10)]
    assert mean2[moved] == pytest.approx(mean, abs=1e-9)
    assert sd2[moved] == pytest.approx(sd, abs=1e-9)


def test_the_expectation_is_learned_within_cells_only() -> None:
    """Covariates that differ between cells leave gamma alone; cells take up the difference."""
    rng = np.random.default_rng(5)
    cell = np.repeat(np.arange(30), 200)
    x = rng.normal(0, 1, (6000, 1)) + (cell % 3)[:, None]
    effect = rng.normal(0, 0.3, 30) - 0.7 * (cell.reshape(30, 200)[:, 0] % 3)  # against the slope
    base = np.exp(rng.normal(8, 1, 6000))
    mean = base * np.exp(0.5 * x[:, 0] + effect[cell])
    booked = mean * rng.binomial(1, 0.6, 6000) / 0.6 * np.exp(rng.normal(-0.125, 0.5, 6000))
    found = fit(cell, base, x, booked)
    assert abs(found.gamma[0] - 0.5) < 4 * found.gamma_sd[0]
    assert found.gamma_sd[0] < 0.03
    error = found.effect - effect
    error -= error.mean()
    score = error / np.sqrt(np.diag(found.cov))
    assert stats.kstest(score, "norm").pvalue > 0.001


def test_bookings_over_expectation_is_what_the_effect_says_with_equal_weights() -> None:
    cell = np.array([0, 0, 1, 1])
    booked = np.array([10.0, 10.0, 40.0, 40.0])
    found = fit(cell, np.full(4, 100.0), np.zeros((4, 0)), booked)
    assert np.exp(found.effect) == pytest.approx([0.1, 0.4])


def test_the_grid_has_the_likelihood_of_single_points() -> None:
    from sales.diagnose.effects import log_likelihoods

    own = ring(6, np.random.default_rng(1).normal(0, 0.3, 12))
    points = np.array([[0.0, 0.0, 0.0], [0.3, 0.1, 0.05], [0.0, 0.4, 0.1]])
    singly = [log_likelihood(own, own.design(), *p) for p in points.tolist()]
    assert log_likelihoods(own, points) == pytest.approx(singly)
