"""A table of challenges, each decided by the rules of engagement, with what accepting it costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from geo.errors import InputError, NotFoundError, OptionError
from sales.ownership.columns import FactRow
from sales.ownership.delta import Weighed
from sales.ownership.explain import Asking, explain
from sales.ownership.timeline import Courses
from sales.rules.alignment import keys_of

Outcome = Literal["accept", "refuse", "by hand"]


@dataclass(frozen=True)
class Decided:
    """A challenge of `row`, what the rules say to it, by which one, and why in words.

    `explanation` as `explain` gives it, with the costs of giving the account to who contests it.
    """

    row: int
    account: str
    asked: str
    reason: str
    outcome: Outcome
    rule: str
    words: str
    explanation: dict[str, Any]


def decide_all(
    rows: Iterable[FactRow], weighed: Weighed, courses: Courses, at: date, *, exact: bool
) -> list[Decided]:
    """Each row's challenge decided; raises InputError naming a row of what is not there."""
    return [_decided(row, weighed, courses, at, exact=exact) for row in rows]


def _decided(row: FactRow, weighed: Weighed, courses: Courses, at: date, *, exact: bool) -> Decided:
    account, rep = row.text("account_id"), row.text("owner")
    territory = "" if rep else row.text("territory")
    asked = rep or territory
    if not asked:
        raise InputError(
            f"{row.source}, row {row.row}: who contests {account!r} is not said",
            hint="Every row needs a rep or a territory.",
        )
    try:
        found = explain(weighed, courses, Asking(account, at, rep, territory, exact=exact))
    except (NotFoundError, OptionError) as error:
        raise InputError(
            f"{row.source}, row {row.row}: {error.message}", hint=error.hint
        ) from error
    (key,) = keys_of([account])
    party, owners = found["asked"], found["owners"]
    wins = bool(owners) and (
        owners[0]["rep"] == party["rep"] if party["rep"]
        else owners[0]["territory"] == party["territory"]
    )  # fmt: skip
    outcome: Outcome = "accept" if wins else "refuse"
    if courses.of(key).at(at).arbitrary:
        outcome = "by hand"
    said = found["sentences"][0]
    return Decided(row.row, account, asked, row.text("reason"), outcome, found["rule"], said, found)
