"""`bailiwick route`: whose is each point of a table on standard input?"""

import csv
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import err, say_json
from app.cli.options import Column, Json, Postcodes, parse_columns

if TYPE_CHECKING:
    from sales.accounts.types import AccountTable

_COLUMNS = ("id", "territory_id", "territory_name", "rep", "reason", "precision")


def route(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    column: Column = None,
    postcodes: Postcodes = None,
    json_output: Json = False,
) -> None:
    """Read points or addresses from standard input; say territory, rep and reason for each."""
    from geo.geocode import default_geocoder
    from sales.lookup import make_lookup
    from sales.planfiles import read_plan
    from sales.route_table import route_table

    lookup = make_lookup(read_plan(directory))
    table = _read_points(parse_columns(column or []))
    geocoder = default_geocoder(postcode_file=postcodes)
    answers = route_table(lookup, geocoder.geocode, table)
    ids = table.frame["account_id"].tolist()
    if json_output:
        results = [{"id": i} | asdict(a) for i, a in zip(ids, answers, strict=True)]
        say_json({"results": results})
        return
    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(_COLUMNS)
    for i, a in zip(ids, answers, strict=True):
        name, rep = a.territory_name or "", a.rep or ""
        lines.writerow((i, a.territory or "", name, rep, a.reason, a.precision))


def _read_points(columns: dict[str, str]) -> "AccountTable":
    """The table on standard input: any that `design` reads, headers recognised alike."""
    from sales.accounts import read_accounts

    if sys.stdin.isatty():
        err.print("Reading points; Ctrl-D ends them.", markup=False)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "stdin"
        path.write_bytes(sys.stdin.buffer.read())
        return read_accounts(path, columns=columns)
