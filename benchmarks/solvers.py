"""All solvers that are measured, in the order of the tables: ours, its variants, the peers."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.peers.absent import NotRunError
from geo.arrays import Int32
from geo.design.problem import DesignProblem
from geo.design.solve import solve

OURS = "Bailiwick"
REFERENCE = "METIS k-way, ufactor 10"
FRONTS = ("US-S", "US-M", "US-L")  # markets on which the variants of the front are run

Run = Callable[[DesignProblem, int], Int32]


@dataclass(frozen=True)
class Solver:
    """A named way to make a plan, by a package.

    `load` imports what it needs and returns the function that is timed. `front` marks variants that
    are drawn on the front and left out of the tables. A `slow` one has fewer seeds, and beyond
    `most_units` it is known to exceed the limit by far and is not run.
    """

    name: str
    package: str
    load: Callable[[], Run]
    ours: bool = False
    front: bool = False
    slow: bool = False
    most_units: int | None = None


def _ours(name: str, *, front: bool = False, **options: Any) -> Solver:
    def load() -> Run:
        missing = sorted(set(options) - set(inspect.signature(solve).parameters))
        if missing:
            raise NotRunError(f"`solve` has no option {', '.join(missing)}")

        def run(problem: DesignProblem, seed: int) -> Int32:
            return solve(problem, seed=seed, **options).labels

        return run

    return Solver(name, "bailiwick", load, ours=True, front=front)


def _peer(module: str, function: str, **options: Any) -> Callable[[], Run]:
    def load() -> Run:
        return partial(getattr(import_module(f"benchmarks.peers.{module}"), function), **options)

    return load


_SHAPES = (0.1, 0.25, 0.5, 2.0, 4.0, 10.0)  # 1 is the default

SOLVERS = (
    _ours(OURS),
    _ours(f"{OURS}, quick", effort="quick"),
    *(_ours(f"{OURS}, shape {shape:g}", front=True, shape=shape) for shape in _SHAPES),
    Solver(REFERENCE, "pymetis", _peer("metis", "kway", ufactor=10)),
    Solver("METIS k-way, ufactor 30", "pymetis", _peer("metis", "kway", ufactor=30)),
    Solver("METIS recursive, ufactor 1", "pymetis", _peer("metis", "recursive")),
    Solver("METIS, best of 20 s", "pymetis", _peer("metis", "portfolio"), slow=True),
    Solver("KaHIP eco, 0.1 %", "kahip", _peer("kahip", "kaffpa", mode="ECO", imbalance=0.001)),
    Solver(
        "KaHIP strong, 1 %",
        "kahip",
        _peer("kahip", "kaffpa", mode="STRONG", imbalance=0.01),
        slow=True,
    ),
    Solver(
        "KaHIP connected blocks, 1 %",
        "kahip",
        _peer("kahip", "connected_blocks", imbalance=0.01),
        slow=True,
    ),
    Solver("Mt-KaHyPar quality, 0.1 %", "mtkahypar", _peer("mtkahypar", "quality")),
    Solver(
        "GerryChain tree, 1 %",
        "gerrychain",
        _peer("trees", "recursive_tree"),
        slow=True,
        most_units=50_000,
    ),
    Solver("k-means, weighted", "scikit-learn", _peer("kmeans", "weighted")),
    Solver(
        "k-means-constrained",
        "k-means-constrained",
        _peer("kmeans", "constrained"),
        slow=True,
        most_units=50_000,
    ),
    Solver("spopt Ward", "spopt", _peer("regions", "ward"), slow=True, most_units=50_000),
    Solver("spopt SKATER", "spopt", _peer("regions", "skater"), slow=True, most_units=5_000),
)

BY_NAME = {solver.name: solver for solver in SOLVERS}
