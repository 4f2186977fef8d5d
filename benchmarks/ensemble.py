"""Maps drawn by our ReCom beside GerryChain's: how fast, and whether they are alike.

    python -m benchmarks.ensemble [--maps 2000] [--side 12]

Both draw minimal spanning trees under random weights, redraw until a cut is found, and start at the
same map of a square grid of equal units. The cut edges of their maps are compared (Kolmogorov and
Smirnov, on maps far enough apart to be about independent).
"""

import argparse
import json
import time
from functools import partial

import numpy as np
from scipy import stats

from geo.arrays import Int, Int32
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.ensemble.diagnostics import effective_size
from geo.ensemble.market import Market, bands, free
from geo.ensemble.sample import Chain
from geo.measures.compactness import cut_edges

_TERRITORIES, _TOLERANCE, _THIN = 4, 0.05, 20


def grid(side: int) -> CellGraph:
    """A square grid of side · side units."""
    at = np.arange(side * side).reshape(side, side)
    a = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    b = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    return graph_from_edges(side * side, a, b, np.full(len(a), SHARED_BORDER))


def ours(graph: CellGraph, start: Int32, steps: int, seed: int) -> tuple[Int, float]:
    """Cut edges after each step, and seconds."""
    n = len(graph)
    low, high = bands(np.full((_TERRITORIES, 1), n / _TERRITORIES), np.array([_TOLERANCE]))
    market = Market(graph, np.ones((n, 1)), low, high, free(n), np.zeros(_TERRITORIES, np.bool_))
    chain = Chain(market, start, (seed,), "minimal", trees=100_000)
    chain.advance(1)  # compiled
    began = time.perf_counter()
    found = [cut_edges(graph, chain.advance(1)) for _ in range(steps)]
    return np.array(found, dtype=np.int64), time.perf_counter() - began


def theirs(graph: CellGraph, start: Int32, steps: int, seed: int) -> tuple[Int, float]:
    """The same by GerryChain."""
    import random

    import networkx as nx
    from gerrychain import Graph, MarkovChain, Partition, accept, updaters
    from gerrychain.proposals import recom

    net: nx.Graph[int] = nx.Graph()
    net.add_nodes_from((unit, {"population": 1}) for unit in range(len(graph)))
    a, b, _ = graph.edges()
    net.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))
    first = Partition(
        Graph.from_networkx(net), dict(enumerate(start.tolist())),
        updaters={"population": updaters.Tally("population"), "cut_edges": updaters.cut_edges},
    )  # fmt: skip
    propose = partial(
        recom, pop_col="population", pop_target=len(graph) / _TERRITORIES, epsilon=_TOLERANCE,
        pair_selection="cut_edges", rng=random.Random(seed),
    )  # fmt: skip
    chain = MarkovChain(propose, [], accept.always_accept, first, steps + 1)
    began = time.perf_counter()
    found = [len(partition["cut_edges"]) for partition in chain]
    return np.array(found[1:], dtype=np.int64), time.perf_counter() - began


def compare(maps: int, side: int, seed: int) -> dict[str, object]:
    """Both chains on one grid."""
    graph = grid(side)
    start = np.repeat(np.arange(_TERRITORIES), side * side // _TERRITORIES).astype(np.int32)
    mine, my_s = ours(graph, start, maps, seed)
    other, other_s = theirs(graph, start, maps, seed)
    test = stats.ks_2samp(mine[_THIN::_THIN], other[_THIN::_THIN])
    return {
        "units": side * side, "territories": _TERRITORIES, "tolerance": _TOLERANCE, "steps": maps,
        "ours_per_second": round(maps / my_s, 1), "gerrychain_per_second": round(maps / other_s, 1),
        "ratio": round(other_s / my_s, 1),
        "cut_edges_ours": np.quantile(mine, [0.05, 0.5, 0.95]).tolist(),
        "cut_edges_gerrychain": np.quantile(other, [0.05, 0.5, 0.95]).tolist(),
        "effective_size": [round(effective_size(x[None, :].astype(float))) for x in (mine, other)],
        "compared": len(mine[_THIN::_THIN]), "ks": round(float(test.statistic), 4),
        "p_value": round(float(test.pvalue), 4),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=2000)
    parser.add_argument("--side", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(json.dumps(compare(asked.maps, asked.side, asked.seed), indent=1))
