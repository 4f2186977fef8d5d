"""`bailiwick audit`: each account in exactly one segment and one territory, from the files."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from app.cli.console import out, say_json
from app.cli.options import Json

if TYPE_CHECKING:
    import pandas as pd

_MOST = 10  # accounts shown


def audit(
    directory: Annotated[Path, typer.Argument(help="Directory that `design --segments` wrote.")],
    json_output: Json = False,
) -> None:
    """Prove that no account is in two segments or territories, and list who is in none."""
    from sales.claims.segments import unplaced
    from sales.plan_schema import check_form
    from sales.planfiles import read_plan
    from sales.verify import Finding, audit_of

    bundle = read_plan(directory)
    check_form(bundle)
    findings: list[Finding] = list(audit_of(bundle))
    left = unplaced(bundle)
    ok = all(finding.true for finding in findings)
    if json_output:
        say_json(
            {
                "true": ok,
                "segments": bundle.document["segments"],
                "findings": [
                    {"claim": f.claim, "true": f.true, "detail": f.detail} for f in findings
                ],
                "unplaced": left.to_dict("records"),
            }
        )
    else:
        print_segments(bundle.document)
        for finding in findings:
            mark = "[green]true [/]" if finding.true else "[bold red]FALSE[/]"
            out.print(f"{mark} ", end="")
            detail = f": {finding.detail}" if finding.detail else ""
            out.print(f"{finding.claim}{detail}", markup=False)
        _show(left)
    if not ok:
        raise typer.Exit(1)


def print_segments(document: Mapping[str, Any]) -> None:
    """One line for each segment, in the order of precedence; tabs where there is no terminal."""
    measure = document["measures"][0]
    header = ("segment", "rule", "accounts", "claimed", "territories", measure, "off")
    rows = [
        (
            s["id"],
            s["rule"] + _geography(s),
            f"{s['accounts']:,}",
            f"{s['claimed']:,}",
            f"{s['territories']:,}" if s["geography"] in ("", s["id"]) else "",
            f"{s[measure]:,.0f}",
            f"{s['max_deviation']:.1%}" if s["geography"] == s["id"] else "",
        )
        for s in document["segments"]
    ]
    if not out.is_terminal:
        for row in [header, *rows]:
            out.print("\t".join(row), markup=False)
        return
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in header:
        right = name not in ("segment", "rule")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "rule")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)


def _geography(segment: Mapping[str, Any]) -> str:
    if segment["cover"] == "list":
        return " (by list)"
    return "" if segment["geography"] == segment["id"] else f" (map of {segment['geography']})"


def _show(left: "pd.DataFrame") -> None:
    if not len(left):
        out.print("Every account has a territory.", markup=False)
        return
    out.print(f"Without a territory: {len(left):,}", markup=False)
    for row, account, segment, message, hint in left.head(_MOST).itertuples(index=False):
        of = f" ({segment})" if segment else ""
        out.print(f"row {row}, {account}{of}: {message}. {hint}", markup=False)
    if len(left) > _MOST:
        out.print(f"… and {len(left) - _MOST} more; --json lists all", markup=False)
