"""`bailiwick learn`: a scoring model from the deals that were won, with its quality measured."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import out, say_json, say_text
from app.cli.diff import print_table
from app.cli.options import Column, Json, Seed, parse_columns, require_directory
from geo.errors import OptionError

if TYPE_CHECKING:
    from sales.potential.learn import Learned


def learn(
    input: Annotated[Path, typer.Argument(help="A file of accounts.")],  # noqa: A002
    history: Annotated[Path, typer.Option(help="Deals won: account, date, amount.")],
    out_file: Annotated[Path, typer.Option("--out", help="Scoring model to write, TOML.")],
    feature: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Fact to learn from; may be repeated."),
    ] = None,
    conversion: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rates by this column instead of a regression."),
    ] = None,
    column: Column = None,
    history_column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADER", help="The same for the history; may be repeated."),
    ] = None,
    seed: Seed = 0,
    json_output: Json = False,
) -> None:
    """Learn who buys and for how much; say how good that is on accounts not seen."""
    from sales.accounts import read_accounts
    from sales.planfiles import write_atomically
    from sales.potential.facts import Facts
    from sales.potential.history import read_history
    from sales.potential.learn import learn as learn_model
    from sales.potential.text import model_text

    if out_file.is_dir():
        raise OptionError(f"--out {out_file} is a directory", hint="Name a file to write.")
    require_directory(out_file.parent)
    facts = Facts(read_accounts(input, columns=parse_columns(column or [])))
    deals = read_history(history, columns=parse_columns(history_column or []))
    learned = learn_model(
        facts, deals, wanted=tuple(feature or ()), conversion=conversion, seed=seed
    )
    write_atomically(out_file, model_text(learned.model, learned.remarks()).encode())
    if json_output:
        say_json({k: v for k, v in asdict(learned).items() if k != "model"})
        return
    _print(learned)
    out.print(f"Model: {out_file}", markup=False)


def _print(learned: "Learned") -> None:
    for line in learned.remarks():
        say_text(line)
    rows = [
        (e.term, e.column, e.direction, f"{e.low:.3g} at {e.low_at}",
         f"{e.high:.3g} at {e.high_at}", f"{e.importance:+.1%}")
        for e in learned.effects
    ]  # fmt: skip
    out.print("\nWhat each fact does (times the odds, or times the money); loss without it:")
    print_table(("term", "fact", "", "low", "high", "loss"), rows, right=1)
    out.print("\nIs a predicted chance true? (tenths of the accounts, out of fold)")
    bins = learned.propensity.calibration
    print_table(
        ("accounts", "predicted", "bought"),
        [(f"{b.accounts:,}", f"{b.predicted:.1%}", f"{b.bought:.1%}") for b in bins],
        right=3,
    )
    if learned.conversion:
        out.print("\nShare that buys in a year, by segment (80 % interval)")
        print_table(
            ("segment", "accounts", "bought", "rate", "from", "to"),
            [
                (r.segment or "(blank)", f"{r.accounts:,}", f"{r.bought:,}", f"{r.rate:.1%}",
                 f"{r.low:.1%}", f"{r.high:.1%}")
                for r in learned.conversion
            ],
            right=5,
        )  # fmt: skip
