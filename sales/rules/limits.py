"""`--limit MEASURE:MIN:MAX` and `--capacity`: how much a territory must and may hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float
from geo.errors import MissingColumnError, OptionError


@dataclass(frozen=True, slots=True)
class Limit:
    """Least and most of a measure in every territory, in its own unit; NaN where there is none."""

    measure: str
    low: float = math.nan
    high: float = math.nan


def parse_limit(text: str) -> Limit:
    """Read `MEASURE:MIN:MAX`, either of the numbers may be blank; raises OptionError."""
    parts = text.rsplit(":", 2)
    try:
        measure, low, high = (
            parts[0].strip(),
            *(float(p) if p.strip() else math.nan for p in parts[1:]),
        )
    except ValueError:
        measure, low, high = "", math.nan, math.nan
    bad = not measure or (math.isnan(low) and math.isnan(high)) or low < 0 or high <= 0
    if bad or low > high or math.isinf(low) or math.isinf(high):
        raise OptionError(
            f"--limit {text!r} is not MEASURE:MIN:MAX with 0 ≤ MIN ≤ MAX",
            hint="Write for example --limit accounts:50:200, or --limit potential::900000.",
        )
    return Limit(measure, low, high)


def limit_arrays(
    limits: Sequence[Limit], measures: Sequence[str], activity: Float, p: int
) -> tuple[Float | None, Float | None]:
    """`low`, `high` (p, q) of a DesignProblem with `activity` (n, q), None where there is no limit.

    Raises MissingColumnError for an unknown measure, OptionError where the market's total makes
    the limits impossible, or one unit alone exceeds the most.
    """
    low, high = np.full((p, len(measures)), np.nan), np.full((p, len(measures)), np.nan)
    for limit in limits:
        if limit.measure not in measures:
            raise MissingColumnError(
                f"there is no measure {limit.measure!r} to limit",
                hint=f"The input has: {', '.join(measures)}.",
            )
        j = list(measures).index(limit.measure)
        _refuse_impossible(limit, activity[:, j], p)
        low[:, j] = np.fmax(low[:, j], limit.low)
        high[:, j] = np.fmin(high[:, j], limit.high)
    if not limits:
        return None, None
    return low, high


def _refuse_impossible(limit: Limit, activity: Float, p: int) -> None:
    total, heaviest = float(activity.sum()), float(activity.max())
    if p * limit.low > total:
        raise OptionError(
            f"{p} territories of at least {limit.low:g} {limit.measure} need {p * limit.low:g}, and"
            f" the market has {total:g}",
            hint=f"Ask for at most {max(1, int(total // max(limit.low, 1e-300)))} territories, or"
            f" for at least {total / p:g} or less.",
        )
    if p * limit.high < total:
        raise OptionError(
            f"{p} territories of at most {limit.high:g} {limit.measure} hold {p * limit.high:g},"
            f" and the market has {total:g}",
            hint=f"Ask for at least {least_territories(total, limit.high)} territories, or allow"
            f" {total / p:g} or more.",
        )
    if heaviest > limit.high:
        raise OptionError(
            f"one unit alone has {heaviest:g} {limit.measure}, and only {limit.high:g} is allowed",
            hint="Allow more, or take a finer --resolution so that the unit can be divided.",
        )


def least_territories(total: float, capacity: float) -> int:
    """The smallest number of territories that hold `total` with `capacity` each, at least 1."""
    ratio = total / capacity
    return max(1, math.ceil(ratio - 1e-9 * max(1.0, ratio)))
