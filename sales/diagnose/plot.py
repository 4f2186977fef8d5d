"""The picture of a diagnosis: effects of reps beside those of their territories, with intervals."""

import io
from typing import TYPE_CHECKING, Final

from sales.diagnose.diagnosis import Diagnosis
from sales.diagnose.verdicts import LEAST_TOLD, Effect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by colour-blind people; named ones are filled as well.
_REP: Final = "#0072B2"
_TERRITORY: Final = "#D55E00"
_UNKNOWN: Final = "#8A8A8A"
_ROWS: Final = 40


def effects_plot(found: Diagnosis, *, svg: bool = False) -> bytes:
    """PNG (or SVG): a line for each territory with its rep of today, the worst product first."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    by_id = {(e.kind, e.id): e for e in found.blame.effects}
    judged = sorted(found.blame.judged, key=lambda j: j.product)
    if len(judged) > _ROWS:
        judged = judged[: _ROWS // 2] + judged[-_ROWS // 2 :]
    figure = Figure(figsize=(10.5, 1.9 + 0.26 * len(judged)), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True, sharex=True)
    for y, line in enumerate(reversed(judged)):
        _bar(left, by_id["rep", line.rep], y, _REP)
        _bar(right, by_id["territory", line.territory], y, _TERRITORY)
    names = [f"{found.rep_names.get(j.rep, j.rep)} · {j.name}"[:44] for j in reversed(judged)]
    left.set_yticks(range(len(judged)), names, fontsize=8)
    left.set_ylim(-0.7, len(judged) - 0.3)
    level = f"{found.rules.level:.0%}"
    for axes, title in ((left, "Effect of the rep"), (right, "Effect of the territory")):
        axes.axvline(1.0, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_title(title, fontsize=11)
        axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        ticks = [
            t
            for t in (0.3, 0.5, 0.7, 1, 1.4, 2, 3)
            if axes.get_xlim()[0] <= t <= axes.get_xlim()[1]
        ]
        axes.set_xticks(ticks, [f"{t:g}×" for t in ticks])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(
        f"factor on bookings, {level} interval. Filled: stands out after all corrections. "
        "Hollow: does not.\nGrey, dashed: cannot be told apart from the other, "
        "so the interval comes from the model alone.",
        fontsize=8,
    )
    target = io.BytesIO()
    figure.savefig(target, format="svg" if svg else "png", dpi=130,
                   metadata={"Date": None} if svg else {"Software": None})  # fmt: skip
    return target.getvalue()


def _bar(axes: "Axes", effect: Effect, y: int, colour: str) -> None:
    told = effect.told >= LEAST_TOLD
    colour = colour if told else _UNKNOWN
    axes.plot([effect.low, effect.high], [y, y], color=colour, linewidth=1.6,
              linestyle="-" if told else (0, (2, 2)), solid_capstyle="butt")  # fmt: skip
    axes.plot([effect.factor], [y], marker="o", markersize=5.5, color=colour,
              markerfacecolor=colour if effect.named else "white")  # fmt: skip
