"""How many territories a market needs, what one more or fewer is worth, which quotas can be met."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float
from geo.errors import NotFoundError
from sales.sizing.market import MarketRow, market_rows
from sales.sizing.model import SizingModel
from sales.sizing.placed import Market, Seats
from sales.sizing.response import sales_of, share_sold
from sales.sizing.workload import Workload, workload_of


@dataclass(frozen=True, slots=True)
class Step:
    """The market with so many reps: sales, what the last of them added, and what is left of the
    margin after the reps' cost."""

    reps: int
    coverage: float
    sales: float
    added: float
    profit: float


@dataclass(frozen=True, slots=True)
class TerritoryLoad:
    """One territory of a plan. `carries`: the sales that its potential and hours allow.

    `coverage` None where nothing is to be done, `quota` None where none was given; `reason`: why
    the quota is out of reach, else "".
    """

    id: str
    name: str
    rep: str
    accounts: int
    potential: float
    visit_h: float
    travel_h: float
    capacity_h: float
    coverage: float | None
    carries: float
    quota: float | None
    reason: str


@dataclass(frozen=True)
class Sizing:
    """`by_workload` reps cover the market fully; `by_potential` have enough to make quota each
    (None without one). `base` reps: today's, of the plan, or else by workload. `best`: the
    most profitable number. `unplaced` accounts travel as the average one."""

    accounts: int
    unplaced: int
    unclassed: int
    potential: float
    attainable: float
    hours: float
    travel_share: float
    selling_hours: float
    by_workload: float
    by_potential: float | None
    base: int
    best: int
    classes: tuple[MarketRow, ...]
    segments: tuple[MarketRow, ...]
    steps: tuple[Step, ...]
    territories: tuple[TerritoryLoad, ...]
    remarks: tuple[str, ...]


def size(market: Market, seats: Seats | None, model: SizingModel) -> Sizing:
    """Size a market; with `seats`, the territories of a plan too."""
    work = workload_of(market, model, seats)
    rep_h = model.rep.selling_hours
    hours, potential = float(work.total_h.sum()), float(market.potential.sum())
    attainable, needed = potential * model.quota.share, hours / rep_h
    per_rep = model.quota.per_rep
    by_potential = attainable / per_rep if per_rep else None
    base = _base(model, seats, needed)
    labels = [each.name for each in model.classes.classes] + ["(no class)"]
    names = np.array(labels, dtype=object)[market.call_class]
    shown = (market.potential, work.calls, work.visit_h, work.travel_h, rep_h)
    curve = _Curve(model, max(needed, 1e-9), attainable)
    return Sizing(
        len(market.potential),
        int((~np.isfinite(market.lat)).sum()),
        int((market.call_class < 0).sum()),
        potential, attainable, hours, float(work.travel_h.sum() / hours) if hours else 0.0, rep_h,
        needed, by_potential, base, curve.best(),
        market_rows(names, *shown), market_rows(market.segment, *shown),
        curve.steps(base, model.quota.steps),
        _territories(market, work, seats, model, curve) if seats is not None else (),
        _remarks(work, seats, needed, by_potential),
    )  # fmt: skip


@dataclass(frozen=True)
class _Curve:
    """Sales of the whole market by number of reps."""

    model: SizingModel
    needed: float
    attainable: float

    def sales(self, reps: Float) -> Float:
        return sales_of(reps, self.needed, self.attainable, self.model.response)

    def full(self) -> float:
        """Sales at full coverage."""
        return float(self.sales(np.array([self.needed]))[0])

    def profit(self, reps: Float) -> Float:
        cost = self.model.rep.cost * reps
        return np.asarray(self.model.response.margin * self.sales(reps) - cost, dtype=np.float64)

    def steps(self, base: int, around: int) -> tuple[Step, ...]:
        counts = np.arange(max(0, base - around - 1), base + around + 1, dtype=np.float64)
        sales, profit = self.sales(counts), self.profit(counts)
        return tuple(
            Step(
                int(counts[i]), float(counts[i] / self.needed), float(sales[i]),
                float(sales[i] - sales[i - 1]), float(profit[i]),
            )
            for i in range(1, len(counts))
        )  # fmt: skip

    def best(self) -> int:
        """The most profitable number: profit is concave, so where it stops rising."""
        low, high = 0, 1
        while high < 10_000_000 and self._gain(high) > 0.0:
            low, high = high, 2 * high
        while low < high:
            middle = (low + high) // 2
            if self._gain(middle) > 0.0:
                low = middle + 1
            else:
                high = middle
        return low

    def _gain(self, reps: int) -> float:
        now, more = self.profit(np.array([reps, reps + 1.0]))
        return float(more - now)


def _base(model: SizingModel, seats: Seats | None, needed: float) -> int:
    if seats is not None:
        return max(1, round(float(seats.full_time.sum())))
    if model.response.reps_today is not None:
        return max(1, round(model.response.reps_today))
    return max(1, math.ceil(needed - 1e-9))


def _territories(
    market: Market, work: Workload, seats: Seats, model: SizingModel, curve: _Curve
) -> tuple[TerritoryLoad, ...]:
    quotas = _quotas(seats, model)
    # one account's attainable sales, on the scale of today's sales where they are given
    scale = curve.full() / max(float(market.potential.sum()), 1e-300)
    made = []
    for at, territory in enumerate(seats.ids):
        mine = market.territory == at
        visit_h, travel_h = float(work.visit_h[mine].sum()), float(work.travel_h[mine].sum())
        capacity = float(seats.full_time[at] * model.rep.selling_hours)
        need = visit_h + travel_h
        coverage = capacity / need if need > 0.0 else None
        covered = 1.0 if coverage is None else min(coverage, 1.0)
        potential = float(market.potential[mine].sum())
        full = scale * potential
        carries = full * float(share_sold(np.array([covered]), model.response)[0])
        quota = quotas.get(territory)
        made.append(
            TerritoryLoad(
                territory, seats.names[at], seats.reps[at], int(mine.sum()), potential, visit_h,
                travel_h, capacity, coverage, carries, quota,
                _reason(quota, carries, full, capacity, need),
            )
        )  # fmt: skip
    return tuple(made)


def _quotas(seats: Seats, model: SizingModel) -> Mapping[str, float]:
    unknown = sorted(set(model.quota.of) - {*seats.ids, *seats.reps, *seats.names})
    if unknown:
        raise NotFoundError(
            f"the quotas name {unknown[0]!r}, which is no territory of the plan",
            hint=f"Name a territory or its rep, such as {seats.ids[0]}.",
        )
    found: dict[str, float] = {}
    for at, territory in enumerate(seats.ids):
        for name in (territory, seats.names[at], seats.reps[at]):
            if name in model.quota.of:
                found.setdefault(territory, model.quota.of[name])
        if territory not in found and model.quota.per_rep is not None:
            found[territory] = model.quota.per_rep * float(seats.full_time[at])
    return found


def _reason(quota: float | None, carries: float, full: float, capacity: float, need: float) -> str:
    if quota is None or quota <= carries * (1.0 + 1e-12):
        return ""
    if quota > full:
        hours = f"; and its hours bring {carries:,.0f} only" if carries < full * 0.995 else ""
        return f"too little potential: {full:,.0f} even at full coverage{hours}"
    return (
        f"too little time: {capacity:,.0f} of {need:,.0f} h, so {carries:,.0f}; full coverage "
        f"would bring {full:,.0f}"
    )


def _remarks(
    work: Workload,
    seats: Seats | None,
    needed: float,
    by_potential: float | None,
) -> tuple[str, ...]:
    said = []
    if seats is None:
        said.append(
            f"Travel is that of {work.territories} round territories, worked from their middle."
        )
    else:
        said.append(
            f"Travel is that of the plan's {len(seats.ids)} territories, worked from the reps' "
            "homes where known, else from the middle."
        )
    if by_potential is None:
        said.append("By potential: give [quota] per_rep, what a rep has to bring.")
    elif by_potential < needed * 0.9:
        said.append(
            "The market feeds fewer reps than would cover it: thin out calls, or accept that C "
            "accounts go uncovered."
        )
    elif by_potential > needed * 1.1:
        said.append("More reps could make quota than are needed to cover every account.")
    return tuple(said)
