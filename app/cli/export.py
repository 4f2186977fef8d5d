"""`bailiwick export`: a plan for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out


def export(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    format: Annotated[str, typer.Option(help="geojson, gpkg, kml, shp, geoparquet, csv or xlsx.")],  # noqa: A002
    out_path: Annotated[Path, typer.Option("--out", help="File to write.")],
    territory: Annotated[
        list[str] | None,
        typer.Option(help="Only this territory, with its cells and accounts; may be repeated."),
    ] = None,
    layer: Annotated[
        str,
        typer.Option(help="territories, cells or accounts, for geojson, kml, shp, geoparquet."),
    ] = "territories",
) -> None:
    """Write a plan as GeoJSON, GeoPackage, KML, Shapefile, GeoParquet, CSV or Excel."""
    from sales.export import export as write_export
    from sales.part import part_of
    from sales.planfiles import read_plan

    bundle = read_plan(directory)
    if territory:
        bundle = part_of(bundle, territory)
    out.print(str(write_export(bundle, format, out_path, layer=layer)), markup=False)
