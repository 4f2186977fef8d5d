"""`bailiwick explain`: why is this account whose it is, and what would another owner cost?"""

from pathlib import Path
from typing import Annotated

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


def explain(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    account: Annotated[str, typer.Argument(help="The account's id.")],
    rep: Annotated[str, typer.Option(help="A rep, by id or name, who asks for it.")] = "",
    territory: Annotated[str, typer.Option(help="Or a territory, by its id.")] = "",
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
    json_output: Json = False,
) -> None:
    """Answer “why is this account not mine?”: the rules, the map, and what it would cost."""
    from sales.ownership.explain import Asking
    from sales.ownership.explain import explain as answer

    bundle, table, courses, now = read_courses(
        directory, rules, accounts, alignment, bookings, deals, sizes, reps, effective, today,
        column,
    )  # fmt: skip
    weighed, fits = weighed_by(bundle, table)
    day = parse_day(at, "--at") or now
    document = answer(weighed, courses, Asking(account, day, rep, territory, exact=fits))
    if json_output:
        say_json(document)
        return
    for sentence in document["sentences"]:
        say(sentence)
    said = [("→" if t["decided"] else "", t["rule"], t["said"]) for t in document["trace"]]
    print_table(("", "rule", "what it says"), said, right=0)
    if not fits and document["account"]["weight"] is not None:
        say(
            f"({document['account']['measure']} of an account: an even share of its cell's;"
            " --accounts gives the true one)"
        )
