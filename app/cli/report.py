"""`bailiwick report`: a readable page for the plan and for each territory."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out, say_json
from app.cli.options import Json, require_directory


def report(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    out_path: Annotated[Path, typer.Option("--out", help="Directory for the pages.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="PDF files beside the HTML pages.")] = False,
    territory: Annotated[
        list[str] | None,
        typer.Option(help="Only this territory, not the plan's page; may be repeated."),
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(help="Table with the accounts' names, e.g. the export.")
    ] = None,
    incumbent: Annotated[
        Path | None, typer.Option(help="The alignment in force, if the plan does not know it.")
    ] = None,
    activities: Annotated[
        Path | None, typer.Option(help="Table: account_id, hours and visits.")
    ] = None,
    quota: Annotated[Path | None, typer.Option(help="Table: rep (or territory), quota.")] = None,
    title: Annotated[str, typer.Option(help="What the plan is called.")] = "Territory plan",
    json_output: Json = False,
) -> None:
    """Write one self-contained page per plan and territory, to be opened or printed anywhere."""
    from app.reports.files import reports
    from sales.plan_schema import check_form
    from sales.planfiles import read_plan, write_atomically
    from sales.report.given import had_of, read_activities, read_names, read_quota
    from sales.report.types import Extras
    from sales.rules.alignment import read_alignment

    require_directory(out_path)
    bundle = read_plan(directory)
    check_form(bundle)
    by_rep = any(rep["rep_id"] for rep in bundle.document["reps"])
    extras = Extras(
        title,
        read_names(accounts) if accounts else None,
        had_of(read_alignment(incumbent, by_rep=by_rep)) if incumbent else None,
        read_activities(activities) if activities else None,
        read_quota(quota) if quota else {},
    )
    names = []
    for name, content in reports(
        bundle, extras, ("html", "pdf") if pdf else ("html",), tuple(territory or ())
    ):
        write_atomically(out_path / name, content)
        names.append(name)
    if json_output:
        say_json({"directory": str(out_path), "files": names})
        return
    out.print(f"{len(names)} reports in {out_path}, first {names[0]}", markup=False)
