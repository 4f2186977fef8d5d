"""Which territory a position is in: an array look-up by H3 cell, the finest that holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int, Int32, frozen
from geo.cells.holding import CellIndex, cell_index
from geo.cells.index import cells_at, check_positions, hex_to_cell
from geo.errors import PlanFilesError
from sales.nearest import Nearest, nearest_of
from sales.raster import UNDECIDED, Raster, raster
from sales.segments.choose import Chooser, chooser_of

if TYPE_CHECKING:
    from sales.plan import PlanBundle

NOWHERE = np.int32(-1)


@dataclass(frozen=True, eq=False)
class Lookup:
    """A plan made ready to be asked.

    `index` the plan's cells with `owner` (n), each one's territory as an index into the names;
    `outlines` (p) instead, where the plan is of polygon units; `ids`, `names`, `reps` (p), rep ""
    where the territory has none; `segments` (p) likewise. A plan with segments has `chooser`, and
    `layers`: the cells of each segment's own geography, territories numbered as in the whole.
    """

    index: CellIndex | None
    owner: Int32
    outlines: tuple[BaseGeometry, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    reps: tuple[str, ...]
    segments: tuple[str, ...]
    layers: Mapping[str, "Lookup"] = field(default_factory=dict)
    chooser: Chooser | None = None

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Index of each territory by its id."""
        return {territory: i for i, territory in enumerate(self.ids)}

    @cached_property
    def by_rep(self) -> Mapping[str, tuple[int, ...]]:
        """The territories of each rep."""
        found: dict[str, tuple[int, ...]] = {}
        for i, rep in enumerate(self.reps):
            found[rep] = (*found.get(rep, ()), i)
        return found

    @cached_property
    def by_segment(self) -> Mapping[str, tuple[int, ...]]:
        """The territories of each segment."""
        found: dict[str, tuple[int, ...]] = {}
        for i, segment in enumerate(self.segments):
            found[segment] = (*found.get(segment, ()), i)
        return found

    @cached_property
    def nearest(self) -> Nearest | None:
        """What is nearest to places outside; made when first asked."""
        return nearest_of(self)

    @cached_property
    def raster(self) -> Raster | None:
        """The picture that answers large batches; made when first asked."""
        return raster(self.index, self.owner) if self.index is not None else None

    def owners_at(self, lat: Float, lng: Float) -> Int32:
        """The territories of `territories_at` alone, for many positions: by the picture first."""
        lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
        if self.index is None or self.raster is None:
            return self.territories_at(lat, lng)[0]
        check_positions(lat, lng)
        found = self.raster.at(lat, lng)
        open_ = np.flatnonzero(found == UNDECIDED)
        held = self.index.holders(lat[open_], lng[open_])
        found[open_] = np.where(held >= 0, self.owner[held], NOWHERE)
        return found

    def territories_at(self, lat: Float, lng: Float) -> tuple[Int32, Int]:
        """Territory index of each position in degrees (n), -1 outside, and its cell (n).

        The cell is that of the plan's coarsest resolution where the position is in none, and 0
        where the plan has no cells. Raises GeometryError for a place not on Earth.
        """
        check_positions(lat, lng)
        found = np.full(len(lat), NOWHERE, dtype=np.int32)
        at = np.zeros(len(lat), dtype=np.int64)
        if self.index is not None and len(lat):
            held = self.index.holders(lat, lng)
            inside = held >= 0
            found[inside] = self.owner[held[inside]]
            at[inside] = self.index.cells[held[inside]]
            at[~inside] = cells_at(lat[~inside], lng[~inside], self.index.coarsest)
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
    if bundle.model is not None:
        return _segmented(bundle, ids, index)
    cells, owner = np.empty(0, np.int64), np.empty(0, np.int32)
    outlines: tuple[BaseGeometry, ...] = ()
    if bundle.document["units"] == "cells":
        cells, owner = _owned(bundle, index)
    else:
        by_id: Mapping[str, BaseGeometry] = {
            str(feature["id"]): shapely.from_geojson(json.dumps(feature["geometry"]))
            for feature in bundle.outlines["features"]
        }
        outlines = tuple(by_id.get(i, shapely.Polygon()) for i in ids)
    return Lookup(
        cell_index(cells) if len(cells) else None,
        frozen(owner),
        outlines,
        ids,
        names=tuple(str(t["name"]) for t in territories),
        reps=tuple(str(t["rep"] or "") for t in territories),
        segments=tuple(str(t.get("segment") or "") for t in territories),
    )


def _segmented(bundle: "PlanBundle", ids: tuple[str, ...], index: Mapping[str, int]) -> Lookup:
    """The look-up of a plan with segments: one layer of cells for each segment on the map."""
    territories = bundle.document["territories"]
    plain = Lookup(
        None,
        np.empty(0, np.int32),
        (),
        ids,
        names=tuple(str(t["name"]) for t in territories),
        reps=tuple(str(t["rep"] or "") for t in territories),
        segments=tuple(str(t["segment"]) for t in territories),
    )
    made: dict[str, Lookup] = {}
    for name, part in bundle.parts.items():
        cells, owner = _owned(part, index)
        made[name] = replace(plain, index=cell_index(cells), owner=frozen(owner))
    used = {s["id"]: s["geography"] for s in bundle.document["segments"]}
    layers = {segment: made[geography] for segment, geography in used.items() if geography}
    return replace(plain, layers=layers, chooser=chooser_of(bundle, index))


def _owned(bundle: "PlanBundle", index: Mapping[str, int]) -> tuple[Int, Int32]:
    """The plan's cells, ascending, and the territory of each."""
    units = bundle.units[bundle.units["territory_id"] != ""]
    try:
        label = np.array([index[t] for t in units["territory_id"]], dtype=np.int32)
    except KeyError as error:
        raise PlanFilesError(f"a cell belongs to territory {error}, which is not there") from error
    cell = hex_to_cell(units["cell"].tolist())
    order = np.argsort(cell)
    return cell[order], label[order]
