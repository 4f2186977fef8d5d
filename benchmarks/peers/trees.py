"""Recursive tree partition of GerryChain (DeFord, Duchin, Solomon 2021)."""

import networkx as nx
import numpy as np
from gerrychain import Graph
from gerrychain.partition import recursive_tree_part

from geo.arrays import Int32
from geo.design.problem import DesignProblem


def recursive_tree(problem: DesignProblem, seed: int) -> Int32:
    """One territory after the other is cut off a random spanning tree, within 1 % of its target."""
    graph: nx.Graph[int] = nx.Graph()
    weight = problem.activity[:, 0].tolist()
    graph.add_nodes_from((unit, {"potential": share}) for unit, share in enumerate(weight))
    a, b, _ = problem.graph.edges()
    graph.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))
    parts = range(problem.territories)
    target = float(problem.targets[0, 0])
    owner = recursive_tree_part(
        Graph.from_networkx(graph), list(parts), target, "potential", 0.01, rng=seed
    )
    return np.array([owner[unit] for unit in range(len(problem))], dtype=np.int32)
