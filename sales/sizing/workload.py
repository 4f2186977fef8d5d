"""Hours a year for each account: visits, and the way to them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Bool, Float, Int
from geo.errors import NothingLocatedError
from geo.sphere import to_lat_lng, to_xyz
from sales.sizing.model import SizingModel
from sales.sizing.placed import Market, Seats, bases
from sales.sizing.travel import visit_km

_ROUNDS: Final = 6
_MOST_CENTERS: Final = 2_000


@dataclass(frozen=True, eq=False)
class Workload:
    """`calls`, `visit_h` and `travel_h` (n) a year. `territories`: how many the travel is for."""

    calls: Float
    visit_h: Float
    travel_h: Float
    territories: int

    @property
    def total_h(self) -> Float:
        """Hours a year (n)."""
        return self.visit_h + self.travel_h


def workload_of(market: Market, model: SizingModel, seats: Seats | None) -> Workload:
    """The hours of every account; one without a position travels as the average account.

    Without a plan the market is cut into as many round territories as its own workload needs:
    fewer territories are larger, and drive more. Raises NothingLocatedError.
    """
    classes = model.classes.classes
    calls_by = np.array([*(each.calls for each in classes), 0.0])
    hours_by = np.array([*(each.hours for each in classes), 0.0])
    calls = calls_by[market.call_class]
    visit_h = calls * hours_by[market.call_class]
    placed = np.isfinite(market.lat) & np.isfinite(market.lng)
    if seats is not None:
        placed &= market.territory >= 0
    if not placed.any():
        raise NothingLocatedError(
            "no account has a position, so nothing is known of the travel",
            hint="Fill in postal codes, or city and state; with a plan, give the file of the plan.",
        )
    if seats is not None:
        each = _hours(market, placed, market.territory[placed], bases(market, seats), model)
        return Workload(calls, visit_h, _travel(calls, placed, each), len(seats.ids))
    return _own(market, placed, calls, visit_h, model)


def _own(
    market: Market, placed: Bool, calls: Float, visit_h: Float, model: SizingModel
) -> Workload:
    p, travel_h = max(1, _needed(visit_h, model)), np.zeros(len(calls))
    most = min(int(placed.sum()), _MOST_CENTERS)
    for _ in range(_ROUNDS):
        p = min(p, most)
        label, base = _round_territories(market, placed, p, calls)
        travel_h = _travel(calls, placed, _hours(market, placed, label, base, model))
        needed = min(max(1, _needed(visit_h + travel_h, model)), most)
        if needed == p:
            break
        p = needed
    return Workload(calls, visit_h, travel_h, p)


def _needed(hours: Float, model: SizingModel) -> int:
    return int(np.ceil(hours.sum() / model.rep.selling_hours - 1e-9))


def _hours(market: Market, placed: Bool, label: Int, base: Float, model: SizingModel) -> Float:
    """Hours on the way for one visit of each placed account."""
    km = visit_km(market.lat[placed], market.lng[placed], label, base, model.travel)
    return km / model.travel.speed_kmh


def _travel(calls: Float, placed: Bool, each: Float) -> Float:
    made = np.full(len(calls), _average(each, calls[placed]))
    made[placed] = each
    return made * calls


def _average(each: Float, calls: Float) -> float:
    return float(np.average(each, weights=calls) if calls.sum() else each.mean())


def _round_territories(
    market: Market, placed: Bool, territories: int, calls: Float
) -> tuple[Int, Float]:
    """Territories around centres that lie where the calls are (k-means on the globe)."""
    from sklearn.cluster import KMeans

    points = to_xyz(market.lat[placed], market.lng[placed])
    weight = np.maximum(calls[placed], 1e-9)
    distinct = len(np.unique(points.round(6), axis=0))
    found = KMeans(min(territories, distinct), n_init=1, random_state=0).fit(
        points, sample_weight=weight
    )
    lat, lng = to_lat_lng(np.asarray(found.cluster_centers_, dtype=np.float64))
    return np.asarray(found.labels_, dtype=np.int64), np.stack([lat, lng], axis=1)
