"""The market: balance of the territories now, and segments whose density or value shifted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Float
from sales.drift.alerts import Alert, Where
from sales.drift.thresholds import Thresholds


@dataclass(frozen=True, eq=False)
class Market:
    """Accounts with their territory in the plan ("" none): `territory`, the measures, segments.

    One row per account; columns `territory`, each measure of the plan that the accounts have,
    and each segment column that they have.
    """

    frame: pd.DataFrame
    measures: tuple[str, ...]


def balance_alerts(
    document: Mapping[str, Any], market: Market, limits: Thresholds, where: Where
) -> list[Alert]:
    """Territories that are out of tolerance now, and were not, or not so far."""
    found: list[Alert] = []
    territories = document["territories"]
    ids = [t["id"] for t in territories]
    targets = np.array([t["target"] for t in territories], dtype=np.float64)
    for j, measure in enumerate(document["measures"]):
        if measure not in market.measures:
            continue
        now = market.frame.groupby("territory")[measure].sum().reindex(ids).fillna(0.0).to_numpy()
        if now.sum() <= 0:
            continue
        share = now.sum() * targets / targets.sum()
        deviation = now / share - 1
        tolerance = limits.tolerance or document["tolerance"].get(measure)
        if tolerance is None:
            continue
        for k, territory in enumerate(territories):
            was = territory["deviation"] if j == 0 else territory["deviations"].get(measure)
            if was is None or abs(deviation[k]) <= tolerance + 1e-9:
                continue
            if abs(deviation[k]) <= max(tolerance, abs(was)) + 0.005:
                continue  # it was so when the plan was made, and the plan said so
            found.append(Alert(
                "balance", "act", territory["id"], float(was), float(deviation[k]),
                float(deviation[k] - was), float(tolerance),
                f"{territory['name']}: {measure} {was:+.1%} from its target when the plan was made,"
                f" {deviation[k]:+.1%} now ({now[k]:,.0f} against {share[k]:,.0f});"
                f" the tolerance is {tolerance:.1%}",
                "Realign with a budget of moves", where.design(),
            ))  # fmt: skip
    return sorted(found, key=lambda alert: -abs(alert.now))


def segment_alerts(
    then: Market, now: Market, columns: Sequence[str], limits: Thresholds, where: Where
) -> list[Alert]:
    """Segments whose number of accounts, worth per account, or share of the market shifted."""
    found: list[Alert] = []
    measure = next((m for m in then.measures if m in now.measures), None)
    if measure is None:
        return found
    for column in columns:
        if column not in then.frame or column not in now.frame:
            continue
        counts = [_sums(m.frame, column, measure) for m in (then, now)]
        names = sorted(set(counts[0].index) | set(counts[1].index))
        before, after = (c.reindex(names).fillna(0.0) for c in counts)
        for name in names:
            n0, n1 = float(before["n"][name]), float(after["n"][name])
            w0, w1 = float(before["w"][name]), float(after["w"][name])
            if max(n0, n1) >= limits.least_accounts and n0 > 0:
                found += _shift(
                    "density", f"{column} {name or 'blank'}", "accounts", n0, n1, limits.density,
                    where,
                )  # fmt: skip
            if min(n0, n1) >= limits.least_accounts and w0 > 0:
                found += _shift(
                    "value", f"{column} {name or 'blank'}", f"{measure} per account", w0 / n0,
                    w1 / n1, limits.value, where,
                )  # fmt: skip
            total = float(before["w"].sum()), float(after["w"].sum())
            if min(total) > 0:
                share = w0 / total[0], w1 / total[1]
                moved = share[1] - share[0]
                if abs(moved) >= limits.mix:
                    found.append(Alert(
                        "mix", "watch", f"{column} {name or 'blank'}", *share, moved, limits.mix,
                        f"{column} {name or 'blank'}: {share[0]:.1%} of {measure} when the plan was"
                        f" made, {share[1]:.1%} now; the threshold is {limits.mix:.1%}",
                        "Score and size the segments anew", where.design(),
                    ))  # fmt: skip
    return found


def _shift(
    kind: Any, about: str, what: str, then: float, now: float, limit: float, where: Where
) -> list[Alert]:
    change = now / then - 1
    if abs(change) < limit:
        return []
    step = (
        "See whether the segment still has the right number of territories" if kind == "density"
        else "Score the segment anew, then realign"
    )  # fmt: skip
    return [Alert(
        kind, "watch", about, then, now, change, limit,
        f"{about}: {then:,.0f} {what} when the plan was made, {now:,.0f} now: {change:+.0%};"
        f" the threshold is {limit:.0%}",
        step, where.design(),
    )]  # fmt: skip


def _sums(frame: pd.DataFrame, column: str, measure: str) -> pd.DataFrame:
    texts = frame[column].astype(str).str.strip()
    sums = frame.groupby(texts)[measure].agg(["size", "sum"])
    return sums.set_axis(["n", "w"], axis=1)


def weights(frame: pd.DataFrame, measure: str) -> Float:
    """A measure of each account; `accounts` counts one."""
    if measure == "accounts" and measure not in frame:
        return np.ones(len(frame))
    return frame[measure].to_numpy(dtype=np.float64)
