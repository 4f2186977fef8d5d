"""`bailiwick report`: a readable page for the plan and for each territory."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out, say_json
from app.cli.options import Column, Json, parse_columns, require_directory


def report(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    out_path: Annotated[Path, typer.Option("--out", help="Directory for the pages.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="PDF files beside the HTML pages.")] = False,
    territory: Annotated[
        list[str] | None,
        typer.Option(help="Only this territory, not the plan's page; may be repeated."),
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(help="The export: names and worth of the accounts.")
    ] = None,
    incumbent: Annotated[
        Path | None, typer.Option(help="The alignment in force, if the plan does not know it.")
    ] = None,
    activities: Annotated[
        Path | None, typer.Option(help="Table: account_id, hours and visits.")
    ] = None,
    quota: Annotated[Path | None, typer.Option(help="Table: rep (or territory), quota.")] = None,
    title: Annotated[str, typer.Option(help="What the plan is called.")] = "Territory plan",
    column: Column = None,
    json_output: Json = False,
) -> None:
    """Write one self-contained page per plan and territory, to be opened or printed anywhere."""
    from app.reports.files import reports
    from sales.accounts.read import read_accounts
    from sales.plan_schema import check_form
    from sales.planfiles import read_plan, write_atomically
    from sales.report.given import accounts_in, had_of, read_activities, read_quota
    from sales.report.types import Extras
    from sales.rules.alignment import read_alignment

    require_directory(out_path)
    bundle = read_plan(directory)
    check_form(bundle)
    by_rep = any(rep["rep_id"] for rep in bundle.document["reps"])
    names, worth = None, None
    if accounts is not None:
        table = read_accounts(accounts, columns=parse_columns(column or []))
        names, worth = accounts_in(table, bundle.document["measures"][0])
    extras = Extras(
        title,
        names,
        worth,
        had_of(read_alignment(incumbent, by_rep=by_rep)) if incumbent else None,
        read_activities(activities) if activities else None,
        read_quota(quota) if quota else {},
    )
    written = []
    for name, content in reports(
        bundle, extras, ("html", "pdf") if pdf else ("html",), tuple(territory or ())
    ):
        write_atomically(out_path / name, content)
        written.append(name)
    if json_output:
        say_json({"directory": str(out_path), "files": written})
        return
    out.print(f"{len(written)} reports in {out_path}, first {written[0]}", markup=False)
