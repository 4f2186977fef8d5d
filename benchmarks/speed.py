"""Speed alone: the stages of a solve, and the command from a cold start.

    python -m benchmarks.speed [US-S US-M …] [--repeats 3]

Figures go to benchmarks/results/speed.json.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.instances import CATALOGUE, QUICK, make
from benchmarks.store import RESULTS, setting, write
from geo.design.solve import solve
from geo.geocode import default_geocoder
from geo.progress import Stopwatch
from sales.accounts import read_accounts
from sales.design import design
from sales.request import DesignRequest

_FILE = Path(__file__).parents[1] / "data" / "samples" / "oeresund" / "accounts.csv"
_TERRITORIES = 8
_AROUND_THE_SOLVE = ("read", "geocode", "market", "report", "map")

Seconds = dict[str, float]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instances", nargs="*", default=QUICK, help=", ".join(CATALOGUE))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    stages = [_stages(name, asked.repeats) for name in asked.instances]
    start = {"file": f"{_FILE.parent.name}/{_FILE.name}", "territories": _TERRITORIES}
    start |= cold_starts(asked.repeats) | warm_command(asked.repeats)
    print(start)
    held = {"setting": setting("bailiwick"), "stages": stages, "command": start}
    write(asked.results / "speed.json", held)


def _stages(name: str, repeats: int) -> dict[str, object]:
    problem = make(name).problem
    runs = []
    for seed in range(repeats + 1):
        clock = Stopwatch(stage="shape")
        solve(problem, seed=seed, progress=clock)
        runs.append(clock.stop())
    found = {"name": name, "units": len(problem), "seconds": _medians(runs[1:])}  # 0 warmed up
    print(found, flush=True)
    return found


def cold_starts(repeats: int) -> Seconds:
    """Seconds and MB of the command in a fresh process: the very first time, and later."""
    with TemporaryDirectory() as directory:
        here = Path(directory)
        compiled = {**os.environ, "NUMBA_CACHE_DIR": str(here / "compiled")}
        first = _command(here / "first", compiled)
        later = [_command(here / str(turn), compiled) for turn in range(max(repeats, 2))]
    height = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    memory = height * (1 if sys.platform == "darwin" else 1024) / 1e6
    return {"first": first, "cold": float(np.median(later)), "memory_mb": memory}


def _command(out: Path, environment: dict[str, str]) -> float:
    program = Path(sys.executable).with_name("bailiwick")
    begin = time.perf_counter()
    done = subprocess.run(
        [
            str(program), "design", str(_FILE), "--territories", str(_TERRITORIES),
            "--out", str(out),
        ],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 3):  # 3: written, but not all within tolerance
        raise RuntimeError(done.stderr)
    return seconds


def warm_command(repeats: int) -> Seconds:
    """Seconds of the same work in a process that has done it before, and of its solve alone."""
    geocoder = default_geocoder()
    runs = []
    for _ in range(repeats + 1):
        clock, begin = Stopwatch(), time.perf_counter()
        request = DesignRequest(territories=_TERRITORIES)
        design(read_accounts(_FILE), request, geocoder=geocoder, progress=clock)
        stages = clock.stop()
        inner = sum(s for stage, s in stages.items() if stage not in _AROUND_THE_SOLVE)
        runs.append({"warm": time.perf_counter() - begin, "solve": inner})
    return _medians(runs[1:])


def _medians(runs: Sequence[Seconds]) -> Seconds:
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: float(np.median([run.get(name, 0.0) for run in runs])) for name in names}


if __name__ == "__main__":
    main()
