"""Borders of areas as plain lines."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Geometries = npt.NDArray[Any]  # of shapely geometries, dtype object


def segments(area: BaseGeometry) -> Geometries:
    """The border of polygons as lines of two points each."""
    rings = shapely.get_rings(shapely.get_parts(area))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    lines = shapely.linestrings(np.stack([xy[joined], xy[joined + 1]], axis=1))
    return np.atleast_1d(np.asarray(lines, dtype=object))
