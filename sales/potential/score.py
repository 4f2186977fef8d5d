"""Scoring: every account's potential, each step kept so that the score can be explained.

    potential = new business + open pipeline + customers that stay
    new business = deal × propensity × conversion × growth × fit

A term is its base times its factors, from left to right; with `odds` that product are odds o and
the term is o / (1 + o). Scoring and explaining multiply the same numbers in the same order, so
that the factors shown reproduce the score to the last bit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Float
from geo.errors import OptionError
from sales.potential.facts import Facts, factor_values
from sales.potential.model import PARTS, PROBABILITIES, Fit, Part, PotentialModel, Share, Term


@dataclass(frozen=True, eq=False)
class Step:
    """One number of a product, for every account (n): `value`, from `column` ("" for a base)."""

    label: str
    column: str
    value: Float


@dataclass(frozen=True, eq=False)
class TermScore:
    """A term for every account: `value` (n) is the product of `steps`, or their odds' chance."""

    name: str
    value: Float
    steps: tuple[Step, ...]
    odds: bool = False


@dataclass(frozen=True, eq=False)
class Scores:
    """`potential` (n) = the sum of `parts`; a part is the product of its terms, in their order.

    `sd` (n): standard error of the potential, without what accounts have in common. `fit` (n): the
    likeness to the ideal customer, 0 to 1, None without one.
    """

    potential: Float
    sd: Float
    parts: dict[Part, Float]
    terms: dict[Part, tuple[TermScore, ...]] = field(repr=False)
    fit: Float | None = None

    def chance(self) -> Float:
        """The chance of new business (n): the product of the terms that are probabilities."""
        chance = np.ones(len(self.potential))
        for term in self.terms.get("new_business", ()):
            if term.name in PROBABILITIES:
                chance = chance * term.value
        return chance


def score(facts: Facts, model: PotentialModel) -> Scores:
    """Score all accounts. Raises MissingColumnError and OptionError for columns that do not fit."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _score(facts, model)


def _score(facts: Facts, model: PotentialModel) -> Scores:
    n = len(facts)
    terms: dict[Part, tuple[TermScore, ...]] = {}
    relative: dict[Part, float] = {}
    fit: Float | None = None
    if model.terms:
        made = [_term(facts, term) for term in model.terms]
        sds = [term.sd for term in model.terms]
        if model.fit is not None:
            fit, as_term = _fit(facts, model.fit)
            made.append(as_term)
            sds.append(model.fit.sd)
        terms["new_business"] = tuple(made)
        relative["new_business"] = combined_sd(sds)
    if model.pipeline is not None:
        terms["pipeline"] = _share(facts, model.pipeline, "win rate")
        relative["pipeline"] = model.pipeline.sd
    if model.customers is not None:
        terms["customers"] = _share(facts, model.customers, "keep rate")
        relative["customers"] = model.customers.sd
    parts = {part: product(t.value for t in terms[part]) for part in PARTS if part in terms}
    potential = np.zeros(n)
    for value in parts.values():
        potential = potential + value
    if not np.isfinite(potential).all():
        raise OptionError(
            f"the model “{model.name}” makes potentials too large for a number",
            hint="Look for a base, factor or power that is far too large.",
        )
    variance = (model.account_sd * potential) ** 2
    for part, value in parts.items():
        variance = variance + (relative[part] * value) ** 2
    return Scores(potential, np.sqrt(variance), parts, terms, fit)


def combined_sd(sds: Sequence[float]) -> float:
    """The relative error of a product of independent factors: √(∏(1 + sd²) − 1)."""
    return float(np.sqrt(np.prod([1.0 + sd * sd for sd in sds]) - 1.0))


def product(values: Iterable[Float]) -> Float:
    """From left to right, so that whoever multiplies the shown factors gets the same bits."""
    result: Float | None = None
    for value in values:
        result = value if result is None else result * value
    assert result is not None
    return result


def _term(facts: Facts, term: Term) -> TermScore:
    steps = [Step("base", "", np.full(len(facts), term.base))]
    steps += [Step(f.column, f.column, factor_values(facts, f)) for f in term.factors]
    value = product(step.value for step in steps)
    if term.odds:
        value = value / (1.0 + value)
    bounded = np.clip(value, term.least, term.most)
    if (bounded != value).any():
        limit = np.where(value > 0.0, bounded / np.where(value > 0.0, value, 1.0), 1.0)
        steps.append(Step("limit", "", limit))
        value = value * limit
    return TermScore(term.name, value, tuple(steps), term.odds)


def _fit(facts: Facts, fit: Fit) -> tuple[Float, TermScore]:
    total = sum(c.weight for c in fit.criteria)
    points = np.zeros(len(facts))
    steps = []
    for criterion in fit.criteria:
        value = factor_values(facts, criterion.factor)
        column = criterion.factor.column
        steps.append(Step(f"{column} (weight {criterion.weight / total:.0%})", column, value))
        points = points + criterion.weight / total * value
    steps.append(Step(f"fit, from ×{fit.low:g} to ×{fit.high:g}", "", points))
    return points, TermScore("fit", fit.low + (fit.high - fit.low) * points, tuple(steps))


def _share(facts: Facts, share: Share, word: str) -> tuple[TermScore, ...]:
    amount = np.nan_to_num(facts.number(share.column))
    rate = np.full(len(facts), share.share)
    return (
        TermScore(share.column, amount, (Step(share.column, share.column, amount),)),
        TermScore(word, rate, (Step("base", "", rate),)),
    )
