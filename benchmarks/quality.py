"""Quality of plans beside the peers: `make bench`, or parts of it:

    python -m benchmarks.quality [US-S … | FILE.npz …] [--solvers NAME …] [--seeds 5]

Every solver runs warm in a process of its own, one after the other in one run of this command.
Rows go to benchmarks/results, from where `python -m benchmarks.report` makes tables and plots.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.child import Outcome, run_apart
from benchmarks.instances import CATALOGUE, QUICK, Instance, from_file, make
from benchmarks.scaling import scaling_lines
from benchmarks.solvers import FRONTS, SOLVERS, Solver
from benchmarks.store import RESULTS, keep, medians, sheets


def main() -> None:
    """Run what is asked, and print each row as it is done."""
    asked = _parser().parse_args()
    wanted = asked.solvers or [solver.name for solver in SOLVERS]
    names = asked.instances or (QUICK if asked.quick else tuple(CATALOGUE))
    for name in names:
        instance = from_file(Path(name)) if name.endswith(".npz") else make(name)
        size = f"{len(instance.problem):,} units, {instance.problem.territories} territories"
        print(f"\n{instance.name}: {size}", flush=True)
        for solver in _chosen(instance, wanted, everything=bool(asked.solvers)):
            seeds = min(asked.seeds, asked.slow_seeds) if solver.slow else asked.seeds
            outcome = _outcome(solver, instance, seeds, asked.limit)
            keep(asked.results, instance, solver, outcome)
            print(_line(solver.name, outcome), flush=True)
    print("\n" + "\n".join(scaling_lines(sheets(asked.results))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instances", nargs="*", help=f"{', '.join(CATALOGUE)}, or .npz files")
    parser.add_argument("--quick", action="store_true", help=f"only {' and '.join(QUICK)}")
    parser.add_argument("--solvers", nargs="+", metavar="NAME", help="names as in the tables")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--slow-seeds", type=int, default=3, help="of peers marked as slow")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for one plan")
    parser.add_argument("--results", type=Path, default=RESULTS, help="directory to write to")
    return parser


def _chosen(instance: Instance, wanted: Sequence[str], *, everything: bool) -> list[Solver]:
    """The solvers of that name; those of the front only where the front is drawn."""
    drawn = everything or instance.name in FRONTS or instance.name not in CATALOGUE
    return [s for s in SOLVERS if s.name in wanted and (drawn or not s.front)]


def _outcome(solver: Solver, instance: Instance, seeds: int, limit: float) -> Outcome:
    units = len(instance.problem)
    if solver.most_units is not None and units > solver.most_units:
        return Outcome([], f"not run: beyond {solver.most_units:,} units far above {limit:g} s")
    return run_apart(solver.name, instance, seeds, limit)


def _line(name: str, outcome: Outcome) -> str:
    said = [outcome.note] if outcome.note else []
    if outcome.runs:
        middle = medians(outcome.runs)
        said.insert(
            0,
            f"max {middle['max_deviation']:.2%}, mean {middle['mean_deviation']:.2%},"
            f" {middle['noncontiguous']:.0f} broken, rms {middle['rms_km']:.4g} km,"
            f" cut {middle['cut_edges']:.0f}, {middle['seconds']:.3g} s",
        )
    return f"  {name:<28} {'; '.join(said)}"


if __name__ == "__main__":
    main()
