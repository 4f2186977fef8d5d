"""What is known of accounts and reps, as the rules look at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

HIDDEN = "somebody of another region"


@dataclass(frozen=True, slots=True)
class Holding:
    """A row of an alignment: somebody says that the account is this rep's. `row` 0: no file.

    It holds from `start` until just before `until`; None is since ever, and until further notice.
    """

    rep: str
    territory: str = ""
    row: int = 0
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """A deal won."""

    rep: str
    on: date
    amount: float


@dataclass(frozen=True, slots=True)
class Deal:
    """An open deal that a rep works; `closes` as expected, None if not said."""

    rep: str
    opened: date | None
    closes: date | None
    amount: float


@dataclass(frozen=True, slots=True)
class Grown:
    """An account's size as of a day (None: since ever), and when its contract is renewed."""

    as_of: date | None = None
    arr: float | None = None
    revenue: float | None = None
    employees: float | None = None
    renewal: date | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """An owner by name that was set in the service or by hand: `kind` named or override."""

    kind: str
    rep: str
    territory: str = ""
    start: date | None = None
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """All facts about one account.

    `territory`, `plan_rep`, `plan_rule` are what the plan says, "" where it says nothing. `listed`:
    it is in the alignment, be it without a rep. `sizes` in the order of their days.
    """

    account_id: str
    name: str = ""
    parent: str = ""
    segment: str = ""
    crm_owner: str = ""
    pipeline: float = 0.0
    territory: str = ""
    plan_rep: str = ""
    plan_rule: str = ""
    in_plan: bool = True
    listed: bool = True
    holdings: tuple[Holding, ...] = ()
    wins: tuple[Win, ...] = ()
    deals: tuple[Deal, ...] = ()
    sizes: tuple[Grown, ...] = ()
    fixed: tuple[Fixed, ...] = ()


@dataclass(frozen=True)
class Book:
    """Accounts by key (`keys_of`), the reps, and since when the plan is in force (None: ever).

    `reps` id → name, empty where nobody knows who works here; `territory_of` rep → territory, ""
    where the rep has none or several; `names` territory → name. `shown`: the territories, and
    `shown_reps` the reps, that whoever asks may see; None for all.
    """

    accounts: Mapping[str, Account]
    reps: Mapping[str, str] = field(default_factory=dict)
    territory_of: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    effective: date | None = None
    shown: frozenset[str] | None = None
    shown_reps: frozenset[str] = frozenset()

    def hides(self, rep: str, territory: str = "") -> bool:
        """Whether whoever asks may not know of this rep (or, without a rep, territory)."""
        if self.shown is None:
            return False
        return rep not in self.shown_reps if rep else territory not in self.shown

    def works_here(self, rep: str) -> bool:
        """Whether the rep is on the roster; everybody is where there is none."""
        return not self.reps or rep in self.reps

    def called(self, rep: str) -> str:
        """The rep's name, with the id where that is another word."""
        if self.hides(rep, "") and rep:
            return HIDDEN
        name = self.reps.get(rep, rep)
        return rep if name in (rep, "") else f"{name} ({rep})"

    def who(self, rep: str, territory: str) -> str:
        """A claimant or owner in words: the rep, or the territory that has none."""
        if self.hides(rep, territory):
            return HIDDEN
        return self.called(rep) if rep else self.place(territory)

    def place(self, territory: str) -> str:
        """A territory in words."""
        name = self.names.get(territory, territory)
        return territory if name in (territory, "") else f"{territory} {name}"
