"""What the command line shows: results on stdout, progress and errors on stderr."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from geo.errors import BailiwickError
from geo.progress import Progress as Listener

_STAGES = {
    "geocode": "Locating accounts",
    "market": "Filling the market",
    "shape": "Shaping territories",
    "border": "Smoothing borders",
    "balance": "Balancing",
    "weigh": "Weighing measures",
    "front": "Plan by plan",
    "scenario": "Scenario by scenario",
    "report": "Writing up",
    "map": "Drawing the map",
}
_PLAIN_EVERY_S = 2.0

out = Console(highlight=False, soft_wrap=True)  # the terminal wraps; whoever reads a pipe need not
err = Console(stderr=True, highlight=False)


def say(words: str) -> None:
    """Print a line to stdout; a terminal gets it broken between words."""
    out.print(words, markup=False, soft_wrap=not out.is_terminal)


def say_json(value: Any) -> None:
    """Print one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def say_text(text: str) -> None:
    """Print prose: wrapped between words on a terminal, one line elsewhere."""
    out.print(text, markup=False, soft_wrap=not out.is_terminal)


def fail(error: BailiwickError) -> None:
    """Print an error: what is wrong, and how to mend it."""
    _say("Error:", f"{error.message} [{error.code}]", "bold red")
    if error.hint:
        _say("Hint:", error.hint, "bold")


def _say(label: str, words: str, style: str) -> None:
    if not err.is_terminal:  # one line, for logs
        err.print(f"{label:<6} {words}", markup=False, soft_wrap=True)
        return
    beside = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1))
    beside.add_row(Text(f"{label:<6}", style), Text(words))
    err.print(beside)


@contextmanager
def progress_bar() -> Iterator[Listener]:
    """A bar on a terminal, a plain line every few seconds elsewhere."""
    if not err.is_terminal:
        yield _plain_lines()
        return
    columns = (
        TextColumn("{task.description:<20}"), BarColumn(12),
        TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[message]}"),
    )  # fmt: skip
    with Progress(*columns, console=err) as bar:
        tasks: dict[str, TaskID] = {}

        def listen(stage: str, fraction: float, message: str = "") -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bar.update(task, completed=1.0)
                label = _STAGES.get(stage, stage.capitalize())
                tasks[stage] = bar.add_task(label, total=1.0, message="")
            bar.update(tasks[stage], completed=fraction, message=message)

        yield listen
        for task in tasks.values():
            bar.update(task, completed=1.0)


def _plain_lines() -> Listener:
    said_stage, said_at = "", 0.0

    def listen(stage: str, fraction: float, message: str = "") -> None:
        nonlocal said_stage, said_at
        now = time.monotonic()
        if stage == said_stage and now - said_at < _PLAIN_EVERY_S:
            return
        said_stage, said_at = stage, now
        label = _STAGES.get(stage, stage.capitalize())
        err.print(f"{label} {fraction:.0%} {message}".rstrip(), markup=False)

    return listen
