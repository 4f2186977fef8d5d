"""A plan as the page's script reads it: one JSON value, compact, references by index."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.account_data import account_columns, review_rows
from app.maps.outlines import (
    centre_longitude,
    hull_of_points,
    make_outline,
    near_longitude,
    read_geometries,
)
from app.maps.territory_data import rep_rows, territory_rows
from app.maps.unit_data import (
    bridge_rows,
    bridged_territories,
    cell_groups,
    owned_points,
    point_columns,
    unit_positions,
)
from geo.arrays import Float
from sales.plan import PlanBundle


def plan_payload(bundle: PlanBundle, title: str) -> dict[str, Any]:
    """Everything that the page shows about `bundle`."""
    document = bundle.document
    territories: Sequence[Mapping[str, Any]] = document["territories"]
    index = {str(territory["id"]): t for t, territory in enumerate(territories)}
    polygons = read_geometries(bundle.outlines, list(index))
    points = owned_points(bundle)
    centre = centre_longitude(_longitudes(polygons, points))
    outlines = [make_outline(polygons[territory], centre) for territory in index]
    shapes = [
        outline.geometry if outline.rings else _hull(points, territory, centre)
        for territory, outline in zip(index, outlines, strict=True)
    ]
    measures = [str(name) for name in document.get("measures", ())]
    cells = document.get("units", "cells") == "cells"
    positions = unit_positions(bundle)
    return {
        "title": title,
        "measures": measures,
        "tolerance": dict(document.get("tolerance", {})),
        "summary": dict(document.get("summary", {})),
        "violations": [_sentence(violation) for violation in document.get("violations", ())],
        "centre": round(centre, 6),
        "bounds": _bounds(shapes),
        "territories": territory_rows(
            document, outlines, shapes, bridged_territories(bundle, index)
        ),
        "cells": cell_groups(bundle, index, measures) if cells else None,
        "points": None if cells else point_columns(bundle, positions, index, measures),
        "accounts": account_columns(bundle, index),
        "review": review_rows(bundle),
        "reps": rep_rows(document, index),
        "bridges": bridge_rows(bundle, positions),
    }


def _longitudes(polygons: Mapping[str, Sequence[shapely.Polygon]], rows: pd.DataFrame) -> Float:
    parts = [part for owned in polygons.values() for part in owned]
    return np.concatenate([shapely.get_coordinates(parts)[:, 0], rows["lng"].to_numpy()])


def _hull(rows: pd.DataFrame, territory: str, centre: float) -> BaseGeometry:
    own = rows[rows["territory_id"] == territory]
    return hull_of_points(near_longitude(own["lng"].to_numpy(), centre), own["lat"].to_numpy())


def _bounds(shapes: Sequence[BaseGeometry]) -> list[list[float]]:
    """[[south, west], [north, east]]; the whole world for a plan that is nowhere."""
    drawn = [shape for shape in shapes if not shape.is_empty]
    if not drawn:
        return [[-60.0, -180.0], [75.0, 180.0]]
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]


def _sentence(violation: Any) -> str:
    if isinstance(violation, Mapping):
        return str(violation.get("message") or violation)
    return str(violation)
