"""Quality of the solver beside METIS in one run: `make bench`, or with instances of your own:

    python -m benchmarks.quality [INSTANCE.npz …] [--seeds 3]

Medians over the seeds; a losing row stays in the table.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pymetis

from benchmarks.instances import Instance, contiguous_us, from_file
from geo.arrays import Int32
from geo.design.problem import DesignProblem
from geo.design.solve import solve
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges, polsby_popper, rms_km, weighted_centers
from geo.measures.contiguity import pieces

COLUMNS = (
    "max dev %",
    "mean dev %",
    "noncontig.",
    "rms km",
    "rms cells km",
    "cut edges",
    "pp",
    "s",
)


def ours(problem: DesignProblem, seed: int) -> Int32:
    """Bailiwick, default options."""
    return solve(problem, seed=seed).labels


def metis(problem: DesignProblem, seed: int) -> Int32:
    """METIS k-way, contiguous, ufactor 10."""
    weight = problem.activity[:, 0]
    whole = np.maximum(1, np.round(weight / weight.sum() * 1e8)).astype(int)
    options = pymetis.Options(ufactor=10, contig=True, seed=seed)
    _, labels = pymetis.part_graph(
        problem.territories,
        adjacency=pymetis.CSRAdjacency(problem.graph.indptr, problem.graph.indices),
        vweights=whole.tolist(),
        options=options,
        recursive=False,
    )
    return np.array(labels, dtype=np.int32)


def measure(problem: DesignProblem, labels: Int32, seconds: float) -> list[float]:
    """The figures of COLUMNS for one plan."""
    p, weight = problem.territories, problem.activity[:, 0]
    off = np.abs(deviations(loads(problem.activity, labels, p), problem.targets))
    even = np.ones(len(problem))
    figures = [100 * off.max(), 100 * off.mean()]
    figures.append(float((pieces(problem.graph, labels, p) != 1).sum()))
    for mass in (weight, even):
        centers = weighted_centers(problem.lat, problem.lng, mass, labels, p)
        figures.append(rms_km(problem.lat, problem.lng, mass, labels, centers))
    figures.append(cut_edges(problem.graph, labels))
    figures.append(float(polsby_popper(problem.graph, labels, p).mean()))
    return [float(f) for f in (*figures, seconds)]


def run(
    instance: Instance, solver: Callable[[DesignProblem, int], Int32], seeds: int
) -> list[float]:
    """Median figures over the seeds, warm."""
    rows = []
    for seed in range(seeds):
        begin = time.perf_counter()
        labels = solver(instance.problem, seed)
        rows.append(measure(instance.problem, labels, time.perf_counter() - begin))
    return [float(x) for x in np.median(rows, axis=0)]


def main() -> None:
    """Print the table, and the ratios to METIS."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    instances = [from_file(path) for path in asked.files] or [
        contiguous_us("US-4", 4, 20, seed=1),
        contiguous_us("US-5", 5, 100, seed=2),
    ]
    ours(contiguous_us("warm-up", 3, 5, seed=0).problem, 0)
    print("| instance | n | p | solver | " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * (len(COLUMNS) + 4))
    for instance in instances:
        problem = instance.problem
        head = f"| {instance.name} | {len(problem)} | {problem.territories} |"
        found = {
            "Bailiwick": run(instance, ours, asked.seeds),
            "METIS": run(instance, metis, asked.seeds),
        }
        for name, figures in found.items():
            print(head, name, "|", " | ".join(f"{f:.4g}" for f in figures), "|", flush=True)
        ratio = [
            f"{a / b:.3g}" if b else "–"
            for a, b in zip(found["Bailiwick"], found["METIS"], strict=True)
        ]
        print(head, "ratio |", " | ".join(ratio), "|", flush=True)


if __name__ == "__main__":
    main()
