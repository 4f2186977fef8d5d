"""`bailiwick diff`: accounts, potential and reps that two plans move."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from app.cli.console import out, say_json
from app.cli.options import Json

_MOST = 10  # flows shown


def diff(
    old: Annotated[Path, typer.Argument(help="Directory of the plan before.")],
    new: Annotated[Path, typer.Argument(help="Directory of the plan after.")],
    json_output: Json = False,
) -> None:
    """Say what changes from one plan to another: accounts, potential, reps."""
    from sales.diff import compare, difference_document
    from sales.plan_schema import check_form
    from sales.planfiles import read_plan

    bundles = read_plan(old), read_plan(new)
    for bundle in bundles:
        check_form(bundle)
    document = difference_document(compare(*bundles))
    if json_output:
        say_json(document)
        return
    _totals(document)
    _territories(document)
    _flows(document)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"


def _totals(document: Mapping[str, Any]) -> None:
    what, measure = document["of"], document["measure"]
    moved, compared = document["moved"], document["compared"]
    out.print(
        f"{moved['accounts']:,} of {compared['accounts']:,} {what} change territory,"
        f" {_amount(moved['potential'])} of {_amount(compared['potential'])} {measure}"
        f" ({document['share_moved']:.1%})",
        markup=False,
    )
    if document["reps"]["changed"]:
        out.print(
            f"{document['rep_changed']['accounts']:,} change rep;"
            f" {document['reps']['changed']} reps gain or lose",
            markup=False,
        )
    if document["weights"] != "exact":
        out.print(f"({measure} of an account: {document['weights']}'s)", markup=False)
    for name, words in (
        ("added", "only in the new plan"), ("dropped", "only in the old plan"),
        ("assigned", "assigned now, not before"), ("unassigned", "assigned before, not now"),
    ):  # fmt: skip
        if document[name]["accounts"]:
            out.print(f"{document[name]['accounts']:,} {what} {words}", markup=False)
    for name, words in (("joined", "New reps"), ("left", "Reps gone")):
        if document["reps"][name]:
            out.print(f"{words}: {', '.join(document['reps'][name])}", markup=False)


def _territories(document: Mapping[str, Any]) -> None:
    header = ("territory", "name", "rep", "kept", "gained", "lost", "+", "−")
    rows = []
    for t in document["territories"]:
        rep = t["rep_now"] if t["rep_now"] == t["rep_was"] else f"{t['rep_was']} → {t['rep_now']}"
        there = {"added": " (new)", "dropped": " (ended)", "both": ""}[t["there"]]
        counts = [f"{t[part]['accounts']:,}" for part in ("kept", "gained", "lost")]
        worth = [f"{_amount(t[part]['potential'])}" for part in ("gained", "lost")]
        rows.append((t["id"] + there, t["name"], rep, *counts, *worth))
    print_table(header, rows, right=5)


def _flows(document: Mapping[str, Any]) -> None:
    flows = document["flows"]
    for flow in flows[:_MOST]:
        out.print(
            f"{flow['from']} → {flow['to']}: {flow['accounts']:,} {document['of']},"
            f" {_amount(flow['potential'])}",
            markup=False,
        )
    if len(flows) > _MOST:
        out.print(f"… and {len(flows) - _MOST} more; --json lists all", markup=False)


def print_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, right: int) -> None:
    """A table on a terminal, else lines with tabs; the last `right` columns are numbers."""
    if not out.is_terminal:
        for row in [header, *rows]:
            out.print("\t".join(row), markup=False)
        return
    table = Table()
    for at, name in enumerate(header):
        table.add_column(name, justify="right" if at >= len(header) - right else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)
