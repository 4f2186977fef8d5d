"""`bailiwick owners`: whose each account is by the rules of engagement, on any day."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
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
)
from app.cli.options import Column, Json, parse_day

if TYPE_CHECKING:
    from sales.ownership.facts import Book
    from sales.ownership.timeline import Courses

_MOST = 12  # lines of a list shown


def owners(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
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
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Directory for owners.csv, disputes.csv, ….")
    ] = None,
    json_output: Json = False,
) -> None:
    """Say whose each account is on a day, by which rule, who disputes it, and what is to change."""
    _, _, courses, now = read_courses(
        directory, rules, accounts, alignment, bookings, deals, sizes, reps, effective, today,
        column,
    )  # fmt: skip
    day = parse_day(at, "--at") or now
    from sales.ownership.document import owners_document

    document = owners_document(courses, day, of_alignment=alignment is not None)
    if out_dir is not None:
        write_tables(out_dir, courses, document)
    if json_output:
        say_json(document)
        return
    _print(document, courses.book)
    if out_dir is not None:
        say(f"All of it: {out_dir / 'owners.csv'} and the tables beside it")


def _print(document: dict[str, Any], book: "Book") -> None:
    joint = f", {document['joint']:,} jointly" if document["joint"] else ""
    say(
        f"On {document['at']} {document['one_owner']:,} of {document['accounts']:,} accounts have"
        f" one owner{joint}, {len(document['orphans']):,} have none",
    )
    used = [(kind, f"{count:,}") for kind, count in document["rules"].items() if count]
    print_table(("decided by", "accounts"), used, right=1)
    if document["findings"]:
        counts = Counter(f["flaw"] for f in document["findings"])
        said = ", ".join(f"{count} {flaw.replace('_', ' ')}" for flaw, count in counts.items())
        say(f"In the alignment: {said}")
        for found in document["findings"][:_MOST]:
            at = f"row {found['row']}" if found["row"] else "not listed"
            say(f"  {at}, {found['account_id']}: {found['words']}")
        _more(document["findings"])
    if document["disputes"]:
        say(f"{len(document['disputes']):,} disputed:")
        for d in document["disputes"][:_MOST]:
            who = ", ".join(book.called(rep) for rep in d["claimants"])
            say(f"  {d['account_id']}: {who}; {d['words']}")
        _more(document["disputes"])
    for orphan in document["orphans"][:_MOST]:
        say(f"Orphan {orphan['account_id']}: {orphan['remedy']}")
    _more(document["orphans"])
    if document["outgrown"]:
        say(f"{len(document['outgrown']):,} outgrow their segment:")
        for o in document["outgrown"][:_MOST]:
            say(f"  {_grown(o)}")
        _more(document["outgrown"])
    for change in document["changes"][:_MOST]:
        count = change["accounts"]
        hands = "account changes" if count == 1 else "accounts change"
        say(f"{change['on']}: {count:,} {hands} hands")
    _more(document["changes"])


def _grown(o: dict[str, Any]) -> str:
    what = f" with {o['value']:,.0f} {o['measure']}" if o["value"] else ""
    then = {
        "stay": "stays", "renewal": f"moves at its renewal on {o['moves']}",
        "joint": f"covered jointly until {o['joint_until']}",
    }[o["then"]]  # fmt: skip
    return f"{o['account_id']}: {o['segment']} to {o['into']} on {o['on']}{what}; " + (
        o["note"] or then
    )


def _more(rows: Sequence[object]) -> None:
    if len(rows) > _MOST:
        say(f"  … and {len(rows) - _MOST:,} more; --json or --out has all")


def write_tables(out_dir: Path, courses: "Courses", document: dict[str, Any]) -> None:
    """owners.csv with every span of every account, and a table of each list."""
    from sales.ownership.decide import Owner
    from sales.planfiles import write_files

    spans = [
        (
            course_of.account_id, span.start or "", span.until or "", owner.rep, owner.territory,
            f"{owner.share:g}", span.rule, span.tie, span.why,
        )
        for key, course_of in courses.book.accounts.items()
        for span in courses.of(key).spans
        for owner in (span.owners or (Owner("", "", 0.0),))
    ]  # fmt: skip
    header = (
        "account_id", "from", "until", "rep", "territory_id", "share", "rule", "tie", "why",
    )  # fmt: skip
    disputes = [
        (
            d["account_id"], d["name"], "; ".join(d["claimants"]), d["winner"] or "", d["rule"],
            d["tie"], "yes" if d["by_hand"] else "", c["rule"], c["rep"] or "",
            c["territory"] or "", c["from"] or "", c["until"] or "", c["void"] or c["why"],
        )
        for d in document["disputes"]
        for c in d["claims"]
    ]  # fmt: skip
    of_disputes = (
        "account_id", "name", "claimants", "winner", "rule", "tie", "decide_by_hand", "claim",
        "rep", "territory_id", "from", "until", "why",
    )  # fmt: skip
    write_files(out_dir, {
        "owners.csv": _csv(header, spans),
        "disputes.csv": _csv(of_disputes, disputes),
        "findings.csv": _listed(document["findings"], ("row", "account_id", "flaw", "words")),
        "orphans.csv": _listed(document["orphans"], ("account_id", "name", "remedy")),
        "outgrown.csv": _listed(document["outgrown"], (
            "account_id", "segment", "into", "on", "measure", "value", "then", "moves",
            "joint_until", "note",
        )),
        "owners.json": json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n",
    })  # fmt: skip


def _listed(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> bytes:
    return _csv(columns, [["" if r[c] is None else r[c] for c in columns] for r in rows])


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode("utf-8", "replace")
