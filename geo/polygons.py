"""Units that are polygons: which share a border, and the outline of a group of them."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Int, Int32

GRID_DEG = 1e-7  # seven decimals of a degree: see geo.formats.geojson


def border_edges(geometries: Sequence[BaseGeometry]) -> Int:
    """Index pairs (m, 2) of polygons that share a border of some length; a corner is not enough."""
    shapes = shapely.set_precision(np.array(geometries, dtype=object), GRID_DEG)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(shapes[first], shapes[second])
    # Polygons that overlap a little (sloppy digitising) touch as well.
    touching = (shapely.length(shared) > 0) | (shapely.area(shared) > 0)
    return np.stack([first[touching], second[touching]], axis=1).astype(np.int64)


def dissolve(
    geometries: Sequence[BaseGeometry], labels: Int32, territories: int
) -> list[BaseGeometry]:
    """The union of each territory's polygons; an empty polygon where it has none.

    Borders are snapped to the grid that they are written with, so that two neighbours whose corners
    differ in the last digit still meet, and stay valid once written.
    """
    shapes = np.array(geometries, dtype=object)
    return [shapely.union_all(shapes[labels == k], grid_size=GRID_DEG) for k in range(territories)]
