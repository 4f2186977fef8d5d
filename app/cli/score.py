"""`bailiwick score`: every account's potential by a scoring model, explained term by term."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import out, say_json, say_text
from app.cli.diff import print_table
from app.cli.options import Column, Json, parse_columns, require_directory
from geo.errors import OptionError

if TYPE_CHECKING:
    from sales.potential.explain import Explanation

_TOP = 5


def score(
    input: Annotated[Path, typer.Argument(help="A file of accounts.")],  # noqa: A002
    model: Annotated[Path, typer.Option(help="Scoring model, TOML.")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="CSV to write, ready for `design`.")
    ] = None,
    explain: Annotated[
        list[str] | None,
        typer.Option(metavar="ACCOUNT", help="Show why; may be repeated."),
    ] = None,
    column: Column = None,
    json_output: Json = False,
) -> None:
    """Score accounts: deal size × propensity × growth × fit, with error bars."""
    from sales.accounts import read_accounts
    from sales.planfiles import write_atomically
    from sales.potential.explain import explain as explained
    from sales.potential.facts import Facts
    from sales.potential.score import score as score_accounts
    from sales.potential.summary import summary_of
    from sales.potential.table import score_table, scored_csv
    from sales.potential.written import read_model

    if out_file is None and not explain:
        raise OptionError("neither --out nor --explain is given", hint="Add --out scored.csv.")
    if out_file is not None:
        if out_file.is_dir():
            raise OptionError(f"--out {out_file} is a directory", hint="Name a file to write.")
        require_directory(out_file.parent)
    rules = read_model(model)
    facts = Facts(read_accounts(input, columns=parse_columns(column or [])))
    scores = score_accounts(facts, rules)
    reasons = [explained(facts, scores, account) for account in explain or ()]
    summary = summary_of(facts, scores, rules)
    if out_file is not None:
        table = score_table(facts.table, scores, rules)
        write_atomically(out_file, scored_csv(facts.table, table))
    if json_output:
        say_json(asdict(summary) | {"explained": [asdict(reason) for reason in reasons]})
        return
    if out_file is not None:
        out.print(
            f"{summary.accounts:,} accounts scored, {summary.potential:,.0f} in all"
            f"{f': {out_file}'}",
            markup=False,
        )
        if summary.was is not None:
            out.print(
                f"  the file said {summary.was:,.0f}; rank correlation with it {summary.rank:.2f}"
            )
        out.print(f"  the richest tenth holds {summary.top_share:.0%}")
        for warning in summary.warnings:
            say_text(warning)
        rows = [
            (name, _figure(v.p10), _figure(v.median), _figure(v.p90))
            for name, v in summary.spread.items()
        ]
        print_table(("term", "10 %", "median", "90 %"), rows, right=3)
    for reason in reasons:
        print_explanation(reason)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def print_explanation(reason: "Explanation") -> None:
    """One account, every factor on a line."""
    bar = f" ± {reason.sd:,.0f}" if reason.sd else ""
    out.print(f"{reason.name or reason.account_id} ({reason.account_id})", markup=False)
    out.print(f"  potential {reason.potential:,.2f}{bar} a year", markup=False)
    rows: list[tuple[str, ...]] = []
    for part in reason.parts:
        rows.append((part.part.replace("_", " "), "", "", f"{part.value:,.2f}"))
        for term in part.terms:
            rows.append((f"  {term.term}", term.rule_words, "", f"{term.value:,.6g}"))
            rows += [
                (f"    {f.label}", f.found, f"{'' if term.rule == 'points' else '× '}"
                 f"{f.factor:,.6g}", "")
                for f in term.factors
            ]  # fmt: skip
    print_table(("part, term, factor", "the account has", "factor", "value"), rows, right=2)
