"""A plan for other programs: map files for GIS, tables for spreadsheets, packs for CRMs.

All formats give the same bytes for the same plan. GeoParquet, GeoPackage and Shapefile bytes also
depend on the versions of the libraries that write them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.errors import OptionError
from geo.formats.files import replacing
from geo.formats.geojson import dumps, feature_collection, geometries
from geo.formats.text import spreadsheet_safe
from sales.export_layers import account_points, assignment_table, territory_areas, unit_areas
from sales.export_workbook import workbook_sheets
from sales.packs.dynamics import dynamics_pack
from sales.packs.hubspot import hubspot_pack
from sales.packs.pack import Pack, PackOptions, write_pack
from sales.packs.postal import write_postal
from sales.packs.salesforce import salesforce_pack
from sales.plan import PlanBundle


@dataclass(frozen=True, slots=True)
class Format:
    """A format to export to: the usual end of a file name, its media type, and who writes it."""

    suffix: str
    media_type: str
    write: Callable[[PlanBundle, Path, PackOptions], None]
    layered: Callable[[gpd.GeoDataFrame, Path], None] | None = None  # writes any one layer


def export(
    bundle: PlanBundle,
    fmt: str,
    path: Path,
    options: PackOptions | None = None,
    *,
    layer: str = "territories",
) -> Path:
    """Write the plan to `path` in the format of that name, and return the path.

    `geojson`, `kml`, `shp` (zipped, unless the path ends in .shp) and `geoparquet` hold the
    territories; `gpkg` has the layers territories, cells and accounts; `csv` the assignments;
    `xlsx` the sheets Summary, Territories, Assignments and Review. With a `layer` (`cells` or
    `accounts`) the formats of one layer hold that one instead of the territories. `salesforce`,
    `hubspot` and `dynamics` are packs, a zip where the path ends in .zip, else a new directory;
    `options` are for them. `postal` is the table of postal codes. A file that is there is replaced
    at once or not at all. Raises OptionError for an unknown format, for a layer that it cannot
    hold, for a directory, for a place that cannot be written, and for more rows than a spreadsheet
    takes.
    """
    chosen = FORMATS.get(fmt)
    if chosen is None:
        raise OptionError(
            f"there is no export format {fmt!r}", hint=f"Choose one of {', '.join(FORMATS)}."
        )
    if layer == "territories":
        chosen.write(bundle, path, options or PackOptions())
    else:
        _write_layer(bundle, fmt, path, layer)
    return path


def _write_layer(bundle: PlanBundle, fmt: str, path: Path, layer: str) -> None:
    write = FORMATS[fmt].layered
    if layer not in LAYERS or write is None:
        raise OptionError(
            f"{fmt} cannot hold the layer {layer!r} alone",
            hint=f"Layers are {', '.join(LAYERS)}; formats of one layer are "
            f"{', '.join(name for name, some in FORMATS.items() if some.layered)}.",
        )
    frame = unit_areas(bundle) if layer == "cells" else account_points(bundle)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise OptionError(
            "units that were brought as polygons cannot be exported as a layer",
            hint="Join the file of units with units.csv by its ids.",
        )
    write(frame, path)


def _geojson_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    key = frame.columns[0]
    table = frame.drop(columns=frame.geometry.name)
    made = [
        {"type": "Feature", "id": record[key], "geometry": shape, "properties": record}
        for record, shape in zip(
            table.to_dict(orient="records"), geometries(frame.geometry.tolist()), strict=True
        )
    ]
    with replacing(path) as target:
        target.write_bytes(dumps(feature_collection(made)))


def _kml_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    from geo.formats.vector import write_kml

    write_kml({"layer": frame}, path)


def _shp_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    from geo.formats.vector import write_shapefile

    write_shapefile(frame, path)


def _geoparquet_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    from geo.formats.vector import write_geoparquet

    write_geoparquet(frame, path)


def _geojson(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    with replacing(path) as target:
        target.write_bytes(dumps(bundle.outlines))


def _gpkg(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    from geo.formats.vector import write_geopackage

    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {
        "territories": territory_areas(bundle),
        "cells": unit_areas(bundle),
        "accounts": account_points(bundle),
    }
    write_geopackage(layers, path)


def _kml(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    from geo.formats.vector import write_kml

    write_kml({"territories": territory_areas(bundle)}, path)


def _shp(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    from geo.formats.vector import write_shapefile

    write_shapefile(territory_areas(bundle), path)


def _geoparquet(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    from geo.formats.vector import write_geoparquet

    write_geoparquet(territory_areas(bundle), path)


def _csv(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    table = assignment_table(bundle)
    for column in table.columns:
        if pd.api.types.is_string_dtype(table[column]):
            table[column] = [spreadsheet_safe(str(value)) for value in table[column].tolist()]
    with replacing(path) as target:
        target.write_bytes(table.to_csv(index=False, lineterminator="\n").encode())


def _xlsx(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    from geo.formats.xlsx import write_workbook

    write_workbook(workbook_sheets(bundle), path)


def _postal(bundle: PlanBundle, path: Path, _: PackOptions) -> None:
    write_postal(bundle, path)


def _packed(
    make: Callable[[PlanBundle, PackOptions], Pack],
) -> Callable[[PlanBundle, Path, PackOptions], None]:
    def write(bundle: PlanBundle, path: Path, options: PackOptions) -> None:
        write_pack(make(bundle, options), path)

    return write


LAYERS: Final = ("territories", "cells", "accounts")
FORMATS: Final[Mapping[str, Format]] = {
    "geojson": Format(".geojson", "application/geo+json", _geojson, _geojson_layer),
    "gpkg": Format(".gpkg", "application/geopackage+sqlite3", _gpkg),
    "kml": Format(".kml", "application/vnd.google-earth.kml+xml", _kml, _kml_layer),
    "shp": Format(".zip", "application/zip", _shp, _shp_layer),
    "geoparquet": Format(
        ".parquet", "application/vnd.apache.parquet", _geoparquet, _geoparquet_layer
    ),
    "csv": Format(".csv", "text/csv; charset=utf-8", _csv),
    "xlsx": Format(
        ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx
    ),
    "postal": Format(".csv", "text/csv; charset=utf-8", _postal),
    "salesforce": Format(".zip", "application/zip", _packed(salesforce_pack)),
    "hubspot": Format(".zip", "application/zip", _packed(hubspot_pack)),
    "dynamics": Format(".zip", "application/zip", _packed(dynamics_pack)),
}
