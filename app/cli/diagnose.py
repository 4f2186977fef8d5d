"""`bailiwick diagnose`: is it the rep or the territory?"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import out, say_json
from app.cli.diff import print_table
from app.cli.options import Column, Json, Postcodes, parse_columns
from geo.errors import OptionError

if TYPE_CHECKING:
    from sales.diagnose.verdicts import Rules

_MOST = 10
_PERIODS = ("month", "quarter", "half", "year")


def diagnose(
    accounts: Annotated[Path, typer.Argument(help="Accounts with their potential.")],
    bookings: Annotated[Path, typer.Option(help="Deals won: account_id, close_date, amount, rep.")],
    alignment: Annotated[Path, typer.Option(help="Today: account_id, territory, rep.")],
    activities: Annotated[
        Path | None, typer.Option(help="Hours: account_id, period, rep, hours.")
    ] = None,
    opportunities: Annotated[
        Path | None, typer.Option(help="Deals decided: account_id, date, won or lost, reason.")
    ] = None,
    reps: Annotated[Path | None, typer.Option(help="Roster: names, and homes for travel.")] = None,
    quotas: Annotated[Path | None, typer.Option(help="Quotas: territory or rep, quota.")] = None,
    period: Annotated[
        str | None, typer.Option(metavar="|".join(_PERIODS), help="Default: that of activities.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="Rate of false alarms.")] = 0.05,
    looks: Annotated[int, typer.Option(help="Diagnoses that share the rate.", min=1)] = 1,
    matters: Annotated[float, typer.Option(help="Smaller effects are not worth acting on.")] = 0.25,
    least_deals: Annotated[int, typer.Option(help="Fewer say nothing.", min=1)] = 8,
    plot: Annotated[Path | None, typer.Option(help="Write the picture: .png or .svg.")] = None,
    column: Column = None,
    postcodes: Postcodes = None,
    json_output: Json = False,
) -> None:
    """Attainment, coverage and win rates; and whether it is the rep or the territory."""
    rules = checked_rules(alpha, looks, matters, least_deals)
    if period is not None and period not in _PERIODS:
        raise OptionError(
            f"--period {period!r} is none of {', '.join(_PERIODS)}", hint="Or leave it out."
        )
    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise OptionError(f"--plot {plot} is neither .png nor .svg", hint="Name it effects.png.")
    from sales.diagnose.diagnosis import document
    from sales.diagnose.read import Files, diagnose_files

    files = Files(accounts, bookings, alignment, activities, opportunities, reps, quotas)
    geocoder = None
    if reps is not None:
        from geo.geocode import default_geocoder

        geocoder = default_geocoder(postcode_file=postcodes)
    found = diagnose_files(
        files, geocoder, rules, columns=parse_columns(column or []), period=period
    )
    if plot is not None:
        from sales.diagnose.plot import effects_plot
        from sales.planfiles import write_atomically

        write_atomically(plot, effects_plot(found, svg=plot.suffix.lower() == ".svg"))
    whole = document(found)
    if json_output:
        say_json(whole)
        return
    _summary(whole)
    _territories(whole)
    _learned(whole)
    _coverage(whole)
    for note in whole["notes"]:
        out.print(f"Note: {note}", markup=False)


def checked_rules(alpha: float, looks: int, matters: float, least_deals: int) -> "Rules":
    """The rules; raises OptionError."""
    from sales.diagnose.verdicts import Rules

    for name, value in (("alpha", alpha), ("matters", matters)):
        if not 0 < value < 1:
            raise OptionError(
                f"--{name} {value:g} is not between 0 and 1", hint="Write a fraction: 0.05 is 5 %."
            )
    return Rules(alpha=alpha, looks=looks, matters=matters, least_deals=least_deals)


def _percent(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return ""
    return f"{value:+.0%}" if sign else f"{value:.0%}"


def _summary(whole: Mapping[str, Any]) -> None:
    summary, rules = whole["summary"], whole["rules"]
    periods = whole["periods"]
    span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
    out.print(
        f"{summary['booked']:,.0f} booked in {span} by {summary['reps']} reps in"
        f" {summary['territories']} territories",
        markup=False,
    )
    verdicts = ", ".join(f"{word} {n}" for word, n in summary["verdicts"].items() if n)
    out.print(f"What explains the result: {verdicts}", markup=False)
    looks = "" if rules["looks"] == 1 else f" over {rules['looks']} diagnoses"
    out.print(
        f"(in pure noise anybody would be named in at most {rules['alpha']:.0%} of cases{looks})",
        markup=False,
    )


def _territories(whole: Mapping[str, Any]) -> None:
    effects = {(e["kind"], e["id"]): e for e in whole["effects"]}
    header = ["territory", "rep", "verdict", "vs. avg", "rep effect", "territory effect"]
    wins = any(line["win_rate"] is not None for line in whole["territories"])
    quota = any(line["attainment"] is not None for line in whole["territories"])
    header += ["attained"] if quota else []
    header += ["won"] if wins else []
    rows = []
    lines = sorted(whole["territories"], key=lambda line: line["share"] or 0.0)
    for line in lines:
        own = line["verdict"]
        cells = [
            line["name"], line["rep"], own["verdict"] if own else "too few deals",
            _percent((line["share"] or 1) - 1, sign=True),
            _interval(effects.get(("rep", line["rep"]))),
            _interval(effects.get(("territory", line["territory"]))),
        ]  # fmt: skip
        cells += [_percent(line["attainment"])] if quota else []
        cells += [_percent(line["win_rate"])] if wins else []
        rows.append(tuple(cells))
    print_table(tuple(header), rows, right=len(header) - 3)
    out.print("(… the two cannot be told apart: say who else worked there, and when)", markup=False)


def _interval(effect: Mapping[str, Any] | None) -> str:
    from sales.diagnose.verdicts import LEAST_TOLD

    if effect is None or effect["told"] < LEAST_TOLD:
        return "…"
    low, high = effect["low"] - 1, effect["high"] - 1
    return f"{effect['factor'] - 1:+.0%} [{low:+.0%} {high:+.0%}]" + (
        "*" if effect["named"] else ""
    )


def _learned(whole: Mapping[str, Any]) -> None:
    worked = {n: v for n, v in whole["learned"].items() if n.startswith("attention")}
    if worked:
        best = max(worked.values(), key=lambda v: float(v["effect"]))
        from math import expm1

        out.print(
            f"The best-worked fifth of accounts brings {expm1(best['effect']):+.0%} against the"
            " least-worked fifth of the same size",
            markup=False,
        )


def _coverage(whole: Mapping[str, Any]) -> None:
    covered = whole["coverage"]
    if covered is None:
        out.print("Coverage is not known: give --activities.", markup=False)
        return
    none = covered["untouched"]
    out.print(
        f"Nobody has touched {none['accounts']:,} accounts with a potential of"
        f" {none['potential']:,.0f}",
        markup=False,
    )
    for account in none["largest"][:3]:
        out.print(
            f"  {account['account_id']}  {account['territory']}  {account['rep']}"
            f"  {account['potential']:,.0f}",
            markup=False,
        )
    picks = [rep for rep in covered["reps"] if rep["cherry_picking"]]
    if not picks:
        out.print("No rep's effort is more one-sided than chance explains.", markup=False)
    for rep in sorted(picks, key=lambda rep: -float(rep["concentration"]))[:_MOST]:
        leaves = f"; leaves what is {rep['leaves']}" if rep["leaves"] else ""
        leaves += ": travel rather than choice?" if rep["leaves"] == "far" else ""
        out.print(
            f"One-sided effort: {rep['rep']} (concentration {rep['concentration']:.2f}, usual"
            f" up to {rep['usual']:.2f}{leaves})",
            markup=False,
        )
