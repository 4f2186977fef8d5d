"""Where one value stands among many, and the words for it."""

from typing import Any

import numpy as np

from geo.arrays import Float
from geo.ensemble.diagnostics import autocorrelation, effective_size, r_hat
from sales.ensemble.looks import FIGURES

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
AGREED, ENOUGH = 1.05, 100  # R̂ above, or effective size below: more maps are needed
NAMES = {
    "max_deviation": "largest deviation from target",
    "mean_deviation": "mean deviation from target",
    "rms_km": "distance to the territory's middle (km, weighted)",
    "cut_edges": "length of all borders (neighbouring cells apart)",
}


def tidy(value: float | np.floating[Any]) -> float:
    """Rounded for a file."""
    return float(np.round(value, 9))


def percentile(values: Float, value: float) -> float:
    """The fraction of `values` below `value`, those equal counted half (to 9 digits)."""
    slack = 1e-9 * max(abs(value), 1e-12)
    below = (values < value - slack).mean()
    equal = (np.abs(values - value) <= slack).mean()
    return float(below + equal / 2)


def spread_of(values: Float) -> dict[str, float]:
    """Quantiles, "p05" and so on."""
    found = np.quantile(values, QUANTILES)
    return {f"p{q * 100:02.0f}": tidy(v) for q, v in zip(QUANTILES, found, strict=True)}


def figure(chains: Float, at: int, today: float) -> dict[str, Any]:
    """One figure of all maps (chains, maps, …) with today's place among them."""
    own = chains[:, :, at]
    values, name = own.ravel(), FIGURES[at]
    found = percentile(values, today)
    agreement, size = r_hat(own), effective_size(own)
    return {
        "figure": name,
        "meaning": NAMES[name],
        "today": tidy(today),
        "percentile": tidy(found),
        "maps": spread_of(values),
        "least": tidy(values.min()),
        "most": tidy(values.max()),
        "words": _words(name, found, len(values)),
        "diagnostics": {
            "effective_size": None if np.isnan(size) else round(size, 1),
            "r_hat": None if not np.isfinite(agreement) else round(agreement, 4),
            "autocorrelation": [
                round(float(np.mean([autocorrelation(c)[lag] for c in own])), 4)
                for lag in (1, 5, 10) if lag < own.shape[1]
            ],
        },
        "values": [tidy(v) for v in values],
    }  # fmt: skip


def _words(name: str, found: float, maps: int) -> str:
    worse = {"max_deviation": "less even", "mean_deviation": "less even", "rms_km": "wider",
             "cut_edges": "more ragged"}[name]  # fmt: skip
    better = {"max_deviation": "more even", "mean_deviation": "more even", "rms_km": "tighter",
              "cut_edges": "with shorter borders"}[name]  # fmt: skip
    if found >= 1:
        return f"{worse} than every one of the {maps:,} maps"
    if found <= 0:
        return f"{better} than every one of the {maps:,} maps"
    if found >= 0.5:
        return f"{worse} than {found:.0%} of the maps"
    return f"{better} than {1 - found:.0%} of the maps"


def doubts(figures: list[dict[str, Any]]) -> list[str]:
    """What the diagnostics say against the figures, in words."""
    found = []
    for entry in figures:
        name, told = NAMES[entry["figure"]], entry["diagnostics"]
        if told["r_hat"] is None or told["r_hat"] > AGREED:
            found.append(
                f"The two chains do not agree yet on the {name} (R-hat {told['r_hat']}): draw more"
                " maps before you rely on its percentile."
            )
        elif (told["effective_size"] or 0) < ENOUGH:
            found.append(
                f"For the {name} the maps are worth only {told['effective_size']:.0f} independent"
                " ones: read its percentile as rough, or draw more."
            )
    return found
