"""How time and memory grow with the market: exponents by least squares on logarithms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.instances import SCALING
from benchmarks.solvers import OURS, REFERENCE
from benchmarks.store import Sheet
from geo.arrays import Float

MEASURED = {"seconds": "time", "cpu_seconds": "processor time", "memory_mb": "memory"}


@dataclass(frozen=True)
class Growth:
    """`figure` of a solver over the sizes: about `scale`·units^`exponent`."""

    units: tuple[int, ...]
    values: tuple[float, ...]
    exponent: float
    scale: float


def growth(sheets: Sequence[Sheet], solver: str, figure: str) -> Growth | None:
    """The fit over the markets of one kind and several sizes; None with fewer than two."""
    points = []
    for sheet in sheets:
        row = sheet.row(solver)
        if sheet.name in SCALING and row is not None and row.medians.get(figure, 0.0) > 0:
            points.append((sheet.units, row.medians[figure]))
    if len(points) < 2:
        return None
    units, values = zip(*points, strict=True)
    exponent, scale = fit(np.array(units, dtype=np.float64), np.array(values))
    return Growth(units, values, exponent, scale)


def fit(units: Float, values: Float) -> tuple[float, float]:
    """Exponent and scale of values ≈ scale·units^exponent."""
    exponent, shift = np.polyfit(np.log(units), np.log(values), 1)
    return float(exponent), float(np.exp(shift))


def scaling_lines(sheets: Sequence[Sheet]) -> list[str]:
    """The exponents in words."""
    lines = []
    for solver in (OURS, REFERENCE):
        for figure, word in MEASURED.items():
            found = growth(sheets, solver, figure)
            if found is not None:
                sizes = f"{min(found.units):,} to {max(found.units):,} units"
                lines.append(
                    f"- {solver}: {word} grows as units^{found.exponent:.2f}"
                    f" ({len(found.units)} sizes, {sizes})"
                )
    return lines
