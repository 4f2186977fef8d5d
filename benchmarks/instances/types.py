"""What a benchmark is run on."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float
from geo.cells.graph import CellGraph
from geo.design.problem import DesignProblem, targets_by_share

TOLERANCE = 0.05  # the command's default


@dataclass(frozen=True, eq=False)
class Instance:
    """A named problem with one measure, potential.

    `about` says in a few words what is special about it. `outlines` are the units' polygons as WKB,
    in [longitude, latitude] degrees, where units are not hexagons of about one size.
    """

    name: str
    about: str
    problem: DesignProblem
    outlines: tuple[bytes, ...] = ()


def equal_targets(
    lat: Float, lng: Float, potential: Float, graph: CellGraph, territories: int
) -> DesignProblem:
    """The problem of sharing out `potential` (n) evenly."""
    activity = np.array(potential, dtype=np.float64).reshape(-1, 1)
    return DesignProblem(
        np.array(lat, dtype=np.float64),
        np.array(lng, dtype=np.float64),
        activity,
        ("potential",),
        graph,
        targets_by_share(activity, np.ones(territories)),
        np.array([TOLERANCE]),
    )
