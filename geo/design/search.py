"""The state of the search: a complete, contiguous plan, and work on regions of it side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int, Int32
from geo.design.market import Market
from geo.design.random import RandomState, stream
from geo.design.region import Region, Weights, cut_out
from geo.design.threads import side_by_side
from geo.measures.balance import loads

Job = Callable[[Region, RandomState], None]


@dataclass(eq=False)
class Search:
    """A plan under way: `labels` (n) change in place; `turn` counts the batches of work done."""

    market: Market
    weights: Weights
    labels: Int32
    seed: int
    turn: int = 0

    @property
    def territories(self) -> int:
        """p."""
        return len(self.market.targets)

    def worst(self) -> float:
        """The largest absolute deviation from the targets that there are."""
        wanted = np.isfinite(self.market.low) | np.isfinite(self.market.high)
        return float((np.abs(self._loads() / self.market.targets - 1.0) * wanted).max())

    def beyond(self) -> Float:
        """By how many zones each territory's loads are outside their bands, at most, shape (p)."""
        market, load = self.market, self._loads()
        outside = np.maximum(load - market.high, market.low - load) / market.targets
        return np.where(market.open, (outside / market.zone).max(axis=1), 0.0)

    def within_limits(self) -> bool:
        """Whether no load is outside the limits of its territory."""
        load = self._loads()
        return bool(((load >= self.market.floor) & (load <= self.market.ceiling)).all())

    def settled(self) -> bool:
        """Whether every territory is within its bands."""
        return bool((self.beyond() <= 0).all())

    def _loads(self) -> Float:
        return loads(self.market.activity, self.labels, self.territories)

    def counts(self) -> Int:
        """Units of each territory, shape (p)."""
        return np.bincount(self.labels, minlength=self.territories)

    def touching(self) -> Bool:
        """Which territories share a border or a bridge, shape (p, p)."""
        market = self.market
        a = np.repeat(self.labels, np.diff(market.indptr))
        b = self.labels[market.indices]
        touch = np.zeros((self.territories, self.territories), dtype=bool)
        touch[a[a != b], b[a != b]] = True
        return touch

    def centroids(self) -> Float:
        """Centroids of the territories' mass, km (p, 3)."""
        mass, p = self.market.mass, self.territories
        sums = [np.bincount(self.labels, mass * x, p) for x in self.market.xyz.T]
        return np.stack(sums, axis=1) / np.bincount(self.labels, mass, p)[:, None]

    def work(self, regions: Sequence[Int32], job: Job) -> None:
        """Do `job` on each region (disjoint sets of territories), two or more at a time.

        Each has a stream of random numbers of its own, so the result does not depend on timing.
        """
        order = np.argsort(self.labels, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(self.labels, minlength=self.territories))
        place = np.empty(len(self.labels), np.int32)
        self.turn += 1

        def one(numbered: tuple[int, Int32]) -> Region:
            number, territories = numbered
            own = [order[ends[k - 1] if k else 0 : ends[k]] for k in territories.tolist()]
            # Ascending, as in the market: neighbours in memory are neighbours on the ground.
            units = np.sort(np.concatenate(own))
            region = cut_out(self.market, self.labels, units, territories, place)
            job(region, stream(self.seed, self.turn, number))
            return region

        for region in side_by_side(one, enumerate(regions)):
            self.labels[region.units] = region.territories[region.labels[:-1]]


def halves(search: Search, most: int, rng: np.random.Generator) -> list[Int32]:
    """The open territories in groups of at most `most` units, cut apart in random directions."""
    centroids, count = search.centroids(), search.counts()
    groups, stack = [], [np.flatnonzero(search.market.open).astype(np.int32)]
    while stack:
        group = stack.pop()
        if len(group) < 2 or count[group].sum() <= most:
            groups.append(np.sort(group))
            continue
        along = centroids[group] @ rng.standard_normal(3)
        group = group[np.argsort(along, kind="stable")]
        filled = np.cumsum(count[group])
        cut = int(np.searchsorted(filled, filled[-1] / 2)) + 1
        cut = min(max(cut, 1), len(group) - 1)
        stack += [group[:cut], group[cut:]]
    return [group for group in groups if len(group) > 1]
