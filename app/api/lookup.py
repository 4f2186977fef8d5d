"""Which territory a position is in: an array look-up by H3 cell, finest cells first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from h3.api import basic_int as h3
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int, Int32, frozen
from geo.cells.index import cells_at, hex_to_cell
from geo.errors import PlanFilesError

if TYPE_CHECKING:
    from sales.plan import PlanBundle

NOWHERE = np.int32(-1)


@dataclass(frozen=True, eq=False)
class Shelf:
    """The cells of one resolution: `cell` ascending (n), `territory` index into the names (n)."""

    resolution: int
    cell: Int
    territory: Int32


@dataclass(frozen=True, eq=False)
class Lookup:
    """A plan made ready to be asked.

    `shelves` finest resolution first; `outlines` (p) instead, where the plan is of polygon units;
    `ids`, `names`, `reps` (p), rep "" where the territory has none.
    """

    shelves: tuple[Shelf, ...]
    outlines: tuple[BaseGeometry, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    reps: tuple[str, ...]

    def territories_at(self, lat: Float, lng: Float) -> tuple[Int32, Int]:
        """Territory index of each position in degrees (n), -1 outside, and the cell asked (n).

        The cell is 0 where the plan has no cells. Raises GeometryError for a place not on Earth.
        """
        found = np.full(len(lat), NOWHERE, dtype=np.int32)
        at = np.zeros(len(lat), dtype=np.int64)
        for shelf in self.shelves:
            rest = np.flatnonzero(found == NOWHERE)
            cells = cells_at(lat[rest], lng[rest], shelf.resolution)
            at[rest] = np.where(at[rest] == 0, cells, at[rest])
            spot = np.minimum(np.searchsorted(shelf.cell, cells), len(shelf.cell) - 1)
            hit = shelf.cell[spot] == cells
            found[rest[hit]] = shelf.territory[spot[hit]]
            at[rest[hit]] = cells[hit]
        if self.outlines:
            tree = shapely.STRtree(self.outlines)
            points, polygons = tree.query(_points(lat, lng), predicate="intersects")
            # A point on a shared border is in both: the first territory has it.
            found[points[::-1]] = polygons[::-1].astype(np.int32)
        return found, at


def _points(lat: Float, lng: Float) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.points(lng, lat))


def make_lookup(bundle: "PlanBundle") -> Lookup:
    """Make a plan ready to be asked; raises PlanFilesError on a unit of an unknown territory."""
    territories = bundle.document["territories"]
    ids = tuple(str(t["id"]) for t in territories)
    index = {territory: i for i, territory in enumerate(ids)}
    shelves: tuple[Shelf, ...] = ()
    outlines: tuple[BaseGeometry, ...] = ()
    if bundle.document["units"] == "cells":
        shelves = _shelves(bundle, index)
    else:
        by_id: Mapping[str, BaseGeometry] = {
            str(feature["id"]): shapely.from_geojson(json.dumps(feature["geometry"]))
            for feature in bundle.outlines["features"]
        }
        outlines = tuple(by_id.get(i, shapely.Polygon()) for i in ids)
    return Lookup(
        shelves,
        outlines,
        ids,
        names=tuple(str(t["name"]) for t in territories),
        reps=tuple(str(t["rep"] or "") for t in territories),
    )


def _shelves(bundle: "PlanBundle", index: Mapping[str, int]) -> tuple[Shelf, ...]:
    units = bundle.units[bundle.units["territory_id"] != ""]
    try:
        label = np.array([index[t] for t in units["territory_id"]], dtype=np.int32)
    except KeyError as error:
        raise PlanFilesError(f"a cell belongs to territory {error}, which is not there") from error
    cell = hex_to_cell(units["cell"].tolist())
    resolution = np.array([h3.get_resolution(c) for c in cell.tolist()], dtype=np.int64)
    shelves = []
    for level in sorted(set(resolution.tolist()), reverse=True):
        at = np.flatnonzero(resolution == level)
        order = at[np.argsort(cell[at])]
        shelves.append(Shelf(level, frozen(cell[order]), frozen(label[order])))
    return tuple(shelves)
