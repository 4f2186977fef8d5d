"""What the data can tell apart: who shared a territory with whom, and how firmly.

A rep who was the only one ever seen in a territory, and was seen nowhere else, adds the same to
every observation as the territory does. What a model then says about the one and the other comes
from its prior alone. The contrasts here are those that such a prior does not decide.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components

from geo.arrays import Float, Int
from sales.diagnose.effects import Cells


@dataclass(frozen=True, eq=False)
class Told:
    """For each effect (reps, then territories).

    `peers` how many effects of its kind it can be compared with by changes of hands, itself
    included (1: none); `contrast` (m, columns) the effect against the mean of these; `sd` of that
    contrast as the data alone have it, without any prior; inf where they say nothing.
    """

    peers: Int
    contrast: Float
    sd: Float


def told(cells: Cells, extra: float) -> Told:
    """What changes of hands tell; `extra` is τ, beside the known errors."""
    many = cells.reps + cells.territories
    group = linked(cells)
    columns = many + cells.z.shape[1]
    contrast = np.zeros((many, columns))
    peers = np.ones(many, dtype=np.int64)
    for start, size in ((0, cells.reps), (cells.reps, cells.territories)):
        own = slice(start, start + size)
        same = group[own][:, None] == group[own][None, :]
        peers[own] = same.sum(axis=1)
        contrast[own, own] = np.eye(size) - same / same.sum(axis=1)[:, None]
    design = cells.design()[:, :many]
    cov = cells.cov + extra**2 * np.eye(len(cells.y))
    weighted = linalg.solve(cov, np.hstack([design, cells.flat]), assume_a="pos")
    cross, free = design.T @ weighted[:, many:], cells.flat.T @ weighted[:, many:]
    information = design.T @ weighted[:, :many] - cross @ linalg.pinvh(free) @ cross.T
    inverse = linalg.pinvh((information + information.T) / 2, rtol=1e-9)
    part = contrast[:, :many]
    variance = ((part @ inverse) * part).sum(axis=1)
    sd = np.where(peers > 1, np.sqrt(np.maximum(variance, 0.0)), np.inf)
    return Told(peers, contrast, sd)


def linked(cells: Cells) -> Int:
    """The connected piece of each rep and territory, in the graph of who worked where."""
    many = cells.reps + cells.territories
    graph = sparse.coo_matrix(
        (np.ones(len(cells.y)), (cells.rep, cells.reps + cells.territory)), shape=(many, many)
    )
    found: Int = connected_components(graph, directed=False)[1].astype(np.int64)
    return found
