"""What a planner asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sales.accounts.types import RowIssue
from sales.roster import Rep


@dataclass(frozen=True, slots=True)
class BalanceGoal:
    """A measure to balance, and the allowed absolute deviation as a fraction."""

    measure: str = "potential"
    tolerance: float = 0.05


@dataclass(frozen=True)
class DesignRequest:
    """Options of one design, already checked one by one; the command line and the API make it.

    Give `territories` or `reps` (then one territory per rep, targets by capacity), not both.
    `balance` empty means potential within 5 %. `resolution` None means automatic. `market` is a
    GeoJSON geometry, Feature or FeatureCollection of polygons. `time_limit` in seconds.
    """

    territories: int | None = None
    reps: tuple[Rep, ...] = ()
    balance: tuple[BalanceGoal, ...] = ()
    resolution: int | None = None
    seed: int = 0
    market: Mapping[str, Any] | None = None
    time_limit: float | None = None
    exact: Literal["inertia", "cut_edges"] | None = None  # prove the least of this
    roster_issues: tuple[RowIssue, ...] = ()  # doubts about the roster, for the review
    options: Mapping[str, Any] = field(default_factory=dict)  # as typed, for the provenance
