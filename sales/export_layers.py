"""The layers of a plan: territories, units and accounts as tables with geometry."""

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cells.index import hex_to_cell
from geo.formats.hexagons import cell_polygons
from geo.formats.text import encodable
from sales.plan import PlanBundle

WGS84 = "EPSG:4326"


def territory_areas(bundle: PlanBundle) -> gpd.GeoDataFrame:
    """One row per territory of `plan.json`, in order, with its outline (None if it has none).

    Nested values are spread: `center` becomes `center_lat` and `center_lng`.
    """
    outline = {
        str(feature.get("id", feature["properties"].get("id"))): feature["geometry"]
        for feature in bundle.outlines["features"]
    }
    records = [_flat(territory) for territory in bundle.document["territories"]]
    shapes = [_shape(outline.get(str(record["id"]))) for record in records]
    geometry = gpd.GeoSeries(np.array(shapes, dtype=object), crs=WGS84)
    return gpd.GeoDataFrame(pd.DataFrame.from_records(records), geometry=geometry)


def territory_table(bundle: PlanBundle) -> pd.DataFrame:
    """The same without the outlines."""
    return pd.DataFrame.from_records([_flat(t) for t in bundle.document["territories"]])


def unit_areas(bundle: PlanBundle) -> gpd.GeoDataFrame | pd.DataFrame:
    """One row per cell, with its hexagon; units that the user brought have no geometry here."""
    if "cell" not in bundle.units.columns:
        return bundle.units.copy()
    shapes = cell_polygons(hex_to_cell(bundle.units["cell"].tolist()))
    return gpd.GeoDataFrame(bundle.units.copy(), geometry=shapes, crs=WGS84)


def account_points(bundle: PlanBundle) -> gpd.GeoDataFrame:
    """One row per account in input order; no geometry where the account has no position."""
    table = assignment_table(bundle)
    points = gpd.GeoSeries(gpd.points_from_xy(table["lng"], table["lat"], crs=WGS84))
    points[table[["lat", "lng"]].isna().any(axis=1)] = None
    return gpd.GeoDataFrame(table, geometry=points)


def assignment_table(bundle: PlanBundle) -> pd.DataFrame:
    """The assignments, with the names of territory and rep, and the account's where it is known."""
    table = bundle.assignments.copy()
    named = {
        str(t["id"]): encodable(str(t.get("name") or "")) for t in bundle.document["territories"]
    }
    territory = [named.get(territory, "") for territory in table["territory_id"].tolist()]
    table.insert(list(table.columns).index("territory_id") + 1, "territory", territory)
    reps = {str(r["rep_id"]): encodable(str(r["name"])) for r in bundle.document.get("reps", [])}
    if reps:
        place = list(table.columns).index("rep") + 1
        table.insert(place, "rep_name", [reps.get(rep, "") for rep in table["rep"].tolist()])
    if bundle.names is not None:
        table.insert(
            list(table.columns).index("account_id") + 1,
            "account_name",
            [encodable(n) for n in bundle.names],
        )
    return table


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            flat.update({f"{key}_{inner}": v for inner, v in value.items()})
        elif isinstance(value, list | tuple):
            flat[key] = json.dumps(value, ensure_ascii=False)
        else:
            flat[key] = encodable(value) if isinstance(value, str) else value
    return flat


def _shape(geometry: Mapping[str, Any] | None) -> shapely.Geometry | None:
    return None if geometry is None else shapely.geometry.shape(dict(geometry))
