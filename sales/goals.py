"""Which measures a plan balances and which it only reports."""

import math
from collections.abc import Sequence

from geo.errors import MissingColumnError, OptionError
from sales.request import BalanceGoal

DEFAULT_TOLERANCE = 0.05


def parse_goal(text: str) -> BalanceGoal:
    """Read `MEASURE[:TOLERANCE]`, the tolerance as a fraction; raises OptionError."""
    measure, colon, tolerance = text.rpartition(":")
    if not colon:
        return BalanceGoal(text.strip(), DEFAULT_TOLERANCE)
    try:
        value = float(tolerance)
    except ValueError:
        value = math.nan
    if not 0 < value < 1 or not measure.strip():
        raise OptionError(
            f"--balance {text!r}: the tolerance must be a fraction between 0 and 1",
            hint="Write for example --balance potential:0.05 for 5 %.",
        )
    return BalanceGoal(measure.strip(), value)


def choose_goals(asked: Sequence[BalanceGoal], available: Sequence[str]) -> tuple[BalanceGoal, ...]:
    """The goals asked for, or potential; `available` are the measures of the input.

    Raises MissingColumnError for a measure that is not there, OptionError for one named twice.
    """
    if not asked:
        preferred = [name for name in ("potential", "accounts") if name in available]
        first = preferred or list(available)
        if not first:
            raise MissingColumnError(
                "the input has no column with numbers that could be balanced",
                hint="Add a column `potential`, or name one with --balance.",
            )
        return (BalanceGoal(first[0], DEFAULT_TOLERANCE),)
    names = [goal.measure for goal in asked]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"{name!r} is to be balanced twice", hint="Name each measure once.")
        if name not in available:
            raise MissingColumnError(
                f"there is no measure {name!r} to balance",
                hint=f"The input has: {', '.join(available)}.",
            )
    return tuple(asked)
