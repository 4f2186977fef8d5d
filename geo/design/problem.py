"""What is to be designed: units, what they are worth, which touch, and the wanted totals."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int, Int32, frozen
from geo.cells.graph import CellGraph
from geo.errors import InputError, OptionError
from geo.sphere import to_xyz


@dataclass(frozen=True, eq=False)
class Incumbent:
    """The plan in force, from which a realignment starts and against which disruption is measured.

    `labels` int32 (n), each unit's territory in 0..p-1, or -1 where it has none that lives on;
    `weight` (n), ≥ 0, what is disrupted if the unit changes territory (its accounts' potential);
    `max_disruption` fraction of all weight that may change territory, inf for no limit. Units with
    label -1 do not count: they must move whatever is done.
    """

    labels: Int32
    weight: Float
    max_disruption: float = np.inf

    def __post_init__(self) -> None:
        frozen(self.labels)
        frozen(self.weight)

    def disruption(self, labels: Int32) -> float:
        """The fraction of weight whose territory differs between the incumbent and `labels`."""
        had = self.labels >= 0
        moved = had & (labels != self.labels)
        return float(self.weight[moved].sum() / max(self.weight[had].sum(), 1e-300))


@dataclass(frozen=True, eq=False)
class DesignProblem:
    """n units to be grouped into p territories.

    `lat`, `lng` unit centres in degrees (n); `activity` (n, q), ≥ 0; `measures` the q names;
    `targets` (p, q) wanted totals, in the unit of the measure, columns summing to the totals;
    `tolerance` (q) fraction, 0 for as even as can be, NaN for a measure that is reported but not
    balanced (the first one then stays within half of the target if it can, and shape decides); the
    first measure is the one that compactness is weighted by. `graph` must be connected. `homes` (p,
    2) latitude and longitude of each territory's rep, NaN where unknown, or None: they draw targets
    to their side of the map. `incumbent` the plan to stay close to. `locked` int32 (n): the
    territory that a unit must belong to, -1 where free. `closed` bool (p): territories that neither
    gain nor lose a unit against the incumbent. `together` int32 (n): group of units that share a
    territory, -1 for none (`geo.design.contract` makes each one unit before the solve). `apart` (m,
    2): pairs of units that must not share one. `low`, `high` (p, q): least and most of each measure
    in each territory, NaN where there is no such limit. Raises InputError or OptionError where no
    plan can exist.
    """

    lat: Float
    lng: Float
    activity: Float
    measures: tuple[str, ...]
    graph: CellGraph
    targets: Float
    tolerance: Float
    homes: Float | None = None
    incumbent: Incumbent | None = None
    locked: Int32 | None = None
    closed: Bool | None = None
    together: Int32 | None = None
    apart: Int | None = None
    low: Float | None = None
    high: Float | None = None

    def __post_init__(self) -> None:
        n, p = len(self.lat), len(self.targets)
        if self.activity.shape != (n, len(self.measures)) or len(self.graph) != n:
            raise InputError("units, activity and graph differ in size")
        if not 1 <= p <= n:
            raise OptionError(
                f"{p} territories cannot be made of {n} units",
                hint=f"Ask for 1 to {n} territories, or for a finer resolution.",
            )
        if not (self.activity.sum(axis=0) > 0)[0]:
            raise InputError(
                f"the whole market has no {self.measures[0]}",
                hint="Balance by another measure, or map the right column with --column.",
            )
        if not (np.isfinite(self.targets).all() and (self.targets > 0)[:, 0].all()):
            raise OptionError("every territory needs a target above zero")
        if self.graph.components()[0] != 1:
            raise InputError("the units do not hang together", hint="Join islands by bridges.")
        for array in (self.lat, self.lng, self.activity, self.targets, self.tolerance):
            frozen(array)
        for rule in (self.locked, self.closed, self.together, self.apart, self.low, self.high):
            if rule is not None:
                frozen(rule)

    def __len__(self) -> int:
        return len(self.lat)

    @property
    def territories(self) -> int:
        """p, the number of territories wanted."""
        return len(self.targets)

    def bands(self) -> tuple[Float, Float]:
        """Least and most of each measure in each territory, (p, q) each, ∓inf where free.

        The tolerance about the target, narrowed by `low` and `high`.
        """
        free = ~np.isfinite(self.tolerance)
        tight = np.where(free, 0.0, self.tolerance)
        low = np.where(free, -np.inf, (1 - tight) * self.targets)
        high = np.where(free, np.inf, (1 + tight) * self.targets)
        if self.low is not None:
            low = np.fmax(low, self.low)
        if self.high is not None:
            high = np.fmin(high, self.high)
        return low, high

    def xyz(self) -> Float:
        """Unit centres as vectors in km, shape (n, 3)."""
        return to_xyz(self.lat, self.lng)


@dataclass(frozen=True, eq=False)
class Plan:
    """A complete assignment: `labels` int32 (n) in 0..p-1, and how the search ended."""

    labels: Int32
    stop_reason: str
    seed: int

    def __post_init__(self) -> None:
        frozen(self.labels)


def targets_by_share(activity: Float, share: Float) -> Float:
    """Targets in proportion to `share` (p), e.g. rep capacities: shape (p, q)."""
    return np.outer(share / share.sum(), activity.sum(axis=0))
