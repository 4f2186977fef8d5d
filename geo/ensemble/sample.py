"""Chains of maps drawn by recombination, and what is looked at in each of them.

After ReCom (DeFord, Duchin, Solomon 2021): an edge between two territories is drawn uniformly among
all of them (long borders are cut more often), a random spanning tree of the two is drawn, and one
of its edges whose cut leaves both within their bands, each as likely as the other. Where there is
none another tree is drawn. Every map hangs together and keeps the bands by construction. In the
long run a map comes up about as often as it has spanning trees: round territories more often than
ragged ones. It is not a uniform draw among all maps, which nobody can make.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.arrays import Float, Int, Int32, frozen
from geo.design.random import stream
from geo.ensemble.market import Market
from geo.ensemble.steps import walk
from geo.progress import Progress, silent

Tree = Literal["uniform", "minimal"]
Look = Callable[[Int32], Float]
_TREES = 100  # drawn for one pair before the step is given up


class Chain:
    """A walk from map to map; `labels` is where it is now."""

    def __init__(
        self, market: Market, start: Int32, key: tuple[int, ...], tree: Tree = "uniform",
        trees: int = _TREES,
    ) -> None:  # fmt: skip
        """Begin at `start`, which `market.check` lets pass; same key, same walk."""
        self._market, self._trees, self._uniform = market, trees, tree == "uniform"
        self._state, self._sources = stream(*key), market.graph.rows
        self.labels = start.copy()
        self.counts = np.zeros(3, np.int64)  # steps, cuts, trees

    def advance(self, steps: int) -> Int32:
        """Go on by so many steps."""
        m = self._market
        walk(
            steps, self._trees, self._uniform, self.labels, m.graph.indptr, m.graph.indices,
            self._sources, m.activity, m.lock, m.closed, m.low, m.high, self._state, self.counts,
        )  # fmt: skip
        return self.labels


@dataclass(frozen=True, eq=False)
class Ensemble:
    """`values` (chains, maps, figures) what was seen of each map, in the order drawn.

    `thin` steps lie between two maps, `burn` were done before the first; `counts` (chains, 3) are
    the steps done, the steps that cut anew, and the trees drawn for them.
    """

    values: Float
    thin: int
    burn: int
    counts: Int

    def __post_init__(self) -> None:
        frozen(self.values)
        frozen(self.counts)

    @property
    def pooled(self) -> Float:
        """The maps of all chains, (chains · maps, figures)."""
        return self.values.reshape(-1, self.values.shape[2])

    @property
    def acceptance(self) -> float:
        """Share of the steps that cut their pair anew."""
        return float(self.counts[:, 1].sum() / max(self.counts[:, 0].sum(), 1))


def sample(
    market: Market,
    start: Int32,
    look: Look,
    *,
    maps: int,
    thin: int,
    burn: int,
    seed: int,
    tree: Tree = "uniform",
    chains: int = 2,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = lambda: False,
) -> Ensemble:
    """Draw `maps` maps (a multiple of `chains`, else the next one), the same for the same seed.

    The chains run beside each other. Raises OptionError where `start` is no valid map. Told to
    stop, it keeps the maps that all chains have (at least one each).
    """
    market.check(start)
    each = -(-maps // chains)
    done, lock = [0] * chains, threading.Lock()

    def run(which: int) -> tuple[Float, Int]:
        chain = Chain(market, start, (seed, which), tree)
        left = burn
        while left > 0 and not should_stop():
            chain.advance(min(left, thin))
            left -= thin
        rows = []
        for number in range(each):
            rows.append(look(chain.advance(thin)))
            with lock:
                done[which] = number + 1
                progress("ensemble", sum(done) / (each * chains), f"{sum(done)} maps")
            if should_stop():
                break
        return np.array(rows, dtype=np.float64), chain.counts

    with ThreadPoolExecutor(chains) as pool:
        found = list(pool.map(run, range(chains)))
    least = min(len(rows) for rows, _ in found)
    values = np.stack([rows[:least] for rows, _ in found])
    return Ensemble(values, thin, burn, np.stack([counts for _, counts in found]))
