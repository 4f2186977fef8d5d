"""Every kernel of a design and of a realignment compiled, by making a small one of each."""

from dataclasses import replace

import h3.api.basic_int as h3
import numpy as np

from geo.cells.adjacency import contiguity_graph
from geo.cells.index import cell_centers
from geo.design.problem import DesignProblem, Incumbent, targets_by_share
from geo.design.solve import solve

_TERRITORIES = 6
_RINGS = 35  # so many cells that the diagram is first fitted to fewer


def warm_up() -> None:
    """Load the kernels from the cache, or compile and keep them, which takes half a minute."""
    cells = np.sort(np.array(h3.grid_disk(h3.latlng_to_cell(0.0, 0.0, 5), _RINGS), dtype=np.int64))
    lat, lng = cell_centers(cells)
    activity = np.random.default_rng(0).lognormal(0.0, 1.0, (len(cells), 1))
    targets = targets_by_share(activity, np.ones(_TERRITORIES))
    problem = DesignProblem(
        lat, lng, activity, ("potential",), contiguity_graph(cells), targets, np.array([0.05])
    )
    half = (np.argsort(np.argsort(lng)) * 2 // len(cells)).astype(np.int32)
    solve(problem)
    solve(replace(problem, incumbent=Incumbent(half, activity[:, 0].copy(), 0.5)))
