"""`bailiwick whatif`: scenarios of change on a plan in force, side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import out, progress_bar, say_json
from app.cli.design import interrupts, write_plan
from app.cli.diff import print_table
from app.cli.options import (
    Column,
    Effort,
    Json,
    Postcodes,
    Seed,
    parse_columns,
    parse_effort,
    require_directory,
)
from app.cli.warm import tell_if_compiling
from geo.errors import OptionError

if TYPE_CHECKING:
    from geo.geocode.types import Geocoder
    from sales.realign.compare import Comparison
    from sales.realign.scenario import SalesBasis, Scenario

_MOST = 6  # reps shown


def whatif(
    plan: Annotated[Path, typer.Argument(help="Directory of the plan in force.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Directory for the scenarios' plans.")],
    scenarios: Annotated[Path | None, typer.Option(help="File of scenarios (TOML).")] = None,
    input: Annotated[  # noqa: A002
        Path | None, typer.Option(help="The accounts that the plan was designed from.")
    ] = None,
    column: Column = None,
    postcodes: Postcodes = None,
    leaves: Annotated[
        list[str] | None, typer.Option(metavar="REP", help="Rep who leaves; may be repeated.")
    ] = None,
    joins: Annotated[
        list[str] | None,
        typer.Option(metavar="PLACE", help="Where a rep joins; may be repeated."),
    ] = None,
    headcount: Annotated[
        int, typer.Option(metavar="±N", help="Reps more, or fewer (the least potential first).")
    ] = 0,
    merge: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Plan of a team that joins this one.")
    ] = None,
    max_disruption: Annotated[
        str | None,
        typer.Option(metavar="BUDGET", help="0.1, 10%, “200 accounts” or “1500000 potential”."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(metavar="FRACTION", help="Of balance, if not the plan's.")
    ] = None,
    bookings: Annotated[
        Path | None, typer.Option(help="Deals won: account id, amount, close date.")
    ] = None,
    sales_column: Annotated[
        str | None, typer.Option(metavar="HEADER", help="Column of what each account buys.")
    ] = None,
    sales_share: Annotated[
        float | None, typer.Option(metavar="FRACTION", help="Of the potential that is sold today.")
    ] = None,
    lost: Annotated[
        str | None,
        typer.Option(metavar="LOW:HIGH", help="Of a moved customer's sales; default 0.13:0.18."),
    ] = None,
    seed: Seed = 0,
    effort: Effort = "default",
    json_output: Json = False,
) -> None:
    """Make the plans of what-ifs and compare balance, moves, revenue at risk and travel."""
    require_directory(out_dir)
    from geo.geocode import default_geocoder
    from sales.inputs import read_input
    from sales.planfiles import read_plan
    from sales.realign.compare import compare
    from sales.realign.market import is_exact, market_of
    from sales.realign.read import read_scenarios
    from sales.realign.run import Base

    geocoder = default_geocoder(postcode_file=postcodes)
    bundle = read_plan(plan)
    source = (
        read_input(input, columns=parse_columns(list(column or ())))
        if input is not None
        else market_of(bundle, plan.name)
    )
    flags = _flags(
        leaves or [], joins or [], headcount, merge, max_disruption, tolerance, effort, geocoder
    )
    basis = _basis(bookings, sales_column, sales_share, lost)
    if scenarios is not None:
        book = read_scenarios(scenarios, geocoder)
        flags, basis = [*book.scenarios, *flags], basis or book.basis
    base = Base(bundle, source, plan.name, geocoder, seed)
    tell_if_compiling()
    with progress_bar() as progress, interrupts() as interrupted:
        from sales.realign.scenario import SalesBasis

        found = compare(
            base, flags, basis or SalesBasis(), exact=input is not None or is_exact(bundle),
            progress=progress, should_stop=interrupted.is_set,
        )  # fmt: skip
        _write(out_dir, found)
    if json_output:
        say_json({"out": str(out_dir), **found.document})
    else:
        show(found.document)
        out.print(f"Each scenario is a plan in {out_dir}/NAME: verify, export or push it.")
    over = [row["budget"] for row in found.document["scenarios"] if row["budget"]]
    if not all(budget["kept"] for budget in over):
        raise typer.Exit(3)


def _flags(
    leaves: list[str],
    joins: list[str],
    headcount: int,
    merge: Path | None,
    max_disruption: str | None,
    tolerance: float | None,
    effort: str,
    geocoder: "Geocoder",
) -> "list[Scenario]":
    """The one scenario that the options describe, and beside it what happens without an answer."""
    from sales.realign.budget import parse_budget
    from sales.realign.merger import merger_of
    from sales.realign.scenario import Join, Scenario

    words = [f"{', '.join(leaves)} leave{'s' if len(leaves) == 1 else ''}"] if leaves else []
    words += [f"joins in {place}" for place in joins]
    words += [f"headcount {headcount:+d}"] if headcount else []
    words += [f"merged with {merge.name}"] if merge is not None else []
    if not words and max_disruption is None and tolerance is None:
        return []
    name = " and ".join(words) or "balanced anew"
    scenario = Scenario(
        name,
        tuple(leaves),
        tuple(Join(place=place) for place in joins),
        headcount,
        merger_of({"plan": merge}, geocoder) if merge is not None else None,
        max_disruption=None if max_disruption is None else parse_budget(max_disruption),
        tolerance=tolerance,
        effort="quick" if parse_effort(effort) == "quick" else "default",
    )
    found = [scenario]
    if leaves:
        found += [
            Scenario(f"{name} - nearest take over", tuple(leaves), respond="nearest"),
            Scenario(f"{name} - nobody takes over", tuple(leaves), respond="orphans"),
        ]
    return found


def _basis(
    bookings: Path | None, column: str | None, share: float | None, lost: str | None
) -> "SalesBasis | None":
    """How revenue is reckoned, None where no option says it."""
    from sales.realign.sales import check_basis, read_bookings
    from sales.realign.scenario import LOST_SALES, SalesBasis

    if bookings is None and column is None and share is None and lost is None:
        return None
    of, note = read_bookings(bookings) if bookings is not None else (None, "")
    ends = LOST_SALES
    if lost is not None:
        low, _, high = lost.partition(":")
        try:
            ends = float(low), float(high or low)
        except ValueError:
            raise OptionError(
                f"--lost {lost!r} is not LOW:HIGH", hint="Write for example --lost 0.13:0.18."
            ) from None
    return check_basis(SalesBasis(of, share, column or "", ends, note))


def _write(out_dir: Path, found: "Comparison") -> None:
    """The plans, each whole in its directory, then what compares them."""
    import json

    from geo.progress import Stopwatch
    from sales.planfiles import write_files
    from sales.realign.compare import comparison_table

    for name, made in found.made.items():
        write_plan(out_dir / name, made.bundle, Stopwatch())
    text = json.dumps(found.document, indent=1, ensure_ascii=False, allow_nan=False)
    table = comparison_table(found.document)
    write_files(
        out_dir,
        {
            "comparison.json": text.encode() + b"\n",
            "comparison.csv": table.to_csv(index=False, lineterminator="\n").encode(),
            "moves.csv": found.moves.to_csv(index=False, lineterminator="\n").encode(
                "utf-8", "surrogatepass"
            ),
        },
    )


def show(document: Mapping[str, Any]) -> None:
    """The scenarios as a table: figures in the rows, so that it fits a narrow terminal."""
    rows = document["scenarios"]
    header = (
        "scenario", "reps", "off most", "within", "accounts", "moved", "at risk", "km",
    )  # fmt: skip
    print_table(header, [_row(row) for row in rows], right=7)
    low, high = document["sales"]["lost"]
    out.print(
        f"at risk: {low:.0%} to {high:.0%} of the yearly sales of customers whose rep changes"
        f" (sales: {document['sales']['basis']})",
        markup=False,
    )
    out.print(
        "accounts, moved: whose rep changes, and their share of all potential; km: from the rep's"
        " home (or centre), weighted by potential",
        markup=False,
    )
    if document["weights"] != "exact":
        out.print(
            f"(An account's potential is {document['weights']}: give --input for the real one.)",
            markup=False,
        )
    for row in rows[1:]:
        _remarks(row)


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    balance, moved, risk = row["balance"], row["moved"], row["revenue_at_risk"]
    within = balance["within_tolerance"]
    return (
        row["scenario"],
        str(row["territories"] - (len(row["leave"]) if row["respond"] == "orphans" else 0)),
        "—" if balance["max_deviation"] is None else f"{balance['max_deviation']:.1%}",
        "—" if within is None else f"{within:.0%}",
        f"{moved['accounts']:,}",
        f"{moved['share']:.1%}",
        "—" if risk is None else f"{_short(risk['low'])}–{_short(risk['high'])}",
        "—" if row["travel"]["after_km"] is None else f"{row['travel']['after_km']:,.0f}",
    )


def _remarks(row: Mapping[str, Any]) -> None:
    """What the table has no room for: who, budget, bound, and what is left open."""
    said = []
    if row["leave"]:
        said.append(f"leave: {', '.join(row['leave'])}")
    if row["join"]:
        said.append(f"join: {', '.join(row['join'])}")
    moved = row["moved"]
    if moved["rep_left"]["accounts"]:
        said.append(
            f"{moved['rep_left']['accounts']:,} accounts lose their rep anyway,"
            f" {moved['rep_stays']['accounts']:,} move though their rep stays"
        )
    if row["without_rep"]["accounts"]:
        worth = _amount(row["without_rep"]["potential"])
        said.append(f"{row['without_rep']['accounts']:,} accounts ({worth}) have no rep")
    if row["budget"]:
        kept = "kept" if row["budget"]["kept"] else "NOT KEPT: no such plan was found"
        said.append(f"budget {row['budget']['asked']} {kept}")
    if row["least_disruption"]:
        share, of = row["least_disruption"], row["least_disruption_of"]
        said.append(f"no plan within tolerance moves less than {share:.1%} of {of}")
    changed = [r for r in row["reps"] if r["status"] != "left" and _changes(r)]
    if changed:
        said.append(f"{len(changed)} reps gain or lose")
        widest = sorted(changed, key=lambda r: (-abs(_net(r)), r["rep"]))[:_MOST]
        said.append(", ".join(f"{r['rep']} {_net(r):+,.0f}" for r in widest))
    out.print(f"{row['scenario']}: {'; '.join(said) or 'nothing changes'}", markup=False)


def _changes(rep: Mapping[str, Any]) -> bool:
    return bool(rep["gained"]["accounts"] or rep["lost"]["accounts"])


def _net(rep: Mapping[str, Any]) -> float:
    return float(rep["after"]["potential"] - rep["before"]["potential"])


def _short(value: float) -> str:
    """Rounded so that a range fits a column."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.{0 if abs(value) >= 10 * size else 1}f}{letter}"
    return f"{value:.0f}"


def _amount(value: float) -> str:
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
