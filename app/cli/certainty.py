"""`bailiwick certainty`: how likely a plan is in balance, the potentials being estimates."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say_json, say_text
from app.cli.diff import print_table
from app.cli.options import Json, Seed
from geo.errors import OptionError

if TYPE_CHECKING:
    from sales.potential.model import SharedError


def certainty(
    directory: Annotated[Path, typer.Argument(help="Directory of a plan.")],
    scores: Annotated[Path, typer.Option(help="The file that `score` wrote.")],
    model: Annotated[
        Path | None, typer.Option(help="The scoring model, for the errors that accounts share.")
    ] = None,
    shared: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN:SD", help="An error shared by column; may be repeated."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(metavar="FRACTION", help="Instead of the plan's.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, max=100_000, help="How many to simulate.")] = 2000,
    seed: Seed = 0,
    json_output: Json = False,
) -> None:
    """Say with which probability each territory is within tolerance."""
    from sales.accounts import read_accounts
    from sales.planfiles import read_plan
    from sales.potential.plan_certainty import plan_certainty
    from sales.potential.written import read_model

    errors = tuple(_shared(text) for text in shared or ())
    if not errors and model is not None:
        errors = read_model(model).shared
    found = plan_certainty(
        read_plan(directory), read_accounts(scores), errors,
        tolerance=tolerance, draws=draws, seed=seed,
    )  # fmt: skip
    if json_output:
        say_json(asdict(found) | {"shared": [asdict(error) for error in errors]})
        return
    n = len(found.territories)
    say_text(
        f"Within ±{found.tolerance:.3g}: on average {found.expected:.1f} of {n} territories; "
        f"all at once with probability {found.all_within:.1%}"
    )
    words = ", ".join(f"{error.column} {error.sd:.0%}" for error in errors) or "none"
    say_text(
        f"Shared errors: {words}. {found.draws:,} draws, seed {found.seed}; "
        f"probabilities to ±{2 * found.standard_error:.1%}."
    )
    print_table(
        ("territory", "potential", "±", "deviation", "5 %", "95 %", "within"),
        [
            (t.id, f"{t.potential:,.0f}", f"{t.sd:,.0f}", f"{t.deviation:+.1%}", f"{t.low:+.1%}",
             f"{t.high:+.1%}", f"{t.probability:.0%}")
            for t in found.territories
        ],
        right=6,
    )  # fmt: skip


def _shared(text: str) -> "SharedError":
    from sales.potential.model import SharedError

    column, _, number = text.rpartition(":")
    try:
        sd = float(number)
    except ValueError:
        sd = -1.0
    if not column or not 0.0 <= sd <= 10.0:
        raise OptionError(
            f"--shared {text!r} is not COLUMN:SD", hint="Write for example --shared state:0.1."
        )
    return SharedError(column, sd)
