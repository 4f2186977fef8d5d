"""What a planner asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sales.accounts.types import RowIssue
from sales.roster import Rep
from sales.rules.alignment import Alignment
from sales.rules.limits import Limit
from sales.rules.tables import RuleTable


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

    `incumbent` is the alignment in force; then the number of territories may be left out, and
    `max_disruption` is the fraction of its weight that may change hands; `disruption_by` says
    what accounts weigh there: their potential, or each the same. `same_cells` takes the ground that
    the incumbent, a plan of cells, has; effort "none" searches nothing: what nobody continues goes
    to its nearest neighbours. `capacity` with
    `territories` None and no reps asks for the least number of territories of at most so much of
    the first measure. `barriers` is GeoJSON of lines; `locks`, `together`, `apart` are tables as
    read; `homes` says how much a rep's home binds (hard: its unit is locked). `prefix` begins every
    territory's id and `label` its name, where this is one geography of several.
    """

    territories: int | None = None
    reps: tuple[Rep, ...] = ()
    balance: tuple[BalanceGoal, ...] = ()
    resolution: int | None = None
    seed: int = 0
    market: Mapping[str, Any] | None = None
    time_limit: float | None = None
    effort: Literal["none", "quick", "default"] = "default"
    shape: float = 1.0  # above 1 rounder, below 1 more even
    exact: Literal["inertia", "cut_edges"] | None = None  # prove the least of this
    incumbent: Alignment | None = None
    max_disruption: float | None = None
    disruption_by: Literal["potential", "accounts"] = "potential"
    same_cells: bool = False
    capacity: float | None = None
    locks: RuleTable | None = None
    together: RuleTable | None = None
    apart: RuleTable | None = None
    limits: tuple[Limit, ...] = ()
    barriers: Mapping[str, Any] | None = None
    homes: Literal["soft", "hard", "off"] = "soft"
    roster_issues: tuple[RowIssue, ...] = ()  # doubts about the roster, for the review
    prefix: str = ""
    label: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # as typed, for the provenance
