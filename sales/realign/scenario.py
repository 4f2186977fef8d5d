"""What a scenario changes, as values; they are read by `read` and by the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from sales.accounts.types import AccountTable
from sales.realign.budget import Budget
from sales.roster import Rep
from sales.rules.alignment import Alignment

Respond = Literal["realign", "nearest", "orphans"]
Effort = Literal["quick", "default"]
LOST_SALES = (0.13, 0.18)  # of a customer whose rep changes: Shi et al. 2017


@dataclass(frozen=True, slots=True)
class Join:
    """A rep who joins: `place` in words, or a position; `name` and `rep_id` made up where ""."""

    place: str = ""
    name: str = ""
    rep_id: str = ""
    capacity: float = 1.0
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, eq=False)
class Merger:
    """Another team over the same market: its reps, who has what there, and its accounts.

    `alignment` None: its reps come without accounts of their own. `accounts` None: they sell to
    the accounts that there are.
    """

    source: str
    reps: tuple[Rep, ...]
    alignment: Alignment | None = None
    accounts: AccountTable | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Accounts with at least `low` and less than `high` of a number count `times` as much."""

    low: float
    high: float
    times: float


@dataclass(frozen=True, eq=False)
class NewPotential:
    """How the potential changes: times by the text of a column and by bands of a number, which
    multiply; or a `column` of the accounts, or a table `scores` (`account_id`, `potential`), that
    takes its place.
    """

    by_text: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    by_band: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    column: str = ""
    scores: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class Scenario:
    """One what-if; nothing set: only balance anew.

    `leaves` ids or names of reps (or of territories); `headcount` reps more (somewhere, as the
    balance wants it) or fewer (those with the least potential). `respond` "nearest" and "orphans"
    are what happens if nothing is done about who leaves: the accounts go to the nearest
    neighbours, or stay without a rep. `tolerance` of the first measure, by default the plan's.
    """

    name: str
    leaves: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    headcount: int = 0
    merger: Merger | None = None
    potential: NewPotential | None = None
    max_disruption: Budget | None = None
    tolerance: float | None = None
    respond: Respond = "realign"
    effort: Effort = "default"


@dataclass(frozen=True, eq=False)
class SalesBasis:
    """What a customer buys a year, for the revenue at risk: `of` account key → amount.

    Or `share` of the potential, or `column` of the accounts. None of them: it is not known, and
    no revenue is stated. `lost` the part of a moved customer's sales that is lost, least and most.
    """

    of: Mapping[str, float] | None = None
    share: float | None = None
    column: str = ""
    lost: tuple[float, float] = LOST_SALES
    note: str = ""
