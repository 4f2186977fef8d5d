"""When a plan is due for a review, as a company writes it in a TOML file."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from geo.errors import InputError
from sales.toml_file import parsed, text_of


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All shares are fractions; 0 in a number of months turns that reminder off.

    `tolerance`: largest deviation from the target; None: the plan's own. `headcount_watch`,
    `headcount_act`: change of the number of reps. `quarter_months`, `year_months`: age of the plan
    at which to adjust it, and to review it whole. `density`: change of a segment's accounts,
    `value`: of its potential per account, `mix`: of its share of the market in points;
    `least_accounts` of a segment, then or now, for density and value to be looked at.
    `segments`: columns of the accounts whose values are segments.
    """

    tolerance: float | None = None
    headcount_watch: float = 0.15
    headcount_act: float = 0.20
    quarter_months: int = 3
    year_months: int = 12
    density: float = 0.20
    value: float = 0.20
    mix: float = 0.05
    least_accounts: int = 20
    segments: tuple[str, ...] = ("industry",)


_WHOLE = ("quarter_months", "year_months", "least_accounts")
_NAMES = tuple(field.name for field in fields(Thresholds))
_HINT = "docs/guide/review.md has an example; leave a key out for its default."


def read_thresholds(path: Path) -> Thresholds:
    """Read a file of thresholds; raises InputError that names the key and the remedy."""
    return thresholds_of(parsed(text_of(path), path.name), path.name)


def thresholds_of(values: dict[str, Any], source: str) -> Thresholds:
    """The thresholds from plain values; raises InputError."""
    for key, value in values.items():
        if key not in _NAMES:
            raise InputError(
                f"{source}: there is no key {key!r}",
                hint=f"The keys are {', '.join(_NAMES)}.",
            )
        wrong = _wrong(key, value)
        if wrong:
            raise InputError(f"{source}, key {key!r}: {value!r} is not {wrong}", hint=_HINT)
    kept: Any = {k: tuple(v) if k == "segments" else v for k, v in values.items()}
    made = Thresholds(**kept)
    if made.headcount_watch > made.headcount_act:
        raise InputError(
            f"{source}: headcount_watch {made.headcount_watch:g} is above headcount_act"
            f" {made.headcount_act:g}",
            hint="Watch from the smaller change on, act from the greater one on.",
        )
    return made


def _wrong(key: str, value: Any) -> str:
    """What a value should have been, "" where it is."""
    if key == "segments":
        good = isinstance(value, list | tuple) and all(isinstance(v, str) and v for v in value)
        return "" if good else 'a list of column names, such as ["industry"]'
    if key in _WHOLE:
        good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1200
        return "" if good else "a whole number of at least 0"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if number and 0 < value <= 10 else "a fraction above 0, such as 0.15"
