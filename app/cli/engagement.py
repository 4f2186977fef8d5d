"""What the commands about rules of engagement share: their options, and reading what they name."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import parse_columns, parse_day

if TYPE_CHECKING:
    from sales.accounts.types import AccountTable
    from sales.ownership.delta import Weighed
    from sales.ownership.timeline import Courses
    from sales.plan import PlanBundle

Rules_ = Annotated[
    Path | None, typer.Option("--rules", help="engagement.toml; without it the usual precedence.")
]
Accounts = Annotated[
    Path | None, typer.Option(help="The accounts: parents, owners, pipeline, sizes, potential.")
]
Alignment = Annotated[
    Path | None, typer.Option(help="Who has what today: rows of account and rep.")
]
Bookings = Annotated[Path | None, typer.Option(help="Deals won: account, rep, close date, amount.")]
Deals = Annotated[Path | None, typer.Option(help="Open deals: account, rep, amount, close date.")]
Sizes = Annotated[
    Path | None, typer.Option(help="Sizes by day: account, as of, ARR, employees, renewal date.")
]
Roster = Annotated[Path | None, typer.Option("--reps", help="Roster of all who work here.")]
Effective = Annotated[
    str | None, typer.Option(metavar="DATE", help="Since when the plan is in force.")
]
At = Annotated[
    str | None, typer.Option(metavar="DATE", help="Whose on that day; today if left out.")
]
Today = Annotated[str | None, typer.Option(metavar="DATE", help="The day that counts as today.")]


def read_courses(
    directory: Path, rules: Path | None, accounts: Path | None, alignment: Path | None,
    bookings: Path | None, deals: Path | None, sizes: Path | None, reps: Path | None,
    effective: str | None, today: str | None, column: list[str] | None,
) -> "tuple[PlanBundle, AccountTable | None, Courses, date]":  # fmt: skip
    """Read all that was named; also the day that counts as today. Raises InputError and kin.

    With an alignment the plan takes effect today unless `effective` says otherwise; without one it
    has always been in force.
    """
    from sales.accounts import read_accounts
    from sales.ownership.book import Sources, book_of
    from sales.ownership.rules import Rules
    from sales.ownership.rules_file import read_rules
    from sales.ownership.timeline import Courses
    from sales.planfiles import read_plan
    from sales.roster import read_roster

    now = parse_day(today, "--today") or date.today()
    begins = parse_day(effective, "--effective") or (now if alignment else None)
    known: Rules = read_rules(rules) if rules else Rules()
    bundle = read_plan(directory)
    table = read_accounts(accounts, columns=parse_columns(column or [])) if accounts else None
    roster = {r.rep_id: r.name for r in read_roster(reps).reps} if reps else None
    frame = table.frame if table is not None else None
    sources = Sources(frame, alignment, bookings, deals, sizes, roster)
    return bundle, table, Courses(book_of(bundle, sources, begins), known), now


def weighed_by(bundle: "PlanBundle", table: "AccountTable | None") -> "tuple[Weighed, bool]":
    """The plan with what each account is worth, and whether the table says that exactly."""
    from sales.edits.board import open_board
    from sales.ownership.delta import Weighed

    fits = table is not None and len(table) == len(bundle.assignments)
    return Weighed(*open_board(bundle, table.frame if table is not None and fits else None)), fits
