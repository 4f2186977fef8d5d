"""Rep, territory, both, neither, or: cannot tell yet."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from geo.arrays import Bool, Float

Verdict = Literal["rep", "territory", "both", "neither", "cannot tell yet"]
LEAST_TOLD: Final = 0.2


@dataclass(frozen=True, slots=True)
class Rules:
    """When something is said.

    `alpha`: the rate of false alarms. In pure noise a diagnosis names anybody at all at most in
    this share of cases; of those named where there are effects, at most this share is wrong.
    `looks`: how many diagnoses of the same data are to share `alpha` (4: every quarter of a year).
    `matters`: an effect smaller than this, up or down, is not worth acting upon (0.25: 25 %).
    `level`: of the intervals. `least_deals`: fewer in a cell say nothing.
    """

    alpha: float = 0.05
    looks: int = 1
    matters: float = 0.25
    level: float = 0.9
    least_deals: int = 8


@dataclass(frozen=True, slots=True)
class Effect:
    """One rep or territory: `factor` on what is expected, 1 the average, with its interval.

    `p`: two-sided tail probability of the effect; `told` 0..1: how much changes of hands alone say
    about it, against an effect that matters; `peers`: how many it can be compared with by them,
    itself included; `named`: it stands out after all corrections.
    """

    kind: Literal["rep", "territory"]
    id: str
    name: str
    factor: float
    low: float
    high: float
    p: float
    told: float
    peers: int
    named: bool
    why: str


def discoveries(p: Float, testable: Bool, alpha: float) -> Bool:
    """Benjamini and Hochberg's step-up over those that can be tested at all."""
    found = np.zeros(len(p), dtype=bool)
    which = np.flatnonzero(testable)
    if not len(which):
        return found
    order = which[np.argsort(p[which], kind="stable")]
    passes = p[order] <= alpha * np.arange(1, len(order) + 1) / len(order)
    if passes.any():
        found[order[: int(np.flatnonzero(passes)[-1]) + 1]] = True
    return found


def verdict(rep: Effect, territory: Effect, rules: Rules) -> Verdict:
    """What explains a territory under its rep of today."""
    if rep.named or territory.named:
        if rep.named and territory.named:
            return "both"
        return "rep" if rep.named else "territory"
    for effect in (rep, territory):
        if effect.told < LEAST_TOLD:
            return "cannot tell yet"
        if effect.low < 1 - rules.matters or effect.high > 1 / (1 - rules.matters):
            return "cannot tell yet"
    return "neither"
