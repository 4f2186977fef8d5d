"""A plan's directory: written whole or not at all, and read back."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import PlanFilesError
from geo.formats.geojson import dumps
from sales.document import FORMAT
from sales.plan import (
    ASSIGNMENT_COLUMNS,
    BRIDGE_COLUMNS,
    EDGE_COLUMNS,
    PLACE_COLUMNS,
    REVIEW_COLUMNS,
    PlanBundle,
)

_TABLES = {
    "assignments.csv": ASSIGNMENT_COLUMNS,
    "bridges.csv": BRIDGE_COLUMNS,
    "review.csv": REVIEW_COLUMNS,
    "edges.csv": EDGE_COLUMNS,
    "places.csv": PLACE_COLUMNS,
}
_NUMBERS = {"lat", "lng", "km"}


def plan_files(bundle: PlanBundle) -> dict[str, bytes]:
    """File name → bytes: all files of the contract but map.html and run.json. No clock in them."""
    units = "units.csv" if bundle.document["units"] == "units" else "cells.csv"
    files = {
        "plan.json": json.dumps(
            bundle.document, indent=1, ensure_ascii=False, allow_nan=False
        ).encode()
        + b"\n",
        "assignments.csv": _csv(bundle.assignments),
        units: _csv(bundle.units),
        "bridges.csv": _csv(bundle.bridges),
        "review.csv": _csv(bundle.review),
        "territories.geojson": dumps(bundle.outlines),
    }
    if bundle.edges is not None:
        files["edges.csv"] = _csv(bundle.edges)
    if bundle.places is not None:
        files["places.csv"] = _csv(bundle.places)
    return files


def read_bundle(files: Mapping[str, bytes]) -> PlanBundle:
    """Parse what `plan_files` made; raises PlanFilesError naming the file and what is wrong."""
    document = _json(files, "plan.json")
    if document.get("format") != FORMAT:
        raise PlanFilesError(
            f"plan.json is not in the format {FORMAT}", hint="Design the plan again."
        )
    polygons = document.get("units") == "units"
    units = _frame(files, "units.csv" if polygons else "cells.csv", ())
    key = "unit_id" if polygons else "cell"
    for column in (key, "territory_id"):
        if column not in units.columns:
            raise PlanFilesError(f"the table of units has no column {column!r}")
    return PlanBundle(
        document,
        _table(files, "assignments.csv"),
        _with_numbers(units, [c for c in units.columns if c not in (key, "territory_id")]),
        _table(files, "bridges.csv"),
        _table(files, "review.csv").astype({"row": "int64"}),
        _json(files, "territories.geojson"),
        None,
        _table(files, "edges.csv") if polygons else None,
        _table(files, "places.csv") if polygons else None,
    )


def read_plan(directory: Path) -> PlanBundle:
    """Read a plan's directory; raises PlanFilesError."""
    if not directory.is_dir():
        raise PlanFilesError(
            f"{directory} is not a directory", hint="Name the directory given to --out."
        )
    return read_bundle(
        {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if path.is_file()}
    )


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write each file beside its place first, then move all in, so that none is ever half there."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / f".{name}.new").write_bytes(content)
    for stale in {"cells.csv", "units.csv", "edges.csv", "places.csv"} - set(files):
        (directory / stale).unlink(missing_ok=True)
    for name in files:
        (directory / f".{name}.new").replace(directory / name)


def write_atomically(path: Path, content: bytes) -> None:
    """Write one file beside its place and move it in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8", "surrogatepass")


def _bytes(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise PlanFilesError(
            f"{name} is missing", hint="Design the plan again, or restore the file."
        )
    return files[name]


def _json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        document = json.loads(_bytes(files, name))
    except ValueError as error:
        raise PlanFilesError(f"{name} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise PlanFilesError(f"{name} is not a JSON object")
    return document


def _frame(files: Mapping[str, bytes], name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(io.BytesIO(_bytes(files, name)), dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise PlanFilesError(f"{name} is not a CSV table: {error}") from error
    if columns and tuple(frame.columns) != columns:
        raise PlanFilesError(f"{name} must have the columns {', '.join(columns)}")
    return frame


def _table(files: Mapping[str, bytes], name: str) -> pd.DataFrame:
    frame = _frame(files, name, _TABLES[name])
    return _with_numbers(frame, [column for column in frame.columns if column in _NUMBERS])


def _with_numbers(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    for column in columns:
        try:
            frame[column] = frame[column].replace("", "nan").astype("float64")
        except ValueError as error:
            raise PlanFilesError(f"column {column!r} holds something that is no number") from error
    return frame
