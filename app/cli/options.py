"""The options that commands share, and how their text is read."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from geo.errors import OptionError

HomesRule = Literal["soft", "hard", "off"]
Input = Annotated[Path, typer.Argument(help="Accounts, a cell table, or polygon units.")]
Territories = Annotated[
    str | None, typer.Option(metavar="N|auto", help="How many territories, equal targets.")
]
Reps = Annotated[Path | None, typer.Option(help="Roster: one territory per rep, by capacity.")]
Balance = Annotated[
    list[str] | None,
    typer.Option(metavar="MEASURE[:TOLERANCE]", help="Measure to balance; may be repeated."),
]
Column = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=HEADER", help="Which header holds a field; may be repeated."),
]
Resolution = Annotated[
    str,
    typer.Option(metavar="auto|0..15", help="H3 resolution of all cells; auto parts heavy ones."),
]
Seed = Annotated[int, typer.Option(help="Same seed, same plan.", min=0)]
TimeLimit = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Keep the best plan after this long.")
]
Postcodes = Annotated[
    Path | None, typer.Option(help="GeoNames postal codes (allCountries.zip or .txt).")
]
Market = Annotated[Path | None, typer.Option(help="GeoJSON polygons: the market's boundary.")]
UnitId = Annotated[str | None, typer.Option(help="Column that names the units.")]
Edges = Annotated[Path | None, typer.Option(help="Table of two columns of neighbouring unit ids.")]
Exact = Annotated[bool, typer.Option("--exact", help="Prove the optimum of a small instance.")]
Objective = Annotated[
    str | None,
    typer.Option(metavar="inertia|cut_edges", help="What --exact makes least; default inertia."),
]
Effort = Annotated[str, typer.Option(metavar="quick|default", help="How long to search.")]
Shape = Annotated[
    float, typer.Option(help="Above 1 rounder and with shorter borders, below 1 more even.")
]
Incumbent = Annotated[
    Path | None, typer.Option(help="The plan in force: a plan's directory, or a table with reps.")
]
MaxDisruption = Annotated[
    float | None, typer.Option(metavar="FRACTION", help="Of the potential that may change hands.")
]
Capacity = Annotated[
    float | None, typer.Option(help="With --territories auto: the most that one can hold.")
]
Segments = Annotated[
    Path | None,
    typer.Option(help="Territory model (TOML): segments, each with a geography and reps."),
]
Lock = Annotated[
    Path | None, typer.Option(help="Table of accounts, units or territories that stay.")
]
Barriers = Annotated[Path | None, typer.Option(help="GeoJSON lines that no territory crosses.")]
Together = Annotated[Path | None, typer.Option(help="Table of groups that share a territory.")]
Apart = Annotated[Path | None, typer.Option(help="Table of pairs that must not share one.")]
Limit = Annotated[
    list[str] | None,
    typer.Option(metavar="MEASURE:MIN:MAX", help="Per territory; may be repeated."),
]
Homes = Annotated[
    str, typer.Option(metavar="soft|hard|off", help="How much a rep's home binds the territory.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def parse_columns(pairs: list[str]) -> dict[str, str]:
    """Read `FIELD=HEADER` options, `FIELD=` hides a column; raises OptionError."""
    columns = {}
    for pair in pairs:
        field, equals, header = pair.partition("=")
        if not equals or not field.strip():
            raise OptionError(
                f"--column {pair!r} is not FIELD=HEADER",
                hint="Write for example --column potential='Annual Revenue'.",
            )
        columns[field.strip()] = header.strip()
    return columns


def parse_resolution(text: str) -> int | None:
    """Read `auto` (None) or 0..15; raises OptionError."""
    if text == "auto":
        return None
    if text.isdigit() and int(text) <= 15:
        return int(text)
    raise OptionError(
        f"--resolution {text!r} is neither auto nor 0 to 15",
        hint="5 has cells of about 250 km², 6 of 36 km², 7 of 5 km².",
    )


def require_directory(path: Path) -> None:
    """Raise OptionError unless a directory is or can be made at `path`."""
    there = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not there.is_dir():
        raise OptionError(f"--out: {there} is a file", hint="Name a directory, new or existing.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OptionError(f"--out: {there} may not be written to", hint="Name another directory.")


def checked_time_limit(seconds: float | None) -> float | None:
    """Raise OptionError unless the limit is above zero, or none at all."""
    if seconds is None or seconds > 0:
        return seconds
    raise OptionError(
        f"--time-limit {seconds:g} is not above zero",
        hint="Give seconds, or leave it out: then the search ends when it is done.",
    )


def parse_exact(exact: bool, objective: str | None) -> Literal["inertia", "cut_edges"] | None:
    """What is to be made least, None without --exact; raises OptionError."""
    if objective is not None and not exact:
        raise OptionError("--objective is for --exact only", hint="Add --exact, or leave it out.")
    if not exact:
        return None
    if objective is None or objective == "inertia":
        return "inertia"
    if objective == "cut_edges":
        return "cut_edges"
    raise OptionError(
        f"--objective {objective!r} is neither inertia nor cut_edges",
        hint="inertia: compact by potential; cut_edges: few borders between territories.",
    )


def parse_effort(text: str) -> Literal["quick", "default"]:
    """Read how long to search; raises OptionError."""
    known: dict[str, Literal["quick", "default"]] = {"quick": "quick", "default": "default"}
    if text in known:
        return known[text]
    raise OptionError(
        f"--effort {text!r} is neither quick nor default",
        hint="quick gives a plan in a fraction of the time, less even and less round.",
    )


def checked_shape(shape: float) -> float:
    """A number above zero, else OptionError."""
    if 0.0 < shape <= 1000.0:
        return shape
    raise OptionError(
        f"--shape {shape:g} is not above zero",
        hint="1 is the usual; 4 makes rounder territories, 0.25 more even ones.",
    )


def parse_homes(text: str) -> HomesRule:
    """Read how much homes bind; raises OptionError."""
    known: dict[str, HomesRule] = {"soft": "soft", "hard": "hard", "off": "off"}
    if text in known:
        return known[text]
    raise OptionError(
        f"--homes {text!r} is neither soft, hard nor off",
        hint="soft draws territories to the homes, hard locks the homes' units, off ignores them.",
    )


def read_geojson(path: Path, option: str, what: str) -> dict[str, Any]:
    """Read the JSON object of `what` that `option` names; raises OptionError."""
    hint = f"Give a GeoJSON file of {what}."
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OptionError(
            f"{option} {path} cannot be read as GeoJSON: {error}", hint=hint
        ) from error
    if not isinstance(document, dict):
        raise OptionError(f"{option} {path} is not a GeoJSON object", hint=hint)
    return document


def parse_day(text: str | None, option: str) -> date | None:
    """A day such as 2026-03-31; raises OptionError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OptionError(
            f"{option} {text!r} is not a day", hint="Write it as 2026-03-31."
        ) from error
