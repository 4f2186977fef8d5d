"""The plots: a histogram for each figure with today's map marked, and each rep's place."""

import io
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAPS, _TODAY, _INSIDE, _RANGE = "#56B4E9", "#D55E00", "#0072B2", "#BBBBBB"  # Okabe–Ito
_AXIS: Final = {
    "max_deviation": ("Largest deviation from target", "%"),
    "mean_deviation": ("Mean deviation from target", "%"),
    "rms_km": ("Distance to the territory's middle, km", ""),
    "cut_edges": ("Borders: neighbouring cells apart", ""),
}
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "bailiwick", "text.parse_math": False, "font.family": "DejaVu Sans",
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
}  # fmt: skip
_LONGEST = 28
_NARROWEST = 90  # bars that fit the whole width


def charts(document: Mapping[str, Any]) -> dict[str, bytes]:
    """File name → bytes of the plots, the same for the same document."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a script that the font has not
        drawn = {"figures": _figures(document), "reps": _reps(document)}
        return {
            f"{name}.{kind}": _written(figure, kind)
            for name, figure in drawn.items()
            for kind in ("png", "svg")
        }


def _written(figure: "Figure", kind: str) -> bytes:
    out = io.BytesIO()
    nothing = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}[kind]
    figure.savefig(out, format=kind, dpi=130, metadata=nothing)
    return out.getvalue()


def _figures(document: Mapping[str, Any]) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7.4), layout="constrained")
    for axes, entry in zip(figure.subplots(2, 2).flat, document["figures"], strict=True):
        label, unit = _AXIS[entry["figure"]]
        scale = 100.0 if unit else 1.0
        values, today = np.array(entry["values"]) * scale, entry["today"] * scale
        low, high = min(values.min(), today), max(values.max(), today)
        # Thirty bars, but none so narrow that it cannot be seen where today is far away.
        bars = max(1, min(30, round(_NARROWEST * (np.ptp(values) / (high - low or 1.0)))))
        axes.hist(
            values, bins=bars, color=_MAPS, edgecolor=_MAPS, linewidth=1.0, label="maps drawn"
        )
        axes.axvline(today, color=_TODAY, linewidth=2.5, label="today")
        room = 0.06 * (high - low or 1.0)
        axes.set_xlim(low - room, high + room)
        axes.set_title(f"{label}{f' ({unit})' if unit else ''}", loc="left", fontsize=11)
        shown = f"{today:,.1f} %" if unit else f"{today:,.0f}"
        axes.set_xlabel(f"today {shown}: {entry['words']}", fontsize=9)
        axes.set_ylabel("maps")
        axes.yaxis.get_major_locator().set_params(integer=True)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=2, frameon=False)
    figure.suptitle(
        f"Today's map ({document['judged']['map']}) among {document['maps']:,} drawn at random",
        x=0.01, ha="left", fontweight="bold",
    )  # fmt: skip
    return figure


def _reps(document: Mapping[str, Any]) -> "Figure":
    from matplotlib.figure import Figure

    measures = [m for m in document["measures"] if any("accounts" in r["measures"][m]
                for r in document["reps"])]  # fmt: skip
    shown = list(dict.fromkeys([measures[0], measures[-1]]))
    reps = sorted(document["reps"], key=lambda r: (r["measures"][shown[0]]["share"], r["rep"]))
    figure = Figure(figsize=(11, 2.2 + 0.27 * len(reps)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(shown), sharey=True))
    for axes, measure in zip(panels, shown, strict=True):
        _shares(axes, reps, measure)
    panels[0].set_yticks(range(len(reps)), [_name(r) for r in reps])
    panels[0].set_ylim(-0.7, len(reps) - 0.3)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle(
        "What each rep has today, and what the territory around the home has in the maps drawn",
        x=0.01, ha="left", fontweight="bold",
    )  # fmt: skip
    return figure


def _shares(axes: "Axes", reps: list[Any], measure: str) -> None:
    """One row per rep: the range of the maps, its middle, and today's."""
    found = [r["measures"][measure] for r in reps]
    which = ["home" if "home" in f else "accounts" for f in found]
    at = np.arange(len(reps))
    low, middle, high = (
        np.array(
            [f[w]["shares"][q] if w in f else np.nan for f, w in zip(found, which, strict=True)]
        )
        for q in ("p05", "p50", "p95")
    )
    today = np.array([f["share"] for f in found])
    out = (today < low) | (today > high)
    axes.hlines(at, 100 * low, 100 * high, color=_RANGE, linewidth=6, label="nine maps of ten")
    axes.plot(100 * middle, at, "|", color="#444444", markersize=9, label="middle map")
    axes.plot(
        100 * today[~out], at[~out], "o", color=_INSIDE, markersize=6, label="today, within them"
    )
    axes.plot(
        100 * today[out], at[out], "D", color=_TODAY, markersize=6, label="today, beyond them"
    )
    axes.axvline(100, color="#444444", linewidth=0.8, linestyle=":")
    axes.set_xlabel(f"{measure}, % of target")
    axes.grid(axis="y", color="#EEEEEE")
    axes.set_axisbelow(True)


def _name(rep: Mapping[str, Any]) -> str:
    text = str(rep["rep_name"] or rep["territory"])
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
