"""`bailiwick design`: from a file of accounts, cells or units to a plan's directory."""

import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.asked import Asked
from app.cli.audit import print_segments
from app.cli.console import out, progress_bar, say_json
from app.cli.options import (
    Apart,
    Balance,
    Barriers,
    Capacity,
    Column,
    Edges,
    Effort,
    Exact,
    Homes,
    Incumbent,
    Input,
    Json,
    Limit,
    Lock,
    Market,
    MaxDisruption,
    Objective,
    Postcodes,
    Reps,
    Resolution,
    Seed,
    Segments,
    Shape,
    Territories,
    TimeLimit,
    Together,
    UnitId,
    checked_time_limit,
    parse_exact,
    require_directory,
)
from app.cli.warm import tell_if_compiling
from geo.progress import Stopwatch

if TYPE_CHECKING:
    from sales.plan import PlanBundle

_TOLERANCE = ("balance", "contiguity")


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
    effort: Effort = "default",
    shape: Shape = 1.0,
    incumbent: Incumbent = None,
    max_disruption: MaxDisruption = None,
    capacity: Capacity = None,
    lock: Lock = None,
    barriers: Barriers = None,
    together: Together = None,
    apart: Apart = None,
    limit: Limit = None,
    homes: Homes = "soft",
    market: Market = None,
    postcodes: Postcodes = None,
    unit_id: UnitId = None,
    edges: Edges = None,
    segments: Segments = None,
    exact: Exact = False,
    objective: Objective = None,
    json_output: Json = False,
) -> None:
    """Design contiguous, balanced territories and write the plan's files."""
    require_directory(out_dir)
    asked = Asked(
        input, territories, reps, tuple(balance or ()), tuple(column or ()), resolution, seed,
        checked_time_limit(time_limit), market, postcodes, unit_id, edges, incumbent,
        max_disruption, capacity, lock, barriers, together, apart, tuple(limit or ()), homes,
        effort, shape, parse_exact(exact, objective), segments,
    )  # fmt: skip
    # Imported here, so that `--help` and a mistyped option answer at once.
    from sales.design import design as make_plan

    watch = Stopwatch()
    source, request, geocoder = asked.read()
    model, staff = asked.read_segments(geocoder) if segments else (None, None)
    tell_if_compiling()
    with progress_bar() as progress, interrupts() as interrupted:
        watch.listener = progress
        if model is not None and staff is not None:
            from sales.segments.design import design_segments

            bundle = design_segments(
                source, model, request, staff, geocoder=geocoder, progress=watch,
                should_stop=interrupted.is_set,
            )  # fmt: skip
        else:
            bundle = make_plan(
                source,
                request,
                geocoder=geocoder,
                progress=watch,
                should_stop=interrupted.is_set,
            )
        write_plan(out_dir, bundle, watch)
    if json_output:
        say_json({"out": str(out_dir), **bundle.document["summary"], **_ending(bundle)})
    else:
        print_summary(out_dir, bundle)
    if bundle.document["violations"]:
        raise typer.Exit(3)


def write_plan(out_dir: Path, bundle: "PlanBundle", watch: Stopwatch) -> None:
    """Write all files of the plan, with its map and the durations."""
    from app.maps import render_map
    from sales.planfiles import plan_files, write_files

    watch("map", 0.0)
    files = plan_files(bundle) | {"map.html": render_map(bundle).encode("utf-8", "replace")}
    watch("map", 1.0)
    took = watch.stop()
    stages = {stage: round(seconds, 3) for stage, seconds in took.items()}
    run = {"seconds": round(sum(took.values()), 3), "stages": stages}
    write_files(out_dir, files | {"run.json": json.dumps(run).encode() + b"\n"})


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
    if "segments" in document:
        print_segments(document)
        _violated(document)
        out.print(f"Map: {out_dir / 'map.html'}", markup=False)
        return
    gap = document["certificate"]["compactness"]["gap"]
    if gap is not None:
        out.print(
            f"Compactness within {gap:.1%} of the bound for these centres;"
            f" {summary['bridges']} bridge{'' if summary['bridges'] == 1 else 's'}",
            markup=False,
        )
    if "exact" in document["certificate"]:
        out.print(document["certificate"]["exact"]["statement"], markup=False)
    if disruption := summary.get("disruption"):
        least = document["certificate"]["disruption"]["share"]
        out.print(
            f"{disruption['accounts']:,} of {disruption['of']['accounts']:,} change hands,"
            f" {disruption['share']:.1%} of {disruption['measure']}"
            f" (no plan within tolerance: less than {least:.1%})",
            markup=False,
        )
        for word, names in (("New", "new"), ("Ended", "ended")):
            if disruption["territories"][names]:
                listed = ", ".join(disruption["territories"][names][:20])
                out.print(f"{word}: {listed}", markup=False)
    _violated(document)
    _explain(document)
    out.print(f"Map: {out_dir / 'map.html'}", markup=False)


def _violated(document: Mapping[str, Any]) -> None:
    for violation in document["violations"][:10]:
        kind = "Out of tolerance" if violation["kind"] in _TOLERANCE else "Not kept"
        out.print(f"{kind}: {violation['message']}", markup=False)
    if len(document["violations"]) > 10:
        out.print(f"… and {len(document['violations']) - 10} more in plan.json", markup=False)


def _explain(document: Mapping[str, Any]) -> None:
    """Why measures conflict, where that is proven, and what each weighting of them reached."""
    from sales.tradeoff import sentence

    for conflict in document["certificate"].get("conflicts", ()):
        out.print(f"Proven: {sentence(conflict, document['tolerance'])}", markup=False)
    for tried in document.get("tradeoffs", ()):
        reached = ", ".join(f"{name} {value:.2%}" for name, value in tried["reached"].items())
        limits = ", ".join(f"{name} {value:.2%}" for name, value in tried["tolerance"].items())
        chosen = " (this plan)" if tried["chosen"] else ""
        out.print(f"Found for {limits}: {reached}{chosen}", markup=False)


def _ending(bundle: "PlanBundle") -> dict[str, Any]:
    return {
        "violations": bundle.document["violations"],
        "stop_reason": bundle.document["provenance"]["stop_reason"],
        **{k: v for k, v in bundle.document["certificate"].items() if k == "exact"},
        **({"segments": segments} if (segments := bundle.document.get("segments")) else {}),
    }


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
