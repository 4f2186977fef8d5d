"""Proven optima of the county instances: `python -m benchmarks.exact [STATE-OBJECTIVE …]`."""

import sys
import time
from pathlib import Path

import numpy as np

from geo.cells.graph import SHARED_BORDER, graph_from_edges
from geo.design.problem import DesignProblem, targets_by_share
from geo.exact.solve import Objective, solve_exact
from sales.input_types import UnitInput
from sales.inputs import read_input

COUNTIES = Path(__file__).parents[1] / "tests/data/counties"
TERRITORIES = {"ia": 4, "ok": 5}
TOLERANCE = 0.005


def county_problem(state: str) -> DesignProblem:
    source = read_input(
        COUNTIES / f"{state}_units.csv", unit_id="node", edges=COUNTIES / f"{state}_edges.csv"
    )
    assert isinstance(source, UnitInput)
    assert source.edges is not None
    kind = np.full(len(source.edges), SHARED_BORDER, dtype=np.uint8)
    graph = graph_from_edges(len(source.ids), source.edges[:, 0], source.edges[:, 1], kind)
    population = source.activity[:, [source.measures.index("population")]].copy()
    targets = targets_by_share(population, np.ones(TERRITORIES[state]))
    return DesignProblem(
        source.lat.copy(),
        source.lng.copy(),
        population,
        ("population",),
        graph,
        targets,
        np.array([TOLERANCE]),
    )


def row(state: str, objective: Objective) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    problem = county_problem(state)
    found = solve_exact(problem, objective)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    value, bound = found.value, found.bound
    if objective == "inertia" and value is not None and bound is not None:
        value, bound = value / 1e6, bound / 1e6
    cells = (
        f"{state.upper()}, {len(problem)} counties, p = {problem.territories}",
        objective,
        f"{value:,.9g}" if value is not None else "–",
        f"{bound:,.9g}" if bound is not None else "–",
        found.status,
        f"{wall:.0f}",
        f"{cpu:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    print("| instance | objective | value | bound | status | s | s of CPU |")
    print("|---|---|---|---|---|---|---|")
    wanted = sys.argv[1:] or ["ia-inertia", "ok-inertia", "ia-cut_edges", "ok-cut_edges"]
    for name in wanted:
        state, _, objective = name.partition("-")
        print(row(state, "cut_edges" if objective == "cut_edges" else "inertia"), flush=True)


if __name__ == "__main__":
    main()
