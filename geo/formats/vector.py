"""Layers of features, written by GDAL, the same bytes for the same layers."""

import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.formats.columns import bearable_names
from geo.formats.files import replacing
from geo.formats.text import xml_safe

Layer = gpd.GeoDataFrame | pd.DataFrame  # the latter has no geometry, which GeoPackage can hold

# What GDAL would stamp into a file as the time of writing; the first moment that a zip can tell.
MOMENT = (1980, 1, 1, 0, 0, 0)
_STAMP = "1980-01-01T00:00:00.000Z"
_DBF_TEXT_BYTES = 254
_one_at_a_time = threading.Lock()  # GDAL's options are global


def write_geopackage(layers: Mapping[str, Layer], path: Path) -> None:
    """Write all layers into one GeoPackage. Columns named `fid` or `geom` are renamed.

    The bytes are the same each time. Raises OptionError where `path` cannot be written.
    """
    with replacing(path) as target, _fixed_clock():
        for name, layer in layers.items():
            renamed = _renamed(layer, taken=("fid", "geom"))
            geometry = {"geometry_type": "MultiPolygon"} if _has_areas(renamed) else {}
            pyogrio.write_dataframe(
                _texts(renamed), target, layer=name, driver="GPKG",
                promote_to_multi=bool(geometry) or None, **geometry,
            )  # fmt: skip


def write_kml(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write each layer as a KML folder; a column `name` becomes the label on the map.

    The bytes are the same each time. Raises OptionError where `path` cannot be written.
    """
    with replacing(path) as target, _fixed_clock():
        for name, layer in layers.items():
            pyogrio.write_dataframe(
                _texts(layer, xml=True), target.with_suffix(".kml"), layer=name, driver="LIBKML"
            )
        _settle(target.with_suffix(".kml"), target)


def write_shapefile(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write one layer as a Shapefile: several files where `path` ends in `.shp`, else zipped.

    Column names are cut to ten plain characters, and `…_columns.csv` tells which was which; text
    longer than 254 bytes is cut. The bytes are the same each time. Raises OptionError where `path`
    cannot be written.
    """
    named = _renamed(layer, limit=10, ascii_only=True)
    kind = "MultiPolygon" if _has_areas(layer) else "Point"
    with replacing(path) as target, _fixed_clock():
        pyogrio.write_dataframe(
            _texts(named, most_bytes=_DBF_TEXT_BYTES), target.with_suffix(".shp"),
            driver="ESRI Shapefile", encoding="UTF-8", geometry_type=kind,
            promote_to_multi=kind != "Point", DBF_DATE_LAST_UPDATE=_STAMP[:10],
        )  # fmt: skip
        was = pd.DataFrame({"column": named.columns, "was": layer.columns})
        was = was[was["column"] != layer.geometry.name]
        was.to_csv(target.with_name(f"{target.stem}_columns.csv"), index=False)
        if target.suffix.lower() != ".shp":
            _zip_away(target)


def write_geoparquet(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write one layer as GeoParquet 1.1. The bytes are the same for the same library versions.

    Raises OptionError where `path` cannot be written.
    """
    with replacing(path) as target:
        layer.to_parquet(target, index=False, schema_version="1.1.0")


def _renamed(layer: Layer, **how: Any) -> Layer:
    geometry = layer.geometry.name if isinstance(layer, gpd.GeoDataFrame) else None
    plain = [column for column in layer.columns if column != geometry]
    return layer.rename(columns=dict(zip(plain, bearable_names(plain, **how), strict=True)))


def _has_areas(layer: Layer) -> bool:
    if not isinstance(layer, gpd.GeoDataFrame):
        return False
    return bool(layer.geom_type.isin(["Polygon", "MultiPolygon"]).any())


def _texts(layer: Layer, *, xml: bool = False, most_bytes: int | None = None) -> Layer:
    """The layer with text that the format can hold."""
    made = layer.copy()
    for column in made.columns:
        if not pd.api.types.is_string_dtype(made[column]):
            continue
        made[column] = [
            _text(value, xml=xml, most_bytes=most_bytes) for value in made[column].tolist()
        ]
    return made


def _text(value: object, *, xml: bool, most_bytes: int | None) -> str | None:
    if not isinstance(value, str):
        return None
    text = xml_safe(value) if xml else value.replace("\x00", "")
    if most_bytes is not None:
        text = text.encode()[:most_bytes].decode("utf-8", "ignore")
    return text


def _settle(made: Path, target: Path) -> None:
    if made != target:
        made.replace(target)


def _zip_away(target: Path) -> None:
    """Put all files beside `target` into a zip file of that name, and remove them."""
    members = sorted(p for p in target.parent.iterdir() if p != target)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.read_bytes())
    for member in members:
        member.unlink()


@contextmanager
def _fixed_clock() -> Iterator[None]:
    """Have GDAL write a fixed moment instead of now."""
    with _one_at_a_time:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
