"""`bailiwick review`: is it time to look at the plan again?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import out, say_json
from app.cli.options import Column, Json, Postcodes, parse_columns, parse_day
from geo.errors import OptionError


def review(
    directory: Annotated[Path, typer.Argument(help="Directory of the plan in force.")],
    accounts: Annotated[Path | None, typer.Option(help="The accounts of today.")] = None,
    before: Annotated[
        Path | None, typer.Option(help="The accounts that the plan was made from.")
    ] = None,
    reps: Annotated[Path | None, typer.Option(help="The roster of today.")] = None,
    thresholds: Annotated[Path | None, typer.Option(help="TOML file of thresholds.")] = None,
    today: Annotated[str | None, typer.Option(metavar="DATE", help="Default: today.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="In force since; default: the file's date.")
    ] = None,
    column: Column = None,
    postcodes: Postcodes = None,
    json_output: Json = False,
) -> None:
    """Alerts where the market, the team or the calendar has moved on; status 3 if there are any."""
    at = parse_day(today, "--today") or datetime.now(UTC).date()
    start = parse_day(since, "--since")
    from sales.accounts import read_accounts
    from sales.drift.alerts import Where
    from sales.drift.review import Now, document_of
    from sales.drift.review import review as look
    from sales.drift.thresholds import Thresholds, read_thresholds
    from sales.planfiles import read_plan
    from sales.roster import read_roster

    limits = read_thresholds(thresholds) if thresholds else Thresholds()
    bundle = read_plan(directory)
    if start is None:
        written = (directory / "plan.json").stat().st_mtime
        start = min(datetime.fromtimestamp(written, UTC).date(), at)
    if start > at:
        raise OptionError(f"--since {start} is after --today {at}", hint="Exchange them.")
    columns = parse_columns(column or [])
    geocoder = None
    if accounts is not None:
        from geo.geocode import default_geocoder

        geocoder = default_geocoder(postcode_file=postcodes)
    now = Now(
        at, start,
        read_accounts(accounts, columns=columns) if accounts else None,
        read_accounts(before, columns=columns) if before else None,
        read_roster(reps).reps if reps else None,
    )  # fmt: skip
    where = Where(str(directory), str(accounts or ""), str(reps or ""))
    whole = document_of(look(bundle, now, limits, where, geocoder))
    if json_output:
        say_json(whole)
    else:
        _print(whole)
    if whole["alerts"]:
        raise typer.Exit(3)


def _print(whole: Mapping[str, Any]) -> None:
    counts = whole["accounts"]
    if counts:
        out.print(
            f"{counts['then']:,} accounts then, {counts['now']:,} now: {counts['new']:,} new,"
            f" {counts['gone']:,} gone, {counts['without_territory']:,} without a territory",
            markup=False,
        )
    if not whole["alerts"]:
        out.print(f"No alerts on {whole['today']}; looked at {', '.join(whole['looked_at'])}.")
    commands: dict[str, str] = {}
    for alert in whole["alerts"]:
        label = "[bold red]act  [/]" if alert["level"] == "act" else "[bold yellow]watch[/]"
        out.print(f"{label} {alert['kind']}: ", end="")
        out.print(alert["message"], markup=False)
        commands.setdefault(alert["command"], alert["step"])
    for command, step in commands.items():
        out.print(f"Next: {step}", markup=False)
        out.print(f"  {command}", markup=False)
    for what in whole["not_looked_at"]:
        out.print(f"Not looked at: {what}", markup=False)
