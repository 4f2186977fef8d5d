"""Made-up years of selling with effects planted, for measuring what a diagnosis finds in them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sales.diagnose.panel import Panel


@dataclass(frozen=True)
class World:
    """What is planted. Spreads are standard deviations of the logs.

    `rotated`: share of territories that change hands in a ring after the first half.
    `culprit`: log effect of the first rep of the ring, in place of a drawn one.
    """

    territories: int = 40
    accounts: int = 100
    rep: float = 0.0
    territory: float = 0.0
    rotated: float = 1.0
    culprit: float = 0.0
    noise: float = 0.5


@dataclass(frozen=True)
class Truth:
    """Log effects by rep and territory, each of mean 0 apart from the culprit's."""

    rep: dict[str, float]
    territory: dict[str, float]


def make(world: World, seed: int) -> tuple[Panel, Truth]:
    """A year in two halves."""
    rng = np.random.default_rng(seed)
    p = world.territories
    reps, territories = ([f"{letter}{i:03d}" for i in range(p)] for letter in "RT")
    of_rep, of_territory = rng.normal(0, world.rep, p), rng.normal(0, world.territory, p)
    of_rep -= of_rep.mean()
    of_territory -= of_territory.mean()
    of_rep[0] = world.culprit or of_rep[0]
    ring = np.arange(round(world.rotated * p))
    first = np.arange(p)
    first[ring] = np.roll(ring, -1)
    potential = np.exp(rng.normal(9.5, 1.3, (p, world.accounts))).clip(800, 1.4e6)
    chance = 0.97 - 0.62 * np.exp(-potential / 60_000)
    parts = []
    for half, holder in enumerate((first, np.arange(p))):
        hours = np.exp(rng.normal(0, 0.7, potential.shape)) * np.sqrt(potential) * 0.02
        attention = 0.35 + 0.65 * np.minimum(1, hours / (0.04 * np.sqrt(potential)))
        mean = potential / 2 * 0.12 * attention
        mean = mean * np.exp(of_rep[holder] + of_territory)[:, None]
        won = rng.random(potential.shape) < chance
        s = world.noise
        booked = won * mean / chance * np.exp(rng.normal(-(s**2) / 2, s, potential.shape))
        t = np.repeat(np.arange(p), world.accounts)
        parts.append(pd.DataFrame({
            "key": np.arange(t.size).astype(str), "period": f"2024-H{half + 1}",
            "territory": np.array(territories)[t], "rep": np.array(reps)[holder[t]],
            "potential": potential.ravel(), "base": potential.ravel() / 2,
            "booked": booked.ravel(), "deals": won.ravel().astype(float),
            "hours": hours.ravel(), "km": np.nan,
        }))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows["account_id"] = rows["key"]
    last = parts[1].set_index("key")
    today = pd.DataFrame({"account_id": last.index, "territory": last["territory"],
                          "territory_name": "", "rep": last["rep"]}, index=last.index)  # fmt: skip
    panel = Panel(rows, today, dict(zip(territories, territories, strict=True)), "half",
                  ("2024-H1", "2024-H2"), ())  # fmt: skip
    truth = Truth(*(dict(zip(names, v.tolist(), strict=True))
                    for names, v in ((reps, of_rep), (territories, of_territory))))  # fmt: skip
    return panel, truth
