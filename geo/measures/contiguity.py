"""Whether each territory hangs together."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo.arrays import Int, Int32
from geo.cells.graph import CellGraph


def pieces(graph: CellGraph, labels: Int32, territories: int) -> Int:
    """Connected pieces of each territory in the graph (bridges join), shape (p); 0 if empty."""
    rows = graph.rows
    same = labels[rows] == labels[graph.indices]
    inner = csr_matrix(
        (np.ones(int(same.sum()), np.int8), (rows[same], graph.indices[same])),
        shape=(len(graph), len(graph)),
    )
    count, piece = connected_components(inner, directed=False)
    owner = np.zeros(count, np.int64)
    owner[piece] = labels
    return np.bincount(owner, minlength=territories).astype(np.int64)
