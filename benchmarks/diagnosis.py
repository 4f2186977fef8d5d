"""Power, false alarms and coverage of the diagnosis: `python -m benchmarks.diagnosis [RUNS]`."""

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.diagnosis_worlds import World, make
from sales.diagnose.blame import Blame, blame
from sales.diagnose.read import Files, diagnose_files
from sales.diagnose.verdicts import LEAST_TOLD, Rules

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "us"
LARGE = 0.35  # log effect: −30 %, +42 %


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def worlds() -> list[tuple[str, World]]:
    """What is measured."""
    made = [("pure noise", World())]
    made += [
        (f"one rep at {math.expm1(c):+.0%}", World(culprit=c)) for c in (-0.22, -0.36, -0.51, -0.69)
    ]
    made += [
        ("territories differ, σ 0.25", World(territory=0.25)),
        ("reps 0.30, territories 0.25", World(rep=0.3, territory=0.25)),
        ("the same, half changed hands", World(rep=0.3, territory=0.25, rotated=0.5)),
        ("the same, none changed hands", World(rep=0.3, territory=0.25, rotated=0.0)),
    ]
    return made


def measure(world: World, runs: int) -> str:
    """One line of figures."""
    alarms = named = wrong = culprit = large = found = 0
    inside: list[bool] = []
    for seed in range(runs):
        panel, truth = make(world, seed)
        effects = blame(panel, Rules()).effects
        alarms += any(e.named for e in effects)
        for e in effects:
            planted = (truth.rep if e.kind == "rep" else truth.territory)[e.id]
            inside.append(math.log(e.low) <= planted <= math.log(e.high))
            if abs(planted) >= LARGE:
                large += 1
                found += e.named
            culprit += e.named and e.id == "R000"
            if e.named:
                named += 1
                wrong += planted * math.log(e.factor) <= 0
    upper = float(stats.beta.ppf(0.95, alarms + 1, runs - alarms)) if alarms < runs else 1.0
    power = f"{found / large:4.0%} of {large}" if large else "-"
    return (
        f"anybody named {alarms / runs:4.0%} (≤ {upper:3.0%}); wrong {wrong} of {named}; "
        f"R000 named {culprit / runs:4.0%}; of effects ≥ ±30 % found {power}; "
        f"90 % intervals hold {np.mean(inside):.0%}"
    )


def sample(with_deals: bool) -> None:
    """The planted effects of the sample company."""
    files = Files(
        SAMPLE / "accounts.csv", SAMPLE / "bookings.csv", SAMPLE / "alignment.csv",
        SAMPLE / "activities.csv", SAMPLE / "opportunities.csv" if with_deals else None,
    )  # fmt: skip
    found: Blame = diagnose_files(files, None, Rules()).blame
    planted = pd.read_csv(SAMPLE / "planted_effects.csv").set_index("id")["factor"]
    for kind in ("rep", "territory"):
        for told in (True, False):
            own = [
                (math.log(e.factor), math.log(planted[e.id if kind == "rep" else e.name]),
                 e.low <= planted[e.id if kind == "rep" else e.name] <= e.high, e.named)
                for e in found.effects
                if e.kind == kind and (e.told >= LEAST_TOLD) == told
            ]  # fmt: skip
            table = np.array(own, dtype=float)
            where = "changed hands" if told else "did not"
            say(
                f"  {kind:<9} {where:<13} n {len(own)}: correlation with the planted"
                f" {np.corrcoef(table[:, 0], table[:, 1])[0, 1]:.2f}, 90 % intervals hold"
                f" {table[:, 2].mean():.0%}, named {int(table[:, 3].sum())}"
            )


def main() -> None:
    """Print all."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    say(f"{runs} made-up years each, {4 * runs} of noise; in brackets the rate's 95 % upper bound")
    for name, world in worlds():
        say(f"{name:<30} {measure(world, runs if name != 'pure noise' else 4 * runs)}")
    for with_deals in (False, True):
        say("sample company" + (", with deals lost" if with_deals else ""))
        sample(with_deals)


if __name__ == "__main__":
    main()
