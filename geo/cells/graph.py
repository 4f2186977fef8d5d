"""The contiguity graph: which units touch, and which are joined by a bridge."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo.arrays import Float, Int, Int32, UInt8, frozen
from geo.errors import GeometryError
from geo.sphere import distance_km

SHARED_BORDER = np.uint8(0)
BRIDGE = np.uint8(1)


@dataclass(frozen=True, eq=False)
class CellGraph:
    """Undirected graph in CSR form: the neighbours of i are `indices[indptr[i]:indptr[i+1]]`.

    `indptr` int32 (n+1), `indices` int32 (m, each edge twice, ascending within a row), `kind` uint8
    (m; SHARED_BORDER or BRIDGE). Symmetric, without loops; checked when made.
    """

    indptr: Int32
    indices: Int32
    kind: UInt8

    def __post_init__(self) -> None:
        n, m = len(self.indptr) - 1, len(self.indices)
        if n < 0 or self.indptr[0] != 0 or self.indptr[-1] != m or len(self.kind) != m:
            raise GeometryError("the graph's arrays do not fit together")
        if m and (self.indices.min() < 0 or self.indices.max() >= n):
            raise GeometryError("the graph names a unit that does not exist")
        rows = self.rows
        if np.any(rows == self.indices):
            raise GeometryError("the graph joins a unit to itself")
        forward = rows.astype(np.int64) * n + self.indices
        if np.any(np.diff(forward) <= 0):
            raise GeometryError("the graph's edges must be unique and ascending")
        if not np.array_equal(np.sort(self.indices.astype(np.int64) * n + rows), forward):
            raise GeometryError("the graph is not symmetric")
        for array in (self.indptr, self.indices, self.kind):
            frozen(array)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def rows(self) -> Int32:
        """The unit from which each directed edge starts, shape (m)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.indptr))

    def edges(self) -> tuple[Int32, Int32, UInt8]:
        """Each undirected edge once: (a, b, kind) with a < b."""
        rows = self.rows
        once = rows < self.indices
        return rows[once], self.indices[once], self.kind[once]

    def components(self) -> tuple[int, Int]:
        """Number of connected components, and each unit's component, shape (n)."""
        count, component = connected_components(self.matrix(), directed=False)
        return int(count), component.astype(np.int64)

    def matrix(self) -> csr_matrix:
        """The adjacency matrix, with ones, shape (n, n)."""
        ones = np.ones(len(self.indices), dtype=np.int8)
        return csr_matrix((ones, self.indices, self.indptr), shape=(len(self), len(self)))


def graph_from_edges(n: int, a: Int, b: Int, kind: UInt8) -> CellGraph:
    """Make a graph of n units from undirected edges (a, b); an edge given twice counts once.

    Where an edge is both border and bridge it is a border. Raises GeometryError on loops.
    """
    a, b = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
    # One number for each directed edge, its kind last: sorting them is all there is to do.
    forward, backward = a * n + b, b * n + a
    edge = np.sort(np.concatenate([forward, backward]) * 2 + np.concatenate([kind, kind]))
    edge = edge[np.append(True, (edge[1:] >> 1) != (edge[:-1] >> 1))] if len(edge) else edge
    src, dst = np.divmod(edge >> 1, max(n, 1))
    indptr = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(src, minlength=n), out=indptr[1:])
    return CellGraph(indptr, dst.astype(np.int32), (edge & 1).astype(np.uint8))


def with_edges(graph: CellGraph, a: Int, b: Int, kind: UInt8) -> CellGraph:
    """The same graph with more edges."""
    old_a, old_b, old_kind = graph.edges()
    return graph_from_edges(
        len(graph),
        np.concatenate([old_a.astype(np.int64), a]),
        np.concatenate([old_b.astype(np.int64), b]),
        np.concatenate([old_kind, kind]),
    )


def bridge_lengths(graph: CellGraph, lat: Float, lng: Float) -> tuple[Int, Int, Float]:
    """Each bridge once with its great-circle length: (a, b, km)."""
    a, b, kind = graph.edges()
    bridge = kind == BRIDGE
    a, b = a[bridge].astype(np.int64), b[bridge].astype(np.int64)
    return a, b, distance_km(lat[a], lng[a], lat[b], lng[b])
