"""The move budget: how much may change hands, as a fraction, in accounts or in potential."""

import re
from dataclasses import dataclass
from typing import Literal

from geo.errors import OptionError

Unit = Literal["share", "accounts", "potential"]
_FORM = re.compile(
    r"^\s*\$?\s*([\d][\d,_]*\.?\d*|\.\d+)\s*(%|accounts?|potential)?\s*$", re.IGNORECASE
)
_HINT = "Write 0.1 or 10% of the potential, “200 accounts”, or “1500000 potential”."


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `value` may change hands: a fraction of the potential, accounts, or potential."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        if self.unit == "share":
            return f"{self.value:.1%}"
        return f"{self.value:,.0f} {self.unit}"


def parse_budget(given: object) -> Budget:
    """Read a number or words such as `10%`, `200 accounts`; raises OptionError."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise OptionError(f"{given!r} is no move budget", hint=_HINT)
    if not isinstance(given, str):
        return _checked(float(given), "share", given)
    found = _FORM.match(given)
    if found is None:
        raise OptionError(f"“{given}” is no move budget", hint=_HINT)
    value, word = float(found[1].replace(",", "").replace("_", "")), (found[2] or "").lower()
    if word == "%":
        return _checked(value / 100, "share", given)
    if word.startswith("account"):
        return _checked(value, "accounts", given)
    return _checked(value, "potential" if word else "share", given)


def _checked(value: float, unit: Unit, given: object) -> Budget:
    if not (0 <= value < float("inf")) or (unit == "share" and value > 1):
        what = "no fraction from 0 to 1" if unit == "share" else "not a number of at least 0"
        raise OptionError(f"the move budget “{given}” is {what}", hint=_HINT)
    return Budget(value, unit)


def as_fraction(budget: Budget, accounts: int, potential: float) -> float:
    """The part of what has a rep who stays: of its `accounts`, or of its `potential`."""
    if budget.unit == "share":
        return budget.value
    total = float(accounts) if budget.unit == "accounts" else potential
    # A touch less, so that what is rounded away cannot exceed it.
    return min(1.0, budget.value * (1 + 1e-12) / total) if total > 0 else 1.0
