"""`bailiwick challenges`: a table of contested accounts, decided by the rules of engagement."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import say, say_json
from app.cli.diff import print_table
from app.cli.engagement import (
    Accounts,
    Alignment,
    At,
    Bookings,
    Deals,
    Effective,
    Roster,
    Rules_,
    Sizes,
    Today,
    read_courses,
    weighed_by,
)
from app.cli.options import Column, Json, parse_day

if TYPE_CHECKING:
    from sales.ownership.contested import Decided

_HEADER = (
    "row", "account_id", "asked_by", "reason", "decision", "rule", "why", "giving", "giving_before",
    "giving_after", "taking", "taking_before", "taking_after", "max_deviation_after", "exclave",
)  # fmt: skip


def challenges(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    table: Annotated[Path, typer.Argument(help="Challenges: account, rep (or territory), reason.")],
    rules: Rules_ = None,
    at: At = None,
    accounts: Accounts = None,
    alignment: Alignment = None,
    bookings: Bookings = None,
    deals: Deals = None,
    sizes: Sizes = None,
    reps: Roster = None,
    effective: Effective = None,
    today: Today = None,
    column: Column = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="CSV to write: each decision, and what it costs.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Say what the rules decide of each challenge, and what it would cost to accept it."""
    from sales.ownership.columns import read_facts
    from sales.ownership.contested import decide_all
    from sales.planfiles import write_atomically

    bundle, known, courses, now = read_courses(
        directory, rules, accounts, alignment, bookings, deals, sizes, reps, effective, today,
        column,
    )  # fmt: skip
    asked = read_facts(table, ("account_id",), ("owner", "territory", "reason"))
    weighed, fits = weighed_by(bundle, known)
    decided = decide_all(asked, weighed, courses, parse_day(at, "--at") or now, exact=fits)
    if out_file is not None:
        text = io.StringIO()
        lines = [_HEADER, *(_line(one) for one in decided)]
        csv.writer(text, lineterminator="\n").writerows(lines)
        write_atomically(out_file, text.getvalue().encode("utf-8", "replace"))
    if json_output:
        say_json([_document(one) for one in decided])
        return
    print_table(
        ("account", "asked by", "decision", "rule"),
        [(d.account, d.asked, d.outcome, d.rule) for d in decided],
        right=0,
    )
    for one in decided:
        say(one.words)


def _document(one: "Decided") -> dict[str, Any]:
    return {
        "row": one.row, "account": one.account, "asked_by": one.asked, "reason": one.reason,
        "decision": one.outcome, "rule": one.rule, "why": one.words,
        "explanation": one.explanation,
    }  # fmt: skip


def _line(one: "Decided") -> tuple[object, ...]:
    base = (one.row, one.account, one.asked, one.reason, one.outcome, one.rule, one.words)
    found = one.explanation["counterfactuals"]
    if not found:
        return (*base, *[""] * 8)
    way = found[0]["ways"][0]
    balance = way["balance"]
    sides: list[object] = []
    for side in (balance["giving"], balance["taking"]):
        pair = next(iter(side["deviation"].values()))
        sides += [side["territory"], pair["before"], pair["after"]]
    exclave = "yes" if way["shape"]["exclave"] else "no"
    return (*base, *sides, balance["max_deviation"]["after"], exclave)
