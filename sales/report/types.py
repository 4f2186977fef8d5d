"""The content of reports, before it is laid out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Activity:
    """What was done for an account."""

    hours: float
    visits: float


@dataclass(frozen=True)
class Extras:
    """What a plan's files do not say; all of it may be missing.

    `title` of the plan. By key of the account (`sales.rules.alignment.keys_of`): `names`,
    `worth` in the plan's first measure, `had` (territory, rep) before, and `activities`.
    `quota` by rep or territory.
    """

    title: str = "Territory plan"
    names: Mapping[str, str] | None = None
    worth: Mapping[str, float] | None = None
    had: Mapping[str, tuple[str, str]] | None = None
    activities: Mapping[str, Activity] | None = None
    quota: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """What a territory (or the plan) holds of a measure; target and deviation if balanced."""

    name: str
    total: float
    target: float | None = None
    deviation: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Account:
    """One account; `share` of the territory's worth, `rule` that gave it, `was` who had it."""

    account_id: str
    name: str
    worth: float
    share: float
    rule: str
    was: str


@dataclass(frozen=True)
class Flow:
    """Accounts that go from one owner to another."""

    other: str
    accounts: int
    worth: float


@dataclass(frozen=True)
class Moves:
    """What changes hands against the alignment in force.

    `new` had no owner before. `by_rep` says whether owners are told apart by rep.
    """

    by_rep: bool
    kept: Flow
    gained: tuple[Flow, ...]
    lost: tuple[Flow, ...]
    new: Flow


@dataclass(frozen=True)
class Coverage:
    """What was worked: accounts with any hour or visit, and the largest without."""

    accounts: int
    touched: int
    worth: float
    touched_worth: float
    hours: float
    visits: float
    untouched: tuple[Account, ...]


@dataclass(frozen=True)
class Quota:
    """A quota beside what the territory is worth."""

    quota: float
    worth: float


@dataclass(frozen=True)
class TerritoryReport:
    """One territory."""

    plan: str
    territory_id: str
    name: str
    rep: str
    accounts: int
    cells: int
    contiguous: bool
    measures: tuple[Measure, ...]
    violations: tuple[str, ...]
    rules: Mapping[str, int]
    top: tuple[Account, ...]
    worth_of: str
    worth_is_exact: bool
    moves: Moves | None
    quota: Quota | None
    coverage: Coverage | None
    fingerprint: str


@dataclass(frozen=True)
class Line:
    """A territory in the plan's table."""

    territory_id: str
    name: str
    rep: str
    accounts: int
    measure: Measure
    within: bool
    quota: float | None
    moved_in: int | None
    covered: float | None


@dataclass(frozen=True)
class PlanReport:
    """The whole plan, or the part of it that the reader may see."""

    plan: str
    accounts: int
    assigned: int
    review: int
    measures: tuple[Measure, ...]
    max_deviation: float
    mean_deviation: float
    in_pieces: int
    lines: tuple[Line, ...]
    violations: tuple[str, ...]
    rules: Mapping[str, int]
    moves: Moves | None
    quota: Quota | None
    coverage: Coverage | None
    worth_of: str
    worth_is_exact: bool
    fingerprint: str
