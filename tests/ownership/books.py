"""Small books of accounts, written by hand."""

from datetime import date
from typing import Any

from sales.ownership.facts import Account, Book, Holding
from sales.ownership.rules import Rules
from sales.ownership.rules_file import rules_of
from sales.ownership.timeline import Courses, Span

REPS = {"a": "Ann", "b": "Bo", "c": "Cy"}
TERRITORY_OF = {"a": "T1", "b": "T2", "c": "T3"}
PLAN_DAY = date(2026, 1, 1)


def rules(**parts: Any) -> Rules:
    """Rules of these parts, as a file has them."""
    return rules_of(parts, "engagement.toml")


def account(name: str = "A1", **facts: Any) -> Account:
    """An account that the plan gives to Ann in T1."""
    plan = {"territory": "T1", "plan_rep": "a", "plan_rule": "cell"}
    return Account(name, name, **plan | facts)


def held_by(*reps: str) -> tuple[Holding, ...]:
    """Rows of an alignment, from row 2 on."""
    return tuple(
        Holding(rep, TERRITORY_OF.get(rep, ""), row) for row, rep in enumerate(reps, start=2)
    )


def courses(found: Rules, *accounts: Account, effective: date | None = PLAN_DAY) -> Courses:
    """The courses of these accounts."""
    names = {"T1": "North", "T2": "South", "T3": "West"}
    book = Book({a.account_id: a for a in accounts}, REPS, TERRITORY_OF, names, effective)
    return Courses(book, found)


def lines(spans: tuple[Span, ...]) -> list[tuple[str, str, str]]:
    """Each span as (its first day, the reps with their shares, the rule)."""
    return [
        (
            span.start.isoformat() if span.start else "",
            " ".join(
                o.rep if o.share == 1 else f"{o.rep}:{o.share:g}" for o in span.owners
            ),
            span.rule,
        )
        for span in spans
    ]  # fmt: skip
