"""METIS (Karypis, Kumar 1998), by pymetis."""

import time

import numpy as np
import pymetis

from benchmarks.peers.weights import whole_weights
from geo.arrays import Int32
from geo.design.problem import DesignProblem
from geo.measures.balance import deviations, loads
from geo.measures.contiguity import pieces

_PORTFOLIO_S = 20.0
_PORTFOLIO = ((10, False), (30, False), (1, False), (3, False), (1, True))  # ufactor, recursive


def kway(problem: DesignProblem, seed: int, *, ufactor: int) -> Int32:
    """K-way, contiguous; `ufactor` is the imbalance aimed at, in thousandths."""
    return _partition(problem, recursive=False, ufactor=ufactor, contig=True, seed=seed)


def recursive(problem: DesignProblem, seed: int) -> Int32:
    """Recursive bisection as exact as it goes: ufactor 1, best of 10 cuts."""
    return _partition(problem, recursive=True, ufactor=1, ncuts=10, seed=seed)


def portfolio(problem: DesignProblem, seed: int) -> Int32:
    """The best balanced contiguous plan of all that METIS makes in 20 s, options varied."""
    rng = np.random.default_rng(seed)
    until = time.perf_counter() + _PORTFOLIO_S
    best, least = kway(problem, seed, ufactor=10), (np.inf, np.inf)
    turn = 0
    while time.perf_counter() < until:
        ufactor, halving = _PORTFOLIO[turn % len(_PORTFOLIO)]
        contig = {} if halving else {"contig": True}
        number = int(rng.integers(2**30))
        labels = _partition(problem, recursive=halving, ufactor=ufactor, seed=number, **contig)
        rank = _rank(problem, labels)
        if rank < least:
            best, least = labels, rank
        turn += 1
    return best


def _partition(problem: DesignProblem, *, recursive: bool, **options: int) -> Int32:
    _, labels = pymetis.part_graph(
        problem.territories,
        adjacency=pymetis.CSRAdjacency(problem.graph.indptr, problem.graph.indices),
        vweights=whole_weights(problem).tolist(),
        options=pymetis.Options(**options),
        recursive=recursive,
    )
    return np.array(labels, dtype=np.int32)


def _rank(problem: DesignProblem, labels: Int32) -> tuple[float, float]:
    """Broken territories, then the largest deviation: less is better."""
    p = problem.territories
    broken = float((pieces(problem.graph, labels, p) != 1).sum())
    off = np.abs(deviations(loads(problem.activity, labels, p), problem.targets))
    return broken, float(off.max())
