"""Instances that a user brings."""

from pathlib import Path

import numpy as np

from benchmarks.instances.types import Instance, equal_targets
from geo.cells.graph import SHARED_BORDER, CellGraph


def from_file(path: Path) -> Instance:
    """A market of cells with `lat`, `lng`, `w`, `indptr`, `indices` and `K` (territories)."""
    with np.load(path) as held:
        indices = held["indices"].astype(np.int32)
        kind = np.full(len(indices), SHARED_BORDER, dtype=np.uint8)
        graph = CellGraph(held["indptr"].astype(np.int32), indices, kind)
        problem = equal_targets(held["lat"], held["lng"], held["w"], graph, int(held["K"]))
    return Instance(path.stem, "brought as a file", problem)
