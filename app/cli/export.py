"""`bailiwick export`: a plan for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out
from geo.errors import NotFoundError


def export(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    format: Annotated[  # noqa: A002
        str,
        typer.Option(
            help="geojson, gpkg, kml, shp, geoparquet, csv, xlsx, postal, salesforce, hubspot "
            "or dynamics."
        ),
    ],
    out_path: Annotated[Path, typer.Option("--out", help="File (or directory) to write.")],
    former: Annotated[
        Path | None, typer.Option(help="Directory of the plan that the CRM has: only changes.")
    ] = None,
    users: Annotated[Path | None, typer.Option(help="Table: rep, user_id in the CRM.")] = None,
    territory_ids: Annotated[
        Path | None, typer.Option(help="Table: DeveloperName, Id of the territories in the CRM.")
    ] = None,
    territory_model: Annotated[str, typer.Option(help="Salesforce territory model (0MA…).")] = "",
    territory_type: Annotated[str, typer.Option(help="Salesforce territory type (0M5…).")] = "",
    associations: Annotated[
        Path | None, typer.Option(help="Export of ObjectTerritory2Association, with --former.")
    ] = None,
    id_property: Annotated[
        str, typer.Option(help="HubSpot property that the account ids are of.")
    ] = "",
    territory: Annotated[
        list[str] | None,
        typer.Option(help="Only this territory, with its cells and accounts; may be repeated."),
    ] = None,
    layer: Annotated[
        str,
        typer.Option(help="territories, cells or accounts, for geojson, kml, shp, geoparquet."),
    ] = "territories",
) -> None:
    """Write a plan as GeoJSON, GeoPackage, KML, Shapefile, GeoParquet, CSV, Excel or CRM pack."""
    from sales.export import export as write_export
    from sales.packs.given import read_options
    from sales.planfiles import read_plan
    from sales.trim import trimmed

    options = read_options(
        model_id=territory_model,
        type_id=territory_type,
        territory_ids=territory_ids,
        users=users,
        former=read_plan(former) if former else None,
        associations=associations,
        id_property=id_property,
    )
    bundle = read_plan(directory)
    if territory:
        known = {str(t["id"]) for t in bundle.document["territories"]}
        if missing := sorted(set(territory) - known):
            raise NotFoundError(
                f"the plan has no territory {missing[0]!r:.80}",
                hint="Its plan.json lists the territories.",
            )
        bundle = trimmed(bundle, territory)
    written = write_export(bundle, format, out_path, options, layer=layer)
    out.print(str(written), markup=False)
