"""Mt-KaHyPar (Gottesbüren, Heuer, Maas, Sanders, Schlag 2024), on all cores."""

import os
from functools import cache

import mtkahypar
import numpy as np

from benchmarks.peers.weights import whole_weights
from geo.arrays import Int32
from geo.design.problem import DesignProblem


@cache
def _initializer() -> mtkahypar.Initializer:
    return mtkahypar.initialize(os.cpu_count() or 1)  # once a process


def quality(problem: DesignProblem, seed: int) -> Int32:
    """Preset quality, least cut, imbalance 0.1 %."""
    start = _initializer()
    mtkahypar.set_seed(seed)
    context = start.context_from_preset(mtkahypar.PresetType.QUALITY)
    context.set_partitioning_parameters(problem.territories, 0.001, mtkahypar.Objective.CUT)
    a, b, _ = problem.graph.edges()
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    weights = whole_weights(problem).tolist()
    graph = start.create_graph(context, len(problem), len(pairs), pairs, weights, [1] * len(pairs))
    return np.array(graph.partition(context).get_partition(), dtype=np.int32)
