"""The plots of docs/benchmarks.md, by matplotlib."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.instances import SCALING
from benchmarks.scaling import growth
from benchmarks.solvers import BY_NAME, FRONTS, OURS, REFERENCE
from benchmarks.store import Row, Sheet

mpl.use("Agg")

# Okabe and Ito's colours, safe for colour-blind people
_BLUE, _ORANGE, _GREEN, _PINK, _SKY, _RED, _BLACK = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000",
)  # fmt: skip
_FAMILIES = {  # by the first word of the name
    "METIS": (_ORANGE, "s"), "KaHIP": (_GREEN, "^"), "Mt-KaHyPar": (_PINK, "v"),
    "GerryChain": (_SKY, "D"), "k-means": (_RED, "P"), "k-means-constrained": (_RED, "X"),
    "spopt": (_BLACK, "h"),
}  # fmt: skip
_AXES = {"rms_km": "rms distance to the territory's centroid, km", "cut_edges": "cut edges"}
_LEAST = 1e-4  # deviations below are drawn here


def draw(sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write all plots that the results allow; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {f"benchmark-front-{s.name}.png": front(s) for s in sheets if _has_front(s)}
    made["benchmark-scaling.png"] = scaling(sheets)
    for name, figure in made.items():
        figure.savefig(folder / name, dpi=120)
        plt.close(figure)
    return [folder / name for name in made]


def _has_front(sheet: Sheet) -> bool:
    ours, peers = sheet.row(OURS), [r for r in sheet.rows if not BY_NAME[r.solver].ours and r.runs]
    return bool(ours and ours.runs and len(peers) > 1 and sheet.name in FRONTS)


def front(sheet: Sheet) -> Figure:
    """Balance against compactness: hollow marks are plans with broken territories."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 5.2), layout="constrained")
    for axes, (key, title) in zip(panels, _AXES.items(), strict=True):
        for row in sheet.rows:
            if row.runs and not BY_NAME[row.solver].ours:
                _mark(axes, row, key)
        _own_front(axes, sheet, key)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        if key == "rms_km":
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("{x:g}")
        axes.set_xlabel("largest deviation from the target, %")
        axes.set_ylabel(title)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"{sheet.name}: {sheet.units:,} units, {sheet.territories} territories."
        " Lower left is better; hollow: some territories are broken."
    )
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def _mark(axes: Axes, row: Row, key: str) -> None:
    family = row.solver.split()[0].rstrip(",")
    color, marker = _FAMILIES.get(family, (_BLACK, "o"))
    same = [name for name in BY_NAME if name.split()[0].rstrip(",") == family]
    size = 6.5 + 2.0 * same.index(row.solver)  # variants of one program differ in size
    x, y = _place(row, key)
    fill = "none" if row.medians["noncontiguous"] > 0 else color
    axes.plot(x, y, marker, color=color, markerfacecolor=fill, markersize=size, label=row.solver)


def _own_front(axes: Axes, sheet: Sheet, key: str) -> None:
    ours = [row for row in sheet.rows if BY_NAME[row.solver].ours and row.runs]
    knob = sorted(
        _place(row, key) for row in ours if row.solver == OURS or BY_NAME[row.solver].front
    )
    if len(knob) > 1:
        line = "Bailiwick, shape varied"
        axes.plot(*zip(*knob, strict=True), "-", color=_BLUE, alpha=0.6, label=line)
    for row in ours:
        marker, size = ("*", 17) if row.solver == OURS else ("o", 6)
        label = None if BY_NAME[row.solver].front else row.solver
        x, y = _place(row, key)
        axes.plot(x, y, marker, color=_BLUE, markersize=size, zorder=5, label=label)


def _place(row: Row, key: str) -> tuple[float, float]:
    return 100 * max(row.medians["max_deviation"], _LEAST), row.medians[key]


def scaling(sheets: Sequence[Sheet]) -> Figure:
    """Time and memory against units, with the fitted lines."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    titles = {"seconds": "seconds, warm", "memory_mb": "memory of the solve, MB"}
    for axes, (key, title) in zip(panels, titles.items(), strict=True):
        for solver, color, marker in ((OURS, _BLUE, "o"), (REFERENCE, _ORANGE, "s")):
            found = growth(sheets, solver, key)
            if found is None:
                continue
            label = f"{solver}: units^{found.exponent:.2f}"
            axes.plot(found.units, found.values, marker, color=color, markersize=8, label=label)
            ends = np.array([min(found.units), max(found.units)], dtype=np.float64)
            axes.plot(ends, found.scale * ends**found.exponent, "-", color=color, alpha=0.5)
        axes.set_xscale("log")
        axes.set_yscale("log")
        sizes = [sheet.units for sheet in sheets if sheet.name in SCALING]
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("units")
        axes.set_ylabel(title)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.has_data():
            axes.legend(frameon=False, fontsize=9)
    return figure
