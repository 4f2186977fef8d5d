"""What an input other than accounts becomes: cells or units with their measures."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int
from geo.cells.table import CellTable
from sales.accounts.types import RowIssue


@dataclass(frozen=True, eq=False)
class CellInput:
    """A table of H3 cells with measures, as a warehouse exports it (resolutions may be mixed)."""

    table: CellTable
    issues: tuple[RowIssue, ...]
    source: str
    sha256: str


@dataclass(frozen=True, eq=False)
class UnitInput:
    """Units that the user brings: polygons, or points with a list of edges.

    `ids` (n) unique; `lat`, `lng` of a point inside the unit (n); `activity` (n, q);
    `geometry` (n) polygons or None; `edges` (m, 2) index pairs, or None: by shared border.
    """

    ids: tuple[str, ...]
    lat: Float
    lng: Float
    activity: Float
    measures: tuple[str, ...]
    geometry: tuple[BaseGeometry, ...] | None
    edges: Int | None
    issues: tuple[RowIssue, ...]
    source: str
    sha256: str
