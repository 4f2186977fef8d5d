"""`bailiwick geocode`: the accounts with a position, and how exactly it is known."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import out, progress_bar, say_json
from app.cli.options import Column, Json, Postcodes, parse_columns, require_directory
from geo.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from sales.locate import LocatedAccounts


def geocode(
    input: Annotated[Path, typer.Argument(help="A file of accounts.")],  # noqa: A002
    out_file: Annotated[Path, typer.Option("--out", help="CSV to write, one row per account.")],
    column: Column = None,
    postcodes: Postcodes = None,
    json_output: Json = False,
) -> None:
    """Locate accounts offline; every row comes back, with precision, source and confidence."""
    from geo.geocode import default_geocoder
    from sales.accounts import read_accounts
    from sales.locate import locate
    from sales.planfiles import write_atomically

    if out_file.is_dir():
        raise OptionError(f"--out {out_file} is a directory", hint="Name a file to write.")
    require_directory(out_file.parent)
    table = read_accounts(input, columns=parse_columns(column or []))
    with progress_bar() as progress:
        located = locate(table, default_geocoder(postcode_file=postcodes), progress=progress)
    content = _table(located).to_csv(index=False, lineterminator="\n")
    write_atomically(out_file, content.encode("utf-8", "surrogatepass"))
    counts = dict(Counter(str(value) for value in located.precision).most_common())
    placed = int(located.placed.sum())
    if json_output:
        say_json({"accounts": len(table), "placed": placed, "precision": counts})
        return
    out.print(f"{len(table)} accounts, {placed} placed: {out_file}", markup=False)
    for precision, count in counts.items():
        out.print(f"  {precision:<10}{count:>8}", markup=False)


def _table(located: "LocatedAccounts") -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    first: dict[int, str] = {}
    for issue in located.issues:
        first.setdefault(issue.row, f"{issue.code}: {issue.message}")
    frame = located.accounts.frame
    return pd.DataFrame(
        {
            "row": frame["row"],
            "account_id": frame["account_id"],
            "name": frame["name"],
            "lat": np.round(located.lat, 6),
            "lng": np.round(located.lng, 6),
            "precision": [str(value) for value in located.precision],
            "source": located.source,
            "confidence": located.confidence,
            "matched": located.matched,
            "doubt": [first.get(int(row), "") for row in frame["row"]],
        }
    )
