"""The state of the search, and the moves that a round of it makes."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int32
from geo.cells.graph import CellGraph
from geo.design.flips import anneal
from geo.design.recombine import recombine
from geo.design.score import Neighbours, Sums, Terms, inertia, sums_of
from geo.measures.compactness import cut_edges

_PAIR = 300  # units of two territories that are still worth a recombination

RandomState = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(eq=False)
class Search:
    """A plan under way: `labels` (n) and the sums that go with them are changed in place."""

    terms: Terms
    graph: CellGraph
    around: Neighbours
    labels: Int32
    sums: Sums
    state: RandomState

    def deviations(self) -> Float:
        """Signed deviations from the targets, shape (p, balanced measures)."""
        return np.asarray(self.sums.load / self.terms.targets - 1.0)

    def worst(self) -> Float:
        """Each territory's largest absolute deviation over the balanced measures, shape (p)."""
        return np.asarray(np.abs(self.deviations()).max(axis=1))

    def energy(self) -> float:
        """The objective of geo.design.score, recomputed."""
        balance = (self.terms.strength * self.deviations() ** 2).sum()
        shape = self.terms.shape * inertia(self.terms, self.labels)
        return float(balance + shape + self.terms.border * cut_edges(self.graph, self.labels))

    def adopt(self, labels: Int32) -> None:
        """Go on from `labels`."""
        self.labels = labels.copy()
        self.sums = sums_of(self.terms, self.labels)

    def flips(self, movable: Bool, *, sweeps: float, hot: float, cold: float) -> None:
        """Anneal single flips within `movable`, `sweeps` proposals per movable unit."""
        anneal(
            self.terms, self.around, self.labels, self.sums, movable,
            proposals=int(sweeps * movable.sum()), hot=hot, cold=cold, state=self.state,
        )  # fmt: skip

    def recombinations(self, active: Int32, *, rounds: int, hot: float, cold: float) -> None:
        """Merge and cut random pairs of the `active` territories."""
        recombine(
            self.terms, self.around, self.labels, self.sums, active,
            rounds=rounds, trees=3, most=_PAIR, hot=hot, cold=cold, state=self.state,
        )  # fmt: skip

    def touching(self) -> Bool:
        """Which territories share a border or a bridge, shape (p, p)."""
        p = len(self.terms.targets)
        a, b = self.labels[self.graph.rows], self.labels[self.graph.indices]
        touch = np.zeros((p, p), dtype=bool)
        touch[a[a != b], b[a != b]] = True
        return touch
