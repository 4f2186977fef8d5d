"""A scoring model: what an account may bring in a year, as sums of products of factors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

FORMAT: Final = "bailiwick-potential/1"
TERMS: Final = ("deal", "propensity", "conversion", "growth", "fit")
"""New business is the product of these, in this order; a term that is left out counts 1."""
PROBABILITIES: Final = ("propensity", "conversion")


@dataclass(frozen=True, slots=True)
class Band:
    """`factor` for values below `below` (and not below the band before)."""

    below: float  # inf for the last
    factor: float


@dataclass(frozen=True)
class Factor:
    """What one column of the accounts multiplies a term by.

    Exactly one of `bands` (a number in bands), `values` (a text looked up, case ignored) and
    `power` ((value / at) ** power, the value first brought within `least` and `most`).
    `otherwise` is for a blank, for a text that is not listed, and with `power` for 0.
    """

    column: str
    bands: tuple[Band, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    power: float | None = None
    at: float = 1.0
    least: float = 0.0
    most: float = float("inf")
    otherwise: float = 1.0


@dataclass(frozen=True)
class Term:
    """`base` times its factors; with `odds` these are odds, which become a probability.

    `sd` is the standard error of the term as a fraction of it. A value outside `least` and `most`
    is brought there by one more factor, which the explanation shows.
    """

    name: str
    base: float
    factors: tuple[Factor, ...] = ()
    odds: bool = False
    least: float = 0.0
    most: float = float("inf")
    sd: float = 0.0


@dataclass(frozen=True)
class Criterion:
    """One trait of the ideal customer: `weight`, and points from 0 to 1, by `factor`."""

    weight: float
    factor: Factor


@dataclass(frozen=True)
class Fit:
    """Likeness to the ideal customer, 0 to 1: the weighted mean of the criteria's points.

    As a term it multiplies by `low` where nothing fits, up to `high` where everything does.
    """

    criteria: tuple[Criterion, ...]
    low: float = 0.5
    high: float = 1.5
    sd: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """An amount that the account has already: its column × `share` (win rate, or renewal rate)."""

    column: str
    share: float
    sd: float = 0.0


@dataclass(frozen=True, slots=True)
class SharedError:
    """An error that all accounts with the same text in `column` have in common, as a fraction."""

    column: str
    sd: float


@dataclass(frozen=True)
class PotentialModel:
    """New business (`terms`, `fit`) + open `pipeline` + `customers` that stay.

    `account_sd` is the error of a single account beyond those of the terms, as a fraction of its
    potential; `outcome_spread` the log-normal spread of one year's sales of an account that buys,
    None where unknown. `shared` are errors that many accounts have in common. `learned` says where
    a learned model comes from; scoring does not use it.
    """

    name: str
    terms: tuple[Term, ...]
    fit: Fit | None = None
    pipeline: Share | None = None
    customers: Share | None = None
    account_sd: float = 0.0
    outcome_spread: float | None = None
    shared: tuple[SharedError, ...] = ()
    learned: Mapping[str, object] = field(default_factory=dict)

    def term(self, name: str) -> Term | None:
        """The term of that name, or None."""
        return next((term for term in self.terms if term.name == name), None)


Part = Literal["new_business", "pipeline", "customers"]
PARTS: Final[tuple[Part, ...]] = ("new_business", "pipeline", "customers")
