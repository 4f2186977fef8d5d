"""Features with a geometry: GeoJSON, GeoPackage, shapefile, GeoParquet."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.errors import EmptyInputError, GeometryError, UnreadableInputError
from sales.accounts.codes import IssueCode, doubt
from sales.accounts.content import Content
from sales.accounts.documents import flat, load, table_of, text_of
from sales.accounts.raw import TEXT, RawTable

_KEY: Final = "\x00feature"  # keeps features without any property in the table
Geometries = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True, eq=False)
class Features:
    """Properties as a table, and the geometry of each row in degrees, shape (n), None for null."""

    table: RawTable
    geometry: Geometries

    @property
    def has_polygons(self) -> bool:
        """Whether there are polygons among them, so that they are units and not accounts."""
        kinds = shapely.get_type_id(self.geometry)
        return bool(np.isin(kinds, (3, 6, 7)).any())


def read_features(path: Path, content: Content) -> Features:
    """Read all features of `path`.

    Raises EmptyInputError, UnreadableInputError, GeometryError (unknown coordinate system).
    """
    if content is Content.GEOJSON:
        return _from_geojson(path)
    import geopandas as gpd  # only these formats need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL warns of fields and rings that it mends
            parquet = content is Content.PARQUET
            frame = gpd.read_parquet(path) if parquet else gpd.read_file(path)
    # GDAL and pyarrow fail in many ways on a damaged file
    except Exception as error:
        raise UnreadableInputError(
            f"{path.name} is a damaged {content} ({type(error).__name__})", hint="Export it again."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError(f"{path.name} has no geometry", hint="Export the layer with polygons.")
    if frame.crs is not None and not frame.crs.equals("EPSG:4326"):
        frame = frame.to_crs("EPSG:4326")
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    rows = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    items = [{_KEY: "", **{str(k): text_of(_plain(v)) for k, v in row.items()}} for row in rows]
    table = _without_key(table_of(path.name, items, []))
    return Features(table, np.asarray(frame.geometry.to_numpy(), dtype=object))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool | list | None) else str(value)


def _from_geojson(path: Path) -> Features:
    document = load(path)
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(document, dict) and document.get("type") == "Feature":
        features = [document]
    if not isinstance(features, list):
        raise UnreadableInputError(f"{path.name} has no list “features”", hint="Export it again.")
    if not features:
        raise EmptyInputError(f"{path.name} has no feature", hint="Export the accounts again.")
    items = []
    for feature in features:
        feature = feature if isinstance(feature, dict) else {}  # noqa: PLW2901
        properties = feature.get("properties")
        item = flat(properties) if isinstance(properties, dict) else {}
        if feature.get("id") is not None and not any(key.lower() == "id" for key in item):
            item["id"] = text_of(feature["id"])
        items.append({_KEY: "", **item})
    geometry = np.empty(len(features), dtype=object)
    for at, feature in enumerate(features):
        geometry[at] = _shape(feature)
    return Features(_without_key(table_of(path.name, items, [])), geometry)


def _shape(feature: Any) -> BaseGeometry | None:
    try:
        found = shape(feature["geometry"])
    # coordinates of any form may stand there
    except Exception:
        return None
    return None if found.is_empty else found


def _without_key(table: RawTable) -> RawTable:
    kept = [at for at, header in enumerate(table.headers) if header != _KEY]
    return replace(
        table,
        headers=tuple(table.headers[at] for at in kept),
        columns=tuple(table.columns[at] for at in kept),
    )


def points_as_table(features: Features) -> RawTable:
    """The table with columns `latitude` and `longitude` from the points (former ones give way)."""
    kinds = shapely.get_type_id(features.geometry)
    point = features.geometry.copy()
    point[kinds != 0] = None
    x, y = shapely.get_x(point), shapely.get_y(point)
    table = features.table
    issues = [
        doubt(
            int(table.row[at]),
            "geometry",
            IssueCode.NOT_A_POINT,
            "The account has no point as its geometry",
            "Give each account a point; until then it is placed by its address.",
        )
        for at in np.flatnonzero(kinds != 0)
    ]
    kept = [at for at, h in enumerate(table.headers) if h not in ("latitude", "longitude")]
    return replace(
        table,
        headers=("latitude", "longitude", *(table.headers[at] for at in kept)),
        columns=(_numbers(y), _numbers(x), *(table.columns[at] for at in kept)),
        issues=(*table.issues, *issues),
    )


def _numbers(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pa.ChunkedArray:
    text = ["" if np.isnan(value) else repr(float(value)) for value in values]
    return pa.chunked_array([text], type=TEXT)
