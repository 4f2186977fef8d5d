"""`bailiwick serve` runs the service; `bailiwick demo` fills one with the sample company first."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import out
from app.cli.design import design

if TYPE_CHECKING:
    from app.settings import Settings

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "us"

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65535)]


def serve(
    host: Host = None,
    port: Port = None,
    database_url: Annotated[
        str | None, typer.Option(metavar="URL", help="SQLite file or PostgreSQL database.")
    ] = None,
) -> None:
    """Serve the planner's page, the maps, the API and the GeoJSON."""
    from app import main

    main.serve(_settings(host=host, port=port, database_url=database_url))


def demo(
    host: Host = None,
    port: Port = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the plan.")] = False,
    out_dir: Annotated[Path, typer.Option("--out", help="Where the demo is kept.")] = Path("demo"),
) -> None:
    """Design territories for the sample company (5,000 US accounts, 40 reps) and serve them."""
    plan_dir = out_dir / "plan"
    design(SAMPLES / "accounts.csv", plan_dir, reps=SAMPLES / "reps.csv")
    if no_serve:
        return
    from app import demo_store, main

    shutil.rmtree(out_dir / "service", ignore_errors=True)
    settings = _settings(host=host, port=port, data_dir=out_dir / "service", database_url=None)
    plan_id = demo_store.fill(settings, SAMPLES / "accounts.csv", plan_dir)
    url = f"http://{settings.host}:{settings.port}"
    out.print(f"\nThe planner's page  {url}/", markup=False)
    out.print(f"The map             {url}/v1/plans/{plan_id}/map", markup=False)
    out.print(f"GeoJSON             {url}/v1/plans/{plan_id}/territories", markup=False)
    out.print(f"Route a lead        {url}/v1/route?lat=41.88&lng=-87.63", markup=False)
    out.print("Ctrl-C ends it.\n", markup=False)
    main.serve(settings)


def _settings(**given: Any) -> "Settings":
    from app.settings import Settings

    return Settings(**{name: value for name, value in given.items() if value is not None})
