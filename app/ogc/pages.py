"""A page of features: which rows a query selects, and the rows as GeoJSON."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.ogc.layer import Layer, as_mask
from app.ogc.query import ItemsQuery, number
from app.ogc.selection import selected
from geo.arrays import Bool, Int
from geo.formats.geojson import geometries

from app.errors import BadParameterError  # isort: skip


def matching(layer: Layer, asked: ItemsQuery, visible: frozenset[str] | None) -> Int:
    """The rows of the features that are asked for and may be seen, in the layer's order."""
    kept = layer.seen_by(visible)
    for name, value in asked.equal.items():
        kept &= _equal(layer, name, value)
    if asked.filtered:
        kept &= selected(layer, asked.filter)
    if asked.shape is not None:
        kept &= layer.intersecting(asked.shape)
    return np.flatnonzero(kept)


def features(layer: Layer, rows: Int) -> list[dict[str, Any]]:
    """Rows as GeoJSON features, their geometries made now."""
    records = layer.table.take(pa.array(rows)).to_pylist()
    return [
        {
            "type": "Feature",
            "id": record[layer.key],
            "geometry": shape,
            "properties": {name: _finite(value) for name, value in record.items()},
        }
        for record, shape in zip(records, geometries(layer.shapes(rows)), strict=True)
    ]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _equal(layer: Layer, name: str, text: str) -> Bool:
    kind, column = layer.kind(name), layer.table.column(name)
    if kind == "string":
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadParameterError(f"the parameter {name!r} is no text", hint="") from None
        return as_mask(pc.equal(column, pa.scalar(text, column.type)), len(layer))
    if kind == "boolean":
        if text not in ("true", "false"):
            raise BadParameterError(
                f"the parameter {name!r} is neither true nor false", hint="Write true or false."
            )
        return as_mask(pc.equal(column, text == "true"), len(layer))
    return as_mask(pc.equal(column, number(name, text)), len(layer))
