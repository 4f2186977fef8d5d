"""`bailiwick design`: from a file of accounts, cells or units to a plan's directory."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import out, progress_bar, say_json
from app.cli.options import (
    Balance,
    Column,
    Edges,
    Exact,
    Input,
    Json,
    Market,
    Objective,
    Postcodes,
    Reps,
    Resolution,
    Seed,
    Territories,
    TimeLimit,
    UnitId,
    checked_time_limit,
    parse_columns,
    parse_exact,
    parse_resolution,
    read_geojson,
    require_directory,
)
from geo.progress import Progress

if TYPE_CHECKING:
    from geo.geocode.types import Geocoder
    from sales.accounts.types import RowIssue
    from sales.plan import PlanBundle
    from sales.roster import Rep


def design(
    input: Input,  # noqa: A002
    out_dir: Annotated[Path, typer.Option("--out", help="Directory for the plan's files.")],
    territories: Territories = None,
    reps: Reps = None,
    balance: Balance = None,
    column: Column = None,
    resolution: Resolution = "auto",
    seed: Seed = 0,
    time_limit: TimeLimit = None,
    market: Market = None,
    postcodes: Postcodes = None,
    unit_id: UnitId = None,
    edges: Edges = None,
    exact: Exact = False,
    objective: Objective = None,
    json_output: Json = False,
) -> None:
    """Design contiguous, balanced territories and write the plan's files."""
    require_directory(out_dir)
    least = parse_exact(exact, objective)
    # Imported here, so that `--help` and a mistyped option answer at once.
    from geo.geocode import default_geocoder
    from sales.design import design as make_plan
    from sales.goals import parse_goal
    from sales.inputs import read_input
    from sales.request import DesignRequest

    geocoder = default_geocoder(postcode_file=postcodes)
    roster = _located(reps, geocoder) if reps else ((), ())
    source = read_input(input, columns=parse_columns(column or []), unit_id=unit_id, edges=edges)
    request = DesignRequest(
        territories=territories,
        reps=roster[0],
        roster_issues=roster[1],
        balance=tuple(parse_goal(text) for text in balance or []),
        resolution=parse_resolution(resolution),
        seed=seed,
        market=read_geojson(market) if market else None,
        time_limit=checked_time_limit(time_limit),
        exact=least,
        options={
            "territories": territories,
            "reps": reps.name if reps else None,
            "balance": balance or [],
            "column": column or [],
            "resolution": resolution,
            "time_limit": time_limit,
            "market": market.name if market else None,
            "postcodes": postcodes.name if postcodes else None,
            "unit_id": unit_id,
            "edges": edges.name if edges else None,
            **({"exact": least} if least else {}),
        },
    )
    started = time.perf_counter()
    with progress_bar() as progress, interrupts() as interrupted:
        bundle = make_plan(
            source,
            request,
            geocoder=geocoder,
            progress=progress,
            should_stop=interrupted.is_set,
        )
        write_plan(out_dir, bundle, progress, started)
    if json_output:
        say_json({"out": str(out_dir), **bundle.document["summary"], **_ending(bundle)})
    else:
        print_summary(out_dir, bundle)
    if bundle.document["violations"]:
        raise typer.Exit(3)


def write_plan(out_dir: Path, bundle: "PlanBundle", progress: Progress, started: float) -> None:
    """Write all files of the plan, with its map and the durations."""
    from app.maps import render_map
    from sales.planfiles import plan_files, write_files

    progress("map", 0.0)
    files = plan_files(bundle) | {"map.html": render_map(bundle).encode("utf-8", "replace")}
    run = {"seconds": round(time.perf_counter() - started, 3)}
    write_files(out_dir, files | {"run.json": json.dumps(run).encode() + b"\n"})
    progress("map", 1.0)


def print_summary(out_dir: Path, bundle: "PlanBundle") -> None:
    """The plan in a few lines on stdout."""
    document: Mapping[str, Any] = bundle.document
    summary = document["summary"]
    measure = document["measures"][0]
    out.print(
        f"{summary['territories']} territories, balanced by {measure}:"
        f" largest deviation {summary['max_deviation']:.2%},"
        f" mean {summary['mean_deviation']:.2%}",
        markup=False,
    )
    if summary["accounts"]:
        out.print(
            f"{summary['accounts']:,} accounts: {summary['assigned']:,} assigned,"
            f" {summary['review']:,} to review (review.csv says why)",
            markup=False,
        )
    gap = document["certificate"]["compactness"]["gap"]
    if gap is not None:
        out.print(
            f"Compactness within {gap:.1%} of the bound for these centres;"
            f" {summary['bridges']} bridge{'' if summary['bridges'] == 1 else 's'}",
            markup=False,
        )
    if "exact" in document["certificate"]:
        out.print(document["certificate"]["exact"]["statement"], markup=False)
    for violation in document["violations"][:10]:
        out.print(f"Out of tolerance: {violation['message']}", markup=False)
    if len(document["violations"]) > 10:
        out.print(f"… and {len(document['violations']) - 10} more in plan.json", markup=False)
    out.print(f"Map: {out_dir / 'map.html'}", markup=False)


def _ending(bundle: "PlanBundle") -> dict[str, Any]:
    return {
        "violations": bundle.document["violations"],
        "stop_reason": bundle.document["provenance"]["stop_reason"],
        **{k: v for k, v in bundle.document["certificate"].items() if k == "exact"},
    }


def _located(path: Path, geocoder: "Geocoder") -> "tuple[tuple[Rep, ...], tuple[RowIssue, ...]]":
    from sales.roster import located_reps, read_roster

    roster = read_roster(path)
    reps, issues = located_reps(roster, geocoder)
    return reps, (*roster.issues, *issues)


@contextmanager
def interrupts() -> Iterator[threading.Event]:
    """The first Ctrl-C asks for the best plan so far, the second one ends the program."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(*_: object) -> None:
        # A handler may interrupt a write to stderr, whose buffer must not be entered twice.
        os.write(2, b"\nStopping; the best plan so far is kept. (Ctrl-C again: give up.)\n")
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
