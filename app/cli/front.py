"""`bailiwick front`: balance against disruption, plan by plan, with the least that must change."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.asked import Asked
from app.cli.console import out, progress_bar, say_json
from app.cli.design import interrupts
from app.cli.diff import print_table
from app.cli.options import (
    Balance,
    Barriers,
    Column,
    Edges,
    Homes,
    Incumbent,
    Input,
    Json,
    Lock,
    Market,
    Postcodes,
    Reps,
    Resolution,
    Seed,
    Territories,
    Together,
    UnitId,
)
from app.cli.warm import tell_if_compiling


def front(
    input: Input,  # noqa: A002
    incumbent: Incumbent = None,
    territories: Territories = None,
    reps: Reps = None,
    budget: Annotated[
        list[float] | None,
        typer.Option(metavar="FRACTION", help="Disruption to allow; may be repeated."),
    ] = None,
    tolerance: Annotated[
        list[float] | None,
        typer.Option(metavar="FRACTION", help="Balance to bound disruption for; may be repeated."),
    ] = None,
    balance: Balance = None,
    column: Column = None,
    resolution: Resolution = "auto",
    seed: Seed = 0,
    lock: Lock = None,
    barriers: Barriers = None,
    together: Together = None,
    homes: Homes = "soft",
    market: Market = None,
    postcodes: Postcodes = None,
    unit_id: UnitId = None,
    edges: Edges = None,
    json_output: Json = False,
) -> None:
    """Show how even plans get for how much disruption, and how much any plan needs at least."""
    asked = Asked(
        input, territories, reps, tuple(balance or ()), tuple(column or ()), resolution, seed,
        market=market, postcodes=postcodes, unit_id=unit_id, edges=edges, incumbent=incumbent,
        lock=lock, barriers=barriers, together=together, homes=homes,
    )  # fmt: skip
    from sales.front import BUDGETS, TOLERANCES
    from sales.front import front as make_front

    source, request, geocoder = asked.read()
    tell_if_compiling()
    with progress_bar() as progress, interrupts() as interrupted:
        document = make_front(
            source, request, geocoder=geocoder, budgets=budget or BUDGETS,
            tolerances=tolerance or TOLERANCES, progress=progress,
            should_stop=interrupted.is_set,
        )  # fmt: skip
    if json_output:
        say_json(document)
    else:
        _show(document)
    if not all(plan["within_budget"] for plan in document["plans"]):
        raise typer.Exit(3)


def _show(document: Mapping[str, Any]) -> None:
    measure = document["measure"]
    out.print(f"Disruption is the share of {measure} that changes hands.", markup=False)
    plans = [
        (
            f"{p['budget']:.1%}", f"{p['disruption']:.2%}" + ("" if p["within_budget"] else " !"),
            f"{p['max_deviation']:.2%}", f"{p['least_disruption']:.2%}",
        )
        for p in document["plans"]
    ]  # fmt: skip
    header = ("allowed", "disruption", "largest deviation", "any plan as even: at least")
    print_table(header, plans, right=4)
    out.print("No plan within this tolerance changes less than that:", markup=False)
    bounds = [(f"{b['tolerance']:.1%}", f"{b['least_disruption']:.2%}") for b in document["bounds"]]
    print_table(("tolerance", "least disruption"), bounds, right=2)
    if not all(plan["within_budget"] for plan in document["plans"]):
        out.print("! more than was allowed: no such plan was found", markup=False)
