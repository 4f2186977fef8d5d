"""The nearest territory to a place outside the market."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo.arrays import Float, Int32
from geo.cells.index import cell_centers
from geo.sphere import chord_to_arc_km, to_xyz

if TYPE_CHECKING:
    from sales.lookup import Lookup


@dataclass(frozen=True, eq=False)
class Nearest:
    """Places of a plan, (n, 3) in km from the Earth's centre, and the territory of each (n)."""

    tree: KDTree
    owner: Int32

    def to(self, lat: Float, lng: Float) -> tuple[Int32, Float]:
        """The territory nearest to each position in degrees, and how far it is in km, each (n)."""
        chord, at = self.tree.query(to_xyz(lat, lng))
        return self.owner[at], chord_to_arc_km(np.asarray(chord, dtype=np.float64))


def nearest_of(lookup: "Lookup") -> Nearest | None:
    """By the centres of the cells, or by the corners of the outlines; None for an empty plan."""
    if lookup.index is not None:
        return Nearest(KDTree(to_xyz(*cell_centers(lookup.index.cells))), lookup.owner)
    corners, owner = shapely.get_coordinates(list(lookup.outlines), return_index=True)
    if not len(corners):
        return None
    return Nearest(KDTree(to_xyz(corners[:, 1], corners[:, 0])), owner.astype(np.int32))
