"""Coverage: which accounts nobody has touched, and whether effort follows need or ease.

The concentration of effort compares a rep's hours with what the accounts need. With accounts sorted
by hours per need, and both summed up as shares, it is twice the area between the two curves: 0
where every account gets its due, near 1 where a few get everything.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from geo.arrays import Float
from sales.diagnose.covariates import relative_hours
from sales.diagnose.panel import Panel
from sales.diagnose.verdicts import Rules, discoveries

_DRAWS: Final = 2000
_LEAST: Final = 20  # accounts of a rep below which nothing is said
_TRAITS: Final = {
    "far": ("km", 1), "near": ("km", -1), "small": ("potential", -1), "large": ("potential", 1),
    "without pipeline": ("pipeline", -1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Untouched:
    """An account on which nobody spent an hour, in any of the periods."""

    account_id: str
    territory: str
    rep: str
    potential: float


@dataclass(frozen=True, slots=True)
class Covered:
    """How a rep's effort lies over the accounts that they held, while they held them.

    `untouched` accounts of `accounts`, `untouched_potential` as a share; `concentration` 0..1, with
    the 90th percentile of what books of that size drawn from all reps' accounts show (`usual`);
    `p` of the test; `cherry_picking`: beyond what chance explains, corrected for all reps.
    `leaves`: what the accounts that get less than their due have in common, with rank correlation.
    """

    rep: str
    accounts: int
    untouched: int
    untouched_potential: float
    concentration: float
    usual: float
    p: float
    cherry_picking: bool
    leaves: str
    correlation: float


@dataclass(frozen=True, eq=False)
class Coverage:
    """By rep, and the untouched accounts, the greatest potential first."""

    reps: tuple[Covered, ...]
    untouched: tuple[Untouched, ...]


def coverage(panel: Panel, rules: Rules, *, seed: int = 0) -> Coverage | None:
    """Coverage by rep; None without activities."""
    if panel.rows["hours"].isna().any():
        return None
    pool = _by_rep(panel)
    reps = [(str(rep), rows) for rep, rows in pool.groupby("rep")]
    rng = np.random.default_rng(seed)
    drawn = [_usual(rows, pool[pool["rep"] != rep], rng) for rep, rows in reps]
    p = np.array([d[2] for d in drawn])
    enough = np.array([len(rows) >= _LEAST for _, rows in reps], dtype=bool)
    named = discoveries(p, enough, rules.alpha / rules.looks)
    covered = []
    for (rep, rows), (own, usual, tail), picks in zip(reps, drawn, named, strict=True):
        none = rows["hours"] <= 0
        leaves, correlation = _leaves(rows)
        covered.append(Covered(
            rep, len(rows), int(none.sum()),
            float(rows["potential"][none].sum() / rows["potential"].sum()),
            own, usual, tail, bool(picks), leaves, correlation,
        ))  # fmt: skip
    return Coverage(tuple(covered), _untouched(panel))


def concentration(hours: Float, need: Float) -> float:
    """Twice the area between hours and need, both as shares, accounts by hours per need."""
    if hours.sum() <= 0 or len(hours) < 2:
        return 0.0
    order = np.argsort(hours / need, kind="stable")
    effort = np.concatenate([[0.0], np.cumsum(hours[order]) / hours.sum()])
    needed = np.concatenate([[0.0], np.cumsum(need[order]) / need.sum()])
    return float(1 - 2 * np.trapezoid(effort, needed))


def _by_rep(panel: Panel) -> pd.DataFrame:
    """One row per rep and account that they held: hours and need over those periods, `ratio`."""
    rows = panel.rows[panel.rows["rep"] != ""]
    once = rows.assign(hours=1.0)
    frame = rows.assign(need=1 / relative_hours(once))
    kept = [c for c in ("account_id", "potential", "km", "pipeline") if c in frame]
    parts = {c: (c, "last") for c in kept} | {"hours": ("hours", "sum"), "need": ("need", "sum")}
    found = frame.groupby(["rep", "key"]).agg(**parts).reset_index()
    found["ratio"] = found["hours"] / found["need"]
    return found


def _untouched(panel: Panel) -> tuple[Untouched, ...]:
    """Accounts with no hour in any period, under their rep of the last one."""
    hours = panel.rows.groupby("key")["hours"].sum()
    last = panel.rows.drop_duplicates("key", keep="last").set_index("key")
    nobody = last[(hours.reindex(last.index) <= 0).to_numpy()].reset_index()
    nobody = nobody.sort_values(["potential", "key"], ascending=[False, True])
    columns = nobody[["account_id", "territory", "rep", "potential"]]
    return tuple(Untouched(a, t, r, float(v)) for a, t, r, v in columns.itertuples(index=False))


def _usual(
    own: pd.DataFrame, others: pd.DataFrame, rng: np.random.Generator
) -> tuple[float, float, float]:
    """The rep's concentration, the 90th percentile of drawn books, and the p of the test.

    Drawn books have the rep's own accounts, and for each the relative hours of an account of about
    the same need among the other reps', each rep's brought to the same mean first.
    """
    need = own["need"].to_numpy(dtype=np.float64)
    mine = concentration(own["hours"].to_numpy(dtype=np.float64), need)
    if len(own) < _LEAST or len(others) < _LEAST or own["hours"].sum() <= 0:
        return mine, float("nan"), 1.0
    level = others.groupby("rep")["hours"].transform("sum") / others.groupby("rep")[
        "need"
    ].transform("sum")
    pool = (others["ratio"] / level.where(level > 0, 1.0)).to_numpy(dtype=np.float64)
    pool = pool[np.argsort(others["need"].to_numpy(dtype=np.float64), kind="stable")]
    rank = np.searchsorted(np.sort(others["need"].to_numpy(dtype=np.float64)), need)
    width = max(_LEAST, len(pool) // 10)
    near = rank[None, :] + rng.integers(-width // 2, width // 2 + 1, (_DRAWS, len(need)))
    ratio = pool[np.clip(near, 0, len(pool) - 1)]
    drawn = np.array([concentration(row * need, need) for row in ratio])
    tail = (1 + int((drawn >= mine).sum())) / (1 + _DRAWS)
    return mine, float(np.quantile(drawn, 0.9)), tail


def _leaves(rows: pd.DataFrame) -> tuple[str, float]:
    """The trait that goes most with getting less than one's due, if any does beyond chance."""
    best = ("", 0.0)
    if len(rows) < _LEAST or rows["hours"].sum() <= 0:
        return best
    for name, (column, sign) in _TRAITS.items():
        if column not in rows or rows[column].isna().all() or rows[column].nunique() < 2:
            continue
        known = rows[rows[column].notna()]
        found = stats.spearmanr(known[column] * sign, known["ratio"])
        rank, p = float(found.statistic), float(found.pvalue)
        if rank < min(best[1], -0.2) and p < 0.01:
            best = (name, rank)
    return best
