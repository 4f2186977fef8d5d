"""Regionalisation by PySAL's spopt (Feng, Gaboardi, Knaap, Rey, Wei 2021)."""

import geopandas as gpd
import libpysal
import numpy as np
from spopt.region import Skater, WardSpatial

from geo.arrays import Int32
from geo.design.problem import DesignProblem

_PLACE = ["x", "y", "z"]


def ward(problem: DesignProblem, seed: int) -> Int32:  # noqa: ARG001
    """Ward's hierarchical clustering of neighbouring units by place; it knows no balance."""
    frame, weights = _frame(problem), _contiguity(problem)
    model = WardSpatial(frame, weights, _PLACE, n_clusters=problem.territories)
    model.solve()
    return np.asarray(model.labels_, dtype=np.int32)


def skater(problem: DesignProblem, seed: int) -> Int32:  # noqa: ARG001
    """SKATER: cuts of the least spanning tree by place (Assunção et al. 2006)."""
    frame, weights = _frame(problem), _contiguity(problem)
    model = Skater(frame, weights, _PLACE, n_clusters=problem.territories)
    model.solve()
    return np.asarray(model.labels_, dtype=np.int32)


def _frame(problem: DesignProblem) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(problem.lng, problem.lat))
    frame[_PLACE] = problem.xyz()
    return frame


def _contiguity(problem: DesignProblem) -> libpysal.weights.W:
    starts, others = problem.graph.indptr, problem.graph.indices
    rows = {i: others[starts[i] : starts[i + 1]].tolist() for i in range(len(problem))}
    return libpysal.weights.W(rows, silence_warnings=True)
