"""The layers of a plan: territories, cells, accounts, reps, and territories rolled up."""

from collections.abc import Sequence
from typing import Any, Final

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from app.ogc.layer import Layer, Shapes
from geo.arrays import Float, Int
from geo.cells.hierarchy import FINEST_RESOLUTION, resolution_of
from geo.cells.index import cell_centers, hex_to_cell
from geo.formats.hexagons import cell_polygons
from geo.sphere import EARTH_RADIUS_KM
from sales.export_layers import assignment_table, territory_areas
from sales.plan import PlanBundle
from sales.rollup import Group, roll_up

# A cell's farthest corner is at most 1.33 average edges of its resolution from its centre.
_REACH: Final = (
    1.6
    / EARTH_RADIUS_KM
    * np.array([h3.average_hexagon_edge_length(r, unit="km") for r in range(FINEST_RESOLUTION + 1)])
)


def territories_layer(bundle: PlanBundle) -> Layer:
    """One feature per territory."""
    areas = territory_areas(bundle)
    table = pd.DataFrame(areas.drop(columns=areas.geometry.name))
    shapes: Sequence[BaseGeometry | None] = [
        None if shape is None or shape.is_empty else shape for shape in areas.geometry.tolist()
    ]
    return _areas(table, "id", shapes)


def groups_layer(bundle: PlanBundle, groups: Sequence[Group]) -> Layer:
    """One feature per group of territories, with the sums of what they hold."""
    records, shapes = roll_up(bundle, groups)
    columns = list(records[0]) if records else ["id", "name"]
    return _areas(pd.DataFrame.from_records(records, columns=columns), "id", shapes)


def cells_layer(bundle: PlanBundle) -> Layer:
    """One hexagon per cell; for a plan of polygon units one point per unit."""
    if "cell" not in bundle.units.columns:
        places = bundle.places
        assert places is not None
        frame = bundle.units.merge(places, on="unit_id", how="left")
        table = frame.drop(columns=["lat", "lng"])
        return _positions(table, "territory_id", frame[["lng", "lat"]].to_numpy(np.float64))
    cells = hex_to_cell(bundle.units["cell"].tolist())
    lat, lng = cell_centers(cells)

    def shapes(rows: Int) -> Shapes:
        return list(cell_polygons(cells[rows]))

    boxes = cell_boxes(cells, lat, lng)
    return Layer(
        _columns(bundle.units), "territory_id", boxes, np.column_stack([lng, lat]), False, shapes
    )


def accounts_layer(bundle: PlanBundle) -> Layer:
    """One point per account, in the order of the file; no geometry where it has no position."""
    table = assignment_table(bundle)
    return _positions(table, "territory_id", table[["lng", "lat"]].to_numpy(np.float64))


def reps_layer(bundle: PlanBundle) -> Layer:
    """One point per rep: the home; no geometry where it is not known."""
    names = {str(t["id"]): t["name"] for t in bundle.document["territories"]}
    table = pd.DataFrame.from_records(
        [
            {
                "rep_id": rep["rep_id"], "name": rep["name"], "capacity": rep["capacity"],
                "territory_id": rep["territory"],
                "territory": names.get(str(rep["territory"]), ""),
                "lat": rep["lat"], "lng": rep["lng"],
            }
            for rep in bundle.document.get("reps", [])
        ],
        columns=["rep_id", "name", "capacity", "territory_id", "territory", "lat", "lng"],
    ).astype({"capacity": "float64", "lat": "float64", "lng": "float64"})  # fmt: skip
    return _positions(table, "territory_id", table[["lng", "lat"]].to_numpy(np.float64))


def cell_boxes(cells: Int, lat: Float, lng: Float) -> Float:
    """West, south, east, north of a box that surely holds each cell, shape (n, 4).

    All the way around where the cell reaches over ±180° or a pole.
    """
    reach = _REACH[resolution_of(cells)]
    north, south = np.radians(lat) + reach, np.radians(lat) - reach
    polar = (north >= np.pi / 2) | (south <= -np.pi / 2)
    cosine = np.where(polar, 1.0, np.cos(np.radians(lat)))
    aside = np.degrees(np.arcsin(np.minimum(np.sin(reach) / cosine, 1.0)))
    around = polar | (lng - aside < -180) | (lng + aside > 180)
    return np.column_stack(
        [
            np.where(around, -180.0, lng - aside),
            np.maximum(np.degrees(south), -90.0),
            np.where(around, 180.0, lng + aside),
            np.minimum(np.degrees(north), 90.0),
        ]
    )


def _areas(table: pd.DataFrame, owner: str, shapes: Sequence[BaseGeometry | None]) -> Layer:
    some = np.empty(len(shapes), dtype=object)
    some[:] = shapes
    inside = shapely.point_on_surface(some)
    inner = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    bounds = np.asarray(shapely.bounds(some), dtype=np.float64).reshape(-1, 4)
    return Layer(_columns(table), owner, bounds, inner, False, lambda rows: list(some[rows]))


def _positions(table: pd.DataFrame, owner: str, lng_lat: Float) -> Layer:
    def shapes(rows: Int) -> Shapes:
        return [None if np.isnan(x) else shapely.Point(x, y) for x, y in lng_lat[rows].tolist()]

    return Layer(_columns(table), owner, np.tile(lng_lat, 2), lng_lat, True, shapes)


def _columns(table: pd.DataFrame) -> Any:
    """The table in columns, with null for NaN and for empty text."""
    made: dict[str, Any] = {}
    for name in table.columns:
        column = pa.array(table[name], from_pandas=True)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if pa.types.is_null(column.type):
            column = column.cast(pa.string())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            blank = pc.equal(column, "")
            if pc.any(blank).as_py():
                column = pc.if_else(blank, pa.scalar(None, column.type), column)
        made[str(name)] = column
    return pa.table(made)
