"""`bailiwick ensemble`: where today's map stands among many valid ones."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.console import out, progress_bar, say_json
from app.cli.diff import print_table
from app.cli.options import Column, Json, Seed, parse_columns, require_directory
from geo.errors import OptionError

_MOST = 12  # reps shown


def ensemble(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    out_path: Annotated[Path, typer.Option("--out", help="Directory for the figures and plots.")],
    maps: Annotated[int, typer.Option(help="How many maps to draw.")] = 1000,
    seed: Seed = 0,
    incumbent: Annotated[
        Path | None,
        typer.Option(help="The map to judge, if not the plan: a plan, or a table with reps."),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(metavar="FRACTION", help="Of the maps drawn; as the plan's if left out."),
    ] = None,
    thin: Annotated[
        int | None, typer.Option(help="Steps between two maps; as many as territories.")
    ] = None,
    tree: Annotated[
        str, typer.Option(metavar="uniform|minimal", help="Which spanning trees are drawn.")
    ] = "uniform",
    column: Column = None,
    json_output: Json = False,
) -> None:
    """Draw many valid maps of the plan's market, and say where today's stands among them."""
    from sales.ensemble.judge import judge
    from sales.ensemble.written import ensemble_files
    from sales.plan_schema import check_form
    from sales.planfiles import read_plan, write_atomically
    from sales.rules.alignment import read_alignment

    require_directory(out_path)
    bundle = read_plan(directory)
    check_form(bundle)
    today = None
    if incumbent is not None:
        by_rep = any(rep["rep_id"] for rep in bundle.document["reps"])
        today = read_alignment(
            incumbent, columns=parse_columns(column or []), by_rep=by_rep,
            of_units=not len(bundle.assignments),
        )  # fmt: skip
    stop: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _frame: stop.append(number))
    try:
        with progress_bar() as progress:
            document = judge(
                bundle, maps=maps, seed=seed, thin=thin, tolerance=tolerance, tree=_tree(tree),
                incumbent=today, progress=progress, should_stop=lambda: bool(stop),
            )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, former)
    for name, content in ensemble_files(document).items():
        write_atomically(out_path / name, content)
    if json_output:
        say_json(document)
        return
    _say(document)
    out.print(f"Figures and plots: {out_path}", markup=False)


def _tree(text: str) -> Literal["uniform", "minimal"]:
    if text == "uniform":
        return "uniform"
    if text == "minimal":
        return "minimal"
    raise OptionError(
        f"--tree {text!r} is neither uniform nor minimal",
        hint="uniform draws every spanning tree equally often; minimal is what others do.",
    )


def _say(document: Mapping[str, Any]) -> None:
    method = document["method"]
    out.print(
        f"{document['maps']:,} maps of {document['territories']} territories;"
        f" {method['acceptance']:.0%} of {method['steps']:,} steps changed the map",
        markup=False,
    )
    rows = []
    for entry in document["figures"]:
        told = entry["diagnostics"]
        rows.append(
            (
                entry["figure"], _number(entry, entry["today"]),
                f"{_number(entry, entry['maps']['p05'])} – {_number(entry, entry['maps']['p95'])}",
                f"{entry['percentile']:.0%}",
                "–" if told["effective_size"] is None else f"{told['effective_size']:,.0f}",
                "–" if told["r_hat"] is None else f"{told['r_hat']:.3f}",
            )
        )  # fmt: skip
    header = ("figure", "today", "nine maps of ten", "percentile", "worth maps", "R-hat")
    print_table(header, rows, right=5)
    _say_reps(document)
    for entry in document["figures"]:
        _point(f"{entry['meaning']}: {entry['words']}")
    for words in document["caveats"]:
        _point(words)


def _point(words: str) -> None:
    """One of a list; on a terminal it is wrapped between words."""
    out.print(f"- {words}", markup=False, soft_wrap=not out.is_terminal)


def _say_reps(document: Mapping[str, Any]) -> None:
    """The reps farthest from the middle, by the balanced measure."""
    measure = document["measures"][0]
    rows = []
    for rep in document["reps"]:
        own = rep["measures"][measure]
        places = [f"{own[w]['percentile']:.0%}" if w in own else "–" for w in ("home", "accounts")]
        far = max((abs(own[w]["percentile"] - 0.5) for w in ("home", "accounts") if w in own),
                  default=0.0)  # fmt: skip
        name = rep["rep_name"] or rep["territory"]
        rows.append((far, abs(own["share"] - 1), (name, f"{own['share']:.0%}", *places)))
    rows.sort(key=lambda row: (-row[0], -row[1], row[2]))
    shown = [row for _, _, row in rows[:_MOST]]
    print_table(("rep", f"{measure} of target", "by home", "by accounts"), shown, right=3)
    if len(rows) > _MOST:
        out.print(f"… and {len(rows) - _MOST} more reps; --json lists all", markup=False)


def _number(entry: Mapping[str, Any], value: float) -> str:
    return f"{value:.1%}" if "deviation" in entry["figure"] else f"{value:,.0f}"
