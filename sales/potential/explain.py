"""Why an account has the score that it has: every part, term and factor."""

from dataclasses import dataclass

from geo.errors import NotFoundError
from sales.potential.facts import Facts
from sales.potential.score import Scores, TermScore


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One factor: where it comes from, what the account has there, and what it multiplies by."""

    label: str
    found: str
    factor: float


@dataclass(frozen=True, slots=True)
class TermLine:
    """One term. `rule`: "product" of the factors, "odds" (their product are odds) or "points"
    (weighted points between 0 and 1)."""

    term: str
    value: float
    rule: str
    factors: tuple[FactorLine, ...]

    @property
    def rule_words(self) -> str:
        """The rule for a reader."""
        words = {"odds": "odds o, chance o/(1+o)", "points": "weighted points, 0 to 1"}
        return words.get(self.rule, "")


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of the potential: the product of its terms."""

    part: str
    value: float
    terms: tuple[TermLine, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The potential of one account: the sum of its parts."""

    account_id: str
    name: str
    potential: float
    sd: float
    fit: float | None
    parts: tuple[PartLine, ...]


def explain(facts: Facts, scores: Scores, account_id: str) -> Explanation:
    """Explain one account. Raises NotFoundError."""
    frame = facts.table.frame
    found = frame.index[(frame["account_id"] == account_id) & frame["usable"]]
    if not len(found):
        raise NotFoundError(
            f"{facts.table.source} has no account {account_id!r}",
            hint="Give the id as the file has it.",
        )
    at = int(found[0])
    parts = tuple(
        PartLine(
            part,
            float(value[at]),
            tuple(_term(facts, term, at) for term in scores.terms[part]),
        )
        for part, value in scores.parts.items()
    )
    return Explanation(
        account_id, str(frame["name"].iloc[at]), float(scores.potential[at]), float(scores.sd[at]),
        None if scores.fit is None else float(scores.fit[at]), parts,
    )  # fmt: skip


def _term(facts: Facts, term: TermScore, at: int) -> TermLine:
    rule = "points" if term.name == "fit" else "odds" if term.odds else "product"
    lines = tuple(
        FactorLine(
            step.label,
            facts.shown(step.column, at) if step.column else "",
            float(step.value[at]),
        )
        for step in term.steps
    )
    return TermLine(term.name, float(term.value[at]), rule, lines)
