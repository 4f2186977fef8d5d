"""`bailiwick export`: a plan for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out


def export(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    format: Annotated[str, typer.Option(help="geojson, gpkg, kml, shp, geoparquet, csv or xlsx.")],  # noqa: A002
    out_path: Annotated[Path, typer.Option("--out", help="File to write.")],
) -> None:
    """Write a plan as GeoJSON, GeoPackage, KML, Shapefile, GeoParquet, CSV or Excel."""
    from sales.export import export as write_export
    from sales.planfiles import read_plan

    out.print(str(write_export(read_plan(directory), format, out_path)), markup=False)
