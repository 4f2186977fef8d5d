"""The market by class and by segment: accounts, potential, calls and hours."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int
from geo.errors import OptionError
from sales.sizing.model import Classes

Texts = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One class or segment. `visit_h`, `travel_h` a year; `reps` by workload."""

    name: str
    accounts: int
    potential: float
    share: float
    calls: float
    visit_h: float
    travel_h: float
    reps: float


def class_of(value: Float, given: Texts | None, classes: Classes) -> Int:
    """The class of each account (n). Raises OptionError for a given class that is not listed."""
    names = [each.name for each in classes.classes]
    if given is None:
        least = np.array([each.least for each in classes.classes])
        fits = np.nan_to_num(value)[:, None] >= least[None, :]
        return np.where(fits.any(axis=1), fits.argmax(axis=1), -1)
    place = {name.casefold(): at for at, name in enumerate(names)}
    unknown = sorted({str(text) for text in given if text and text not in place})
    if unknown:
        raise OptionError(
            f"class “{unknown[0]}” stands in the column “{classes.column}”, and not in the model",
            hint=f"Add [[class]] for it. The model has {', '.join(names)}.",
        )
    return np.array([place.get(text, -1) for text in given], dtype=np.int64)


def market_rows(
    names: Texts, potential: Float, calls: Float, visit_h: Float, travel_h: Float, rep_h: float
) -> tuple[MarketRow, ...]:
    """Sums by name (n), in order of the potential, the largest first."""
    texts, at = np.unique(names.astype(str), return_inverse=True)
    total = float(potential.sum())

    def sums(values: Float) -> Float:
        summed = np.bincount(at, weights=values, minlength=len(texts))
        return np.asarray(summed, dtype=np.float64)

    money, visits, visiting, driving = (sums(v) for v in (potential, calls, visit_h, travel_h))
    counts = np.bincount(at, minlength=len(texts))
    rows = [
        MarketRow(
            str(text) or "(blank)", int(counts[i]), float(money[i]),
            float(money[i] / total) if total else 0.0, float(visits[i]), float(visiting[i]),
            float(driving[i]), float((visiting[i] + driving[i]) / rep_h),
        )
        for i, text in enumerate(texts)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: -row.potential))
