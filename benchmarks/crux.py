"""How far from the targets markets with dense cores must be, and how far the solver's plans are.

    python -m benchmarks.crux [US-M:100 US-L:500 …] [--seed 0]

Of each market cut into so many territories: the heaviest unit as a share of a target, the largest
deviation of the plan, and the deviation that the crux proves unavoidable for every plan.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.instances import make
from geo.design.crux import Ground, crux
from geo.design.problem import targets_by_share
from geo.design.solve import solve
from geo.measures.balance import deviations, heaviest_share, loads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", nargs="*", default=["US-M:100", "US-M:150", "US-L:500"])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print("| market | territories | heaviest | largest deviation | proven unavoidable | units |")
    print("|---|---|---|---|---|---|")
    for market in asked.markets:
        name, _, count = market.partition(":")
        problem = make(name).problem
        targets = targets_by_share(problem.activity, np.ones(int(count or problem.territories)))
        problem = replace(problem, targets=targets)
        labels = solve(problem, seed=asked.seed).labels
        load = loads(problem.activity, labels, problem.territories)
        worst = np.abs(deviations(load, problem.targets)).max()
        graph, weight = problem.graph, problem.activity[:, 0]
        found = crux(Ground(graph.indptr, graph.indices, weight, problem.targets[:, 0]), labels)
        proven = f"{found.least:.2%} | {len(found.units)}" if found else "nothing | 0"
        share = heaviest_share(problem.activity[:, 0], problem.targets[:, 0])[1]
        print(f"| {name} | {problem.territories} | {share:.2f} | {worst:.2%} | {proven} |")


if __name__ == "__main__":
    main()
