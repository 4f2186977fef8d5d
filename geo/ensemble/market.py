"""What makes a map valid, for maps drawn at random."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int32, frozen
from geo.cells.graph import CellGraph
from geo.errors import OptionError
from geo.measures.balance import loads
from geo.measures.contiguity import pieces


@dataclass(frozen=True, eq=False)
class Market:
    """n units that p territories share: each hangs together and lies within its bands.

    `activity` (n, q) of the measures that have bands; `low`, `high` (p, q), ∓inf where free;
    `lock` int32 (n) the territory that must own a unit, -1 for free; `closed` bool (p) territories
    that stay as they are. Territories are told apart by their bands: a map drawn may put the
    territory of half a target anywhere.
    """

    graph: CellGraph
    activity: Float
    low: Float
    high: Float
    lock: Int32
    closed: Bool

    def __post_init__(self) -> None:
        for array in (self.activity, self.low, self.high, self.lock, self.closed):
            frozen(array)

    @property
    def territories(self) -> int:
        """p."""
        return len(self.low)

    def check(self, labels: Int32) -> None:
        """Raise OptionError where `labels` is no valid map, saying why."""
        p = self.territories
        parts = pieces(self.graph, labels, p)
        if (parts != 1).any():
            raise OptionError(
                f"{int((parts != 1).sum())} territories of the plan do not hang together",
                hint="Start from a plan whose territories are contiguous.",
            )
        load = loads(self.activity, labels, p)
        outside = ((load < self.low) | (load > self.high)).any(axis=1)
        if outside.any():
            raise OptionError(
                f"{int(outside.sum())} territories of the plan lie outside the tolerance or limits",
                hint="Allow more with --tolerance, or start from a plan within its tolerance.",
            )
        if (self.lock[self.lock >= 0] != labels[self.lock >= 0]).any():
            raise OptionError(
                "the plan breaks one of its locks", hint="Start from a plan that keeps its rules."
            )
        if (~self.closed).sum() < 2:
            raise OptionError(
                "fewer than two territories may change, so there is only one map",
                hint="Start from a plan with at least two territories that are not closed.",
            )


def bands(targets: Float, tolerance: Float) -> tuple[Float, Float]:
    """(1 ∓ tolerance) · targets, (p, q), let out by a rounding error."""
    slack = 1e-9 * targets
    return (1 - tolerance) * targets - slack, (1 + tolerance) * targets + slack


def free(n: int) -> Int32:
    """No unit is locked."""
    return np.full(n, -1, np.int32)
