"""Attainment, pipeline and win rate by territory: what was brought, what is open, what was lost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sales.diagnose.panel import Panel

_PRIOR = 20.0  # decided deals that the company's own rate counts for, in a territory's rate
_WON = {"won", "closed won", "true", "yes", "1", "win", "gewonnen"}


@dataclass(frozen=True, slots=True)
class Attained:
    """A territory in figures.

    `share`: bookings over those of the same potential at the company's rate (1: the average);
    `attainment`: bookings over quota. `win_rate` of decided deals, with its 90 % interval (Wilson);
    `lost_to_competitors`: share of decided deals. NaN for what is not known.
    """

    territory: str
    name: str
    rep: str
    accounts: int
    potential: float
    booked: float
    share: float
    quota: float
    attainment: float
    pipeline: float
    pipeline_share: float
    decided: int
    win_rate: float
    win_low: float
    win_high: float
    lost_to_competitors: float


def attainment(
    panel: Panel,
    opportunities: pd.DataFrame | None = None,
    quotas: pd.DataFrame | None = None,
) -> tuple[Attained, ...]:
    """One line for each territory of the alignment, in the order of the ids."""
    rows = panel.rows
    sums = rows.groupby("territory").agg(booked=("booked", "sum"), base=("base", "sum"))
    rate = float(sums["booked"].sum() / sums["base"].sum())
    once = rows.drop_duplicates("key").groupby("territory")
    accounts, potential = once.size(), once["potential"].sum()
    pipeline = once["pipeline"].sum() if "pipeline" in rows else None
    decided = _decided(panel, opportunities)
    quota = _quotas(panel, quotas)
    held = panel.today[panel.today["rep"] != ""].groupby("territory")["rep"]
    holders = {t: str(reps.value_counts().sort_index().idxmax()) for t, reps in held}
    found = []
    for t in sums.index:
        booked, base = float(sums["booked"][t]), float(sums["base"][t])
        won, of, lost = decided.get(t, (0, 0, 0))
        low, high = wilson(won, of)
        open_ = math.nan if pipeline is None else float(pipeline[t])
        target = quota.get(t, math.nan)
        found.append(Attained(
            t, panel.names.get(t, t), holders.get(t, ""), int(accounts[t]),
            float(potential[t]), booked, booked / (rate * base) if rate > 0 else math.nan,
            target, booked / target if target > 0 else math.nan,
            open_, open_ / float(potential[t]), of, won / of if of else math.nan, low, high,
            lost / of if of else math.nan,
        ))  # fmt: skip
    return tuple(found)


def wilson(won: int, of: int, z: float = 1.6449) -> tuple[float, float]:
    """The interval of a rate that Wilson's score test does not reject; 90 % unless told."""
    if not of:
        return math.nan, math.nan
    p, square = won / of, z * z / of
    middle = (p + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(p * (1 - p) / of + square / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def competition(panel: Panel, opportunities: pd.DataFrame | None) -> Mapping[str, float] | None:
    """Territory → log odds of losing a deal to a competitor, drawn to the company's where few.

    None where no lost deal says that a competitor won it.
    """
    decided = _decided(panel, opportunities)
    of, lost = (sum(v[i] for v in decided.values()) for i in (1, 2))
    if not lost:
        return None
    usual = lost / of
    rates = {
        t: (c + _PRIOR * usual) / (n + _PRIOR) for t, (_, n, c) in decided.items() if n
    }  # fmt: skip
    return {t: math.log(p / (1 - p)) for t, p in rates.items() if p < 1}


def is_won(values: "pd.Series[str]") -> "pd.Series[bool]":
    """Whether an outcome, as CRMs write it, is a deal won."""
    return values.str.strip().str.casefold().isin(_WON)


def _decided(panel: Panel, opportunities: pd.DataFrame | None) -> dict[str, tuple[int, int, int]]:
    """Territory → deals won, decided, and lost to a competitor."""
    if opportunities is None:
        return {}
    where = opportunities["key"].map(panel.today["territory"]).fillna("")
    outcome = opportunities["won"].str.strip().str.casefold()
    closed = (
        is_won(opportunities["won"])
        | outcome.str.contains("lost")
        | outcome.isin(["false", "no", "0", "loss"])
    )
    competitor = opportunities["reason"].str.casefold().str.contains("compet", regex=False)
    frame = pd.DataFrame({
        "t": where, "won": is_won(opportunities["won"]), "lost": competitor
    })[closed & (where != "")]  # fmt: skip
    frame["lost"] &= ~frame["won"]
    sums = frame.groupby("t").agg(won=("won", "sum"), of=("won", "size"), lost=("lost", "sum"))
    return {str(t): (int(w), int(n), int(c)) for t, w, n, c in sums.itertuples()}


def _quotas(panel: Panel, quotas: pd.DataFrame | None) -> dict[str, float]:
    if quotas is None:
        return {}
    of_name = {name: t for t, name in panel.names.items()}
    holders = panel.today[panel.today["rep"] != ""].drop_duplicates("rep").set_index("rep")
    found: dict[str, float] = {}
    for territory, rep, quota in quotas[["territory", "rep", "quota"]].itertuples(index=False):
        t = of_name.get(territory, territory) or str(holders["territory"].get(rep, ""))
        if t:
            found[t] = found.get(t, 0.0) + float(quota)
    return found
