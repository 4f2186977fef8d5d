"""`bailiwick size`: how many territories the market needs, and which quotas can be met."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import out, progress_bar, say_json, say_text
from app.cli.diff import print_table
from app.cli.options import Column, Json, Postcodes, parse_columns

if TYPE_CHECKING:
    from sales.sizing.market import MarketRow
    from sales.sizing.size import Sizing

_MOST_ROWS = 15


def size(
    input: Annotated[Path, typer.Argument(help="A file of accounts with potential.")],  # noqa: A002
    model: Annotated[
        Path | None, typer.Option(help="Assumptions, TOML; those left out have defaults.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Directory of a plan: its territories, one by one.")
    ] = None,
    column: Column = None,
    postcodes: Postcodes = None,
    json_output: Json = False,
) -> None:
    """Size a market: calls × (visit + travel) against selling hours, potential against quota."""
    from geo.geocode import default_geocoder
    from sales.accounts import read_accounts
    from sales.locate import locate
    from sales.planfiles import read_plan
    from sales.sizing.model import SizingModel
    from sales.sizing.placed import market_of
    from sales.sizing.size import size as size_market
    from sales.sizing.written import read_sizing

    assumed = read_sizing(model) if model is not None else SizingModel()
    bundle = read_plan(plan) if plan is not None else None
    table = read_accounts(input, columns=parse_columns(column or []))
    with progress_bar() as progress:
        located = locate(table, default_geocoder(postcode_file=postcodes), progress=progress)
    market, seats = market_of(table, located.lat, located.lng, assumed, bundle)
    sizing = size_market(market, seats, assumed)
    if json_output:
        say_json({"assumptions": asdict(assumed)} | asdict(sizing))
        return
    print_sizing(sizing, asdict(assumed))


def print_sizing(s: "Sizing", assumed: dict[str, Any]) -> None:
    """The figures, then what they rest on."""
    out.print(
        f"{s.accounts:,} accounts, potential {s.potential:,.0f}, attainable {s.attainable:,.0f}"
    )
    out.print(
        f"Work: {s.hours:,.0f} h a year, {s.travel_share:.0%} of it on the road; "
        f"a rep has {s.selling_hours:,.0f} h"
    )
    out.print(f"Territories by workload:  {s.by_workload:.1f}")
    if s.by_potential is not None:
        out.print(f"Territories by potential: {s.by_potential:.1f}")
    out.print(f"Most profitable number of reps, by the response assumed: {s.best:,}")
    for remark in s.remarks:
        say_text(remark)
    if s.unplaced:
        out.print(f"  {s.unplaced:,} accounts without a position travel as the average one.")
    if s.unclassed:
        out.print(f"  {s.unclassed:,} accounts fall in no class and get no calls.")
    _market("class", s.classes)
    _market("segment", s.segments)
    out.print(f"\nOne rep more or fewer (now {s.base})")
    print_table(
        ("reps", "coverage", "sales", "last rep adds", "margin − cost"),
        [
            (f"{x.reps:,}", f"{x.coverage:.0%}", f"{x.sales:,.0f}", f"{x.added:,.0f}",
             f"{x.profit:,.0f}")
            for x in s.steps
        ],
        right=5,
    )  # fmt: skip
    if s.territories:
        _territories(s)
    out.print("\nAssumed (change it in --model):")
    for name, value in _flat(assumed):
        out.print(f"  {name} = {value}", markup=False)


def _market(what: str, rows: "tuple[MarketRow, ...]") -> None:
    out.print(f"\nThe market by {what}")
    print_table(
        (what, "accounts", "potential", "share", "calls", "hours", "reps"),
        [
            (r.name, f"{r.accounts:,}", f"{r.potential:,.0f}", f"{r.share:.0%}", f"{r.calls:,.0f}",
             f"{r.visit_h + r.travel_h:,.0f}", f"{r.reps:.1f}")
            for r in rows[:_MOST_ROWS]
        ],
        right=6,
    )  # fmt: skip
    if len(rows) > _MOST_ROWS:
        out.print(f"… and {len(rows) - _MOST_ROWS} more; --json lists all")


def _territories(s: "Sizing") -> None:
    out.print("\nWhat each territory can carry")
    print_table(
        ("territory", "rep", "need h", "has h", "cover", "carries", "quota"),
        [
            (t.id, t.rep, f"{t.visit_h + t.travel_h:,.0f}", f"{t.capacity_h:,.0f}",
             "" if t.coverage is None else f"{min(t.coverage, 9.99):.0%}", f"{t.carries:,.0f}",
             "" if t.quota is None else f"{t.quota:,.0f}{' !' if t.reason else ''}")
            for t in s.territories
        ],
        right=5,
    )  # fmt: skip
    beyond = [t for t in s.territories if t.reason]
    for t in beyond[:_MOST_ROWS]:
        say_text(f"! {t.id} {t.rep}: quota {t.quota:,.0f} is out of reach, {t.reason}")
    if len(beyond) > _MOST_ROWS:
        out.print(f"… and {len(beyond) - _MOST_ROWS} quotas more; --json lists all")


def _flat(values: dict[str, Any], path: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for name, value in values.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            lines += _flat(value, key)
        elif isinstance(value, list | tuple):
            lines += [(key, _one_line(each)) for each in value]
        elif value is not None:
            lines.append((key, f"{value:g}" if isinstance(value, float) else str(value)))
    return lines


def _one_line(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in value.items())
