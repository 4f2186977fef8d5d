"""A plan's directory: written whole or not at all, and read back."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from geo.errors import OptionError, PlanFilesError
from geo.formats.geojson import dumps
from sales.plan import (
    ASSIGNMENT_COLUMNS,
    BRIDGE_COLUMNS,
    EDGE_COLUMNS,
    INCUMBENT_COLUMNS,
    LIST_COLUMNS,
    MEMBER_COLUMNS,
    PLACE_COLUMNS,
    POSTCODE_COLUMNS,
    REVIEW_COLUMNS,
    PlanBundle,
)
from sales.plan_schema import FORMAT

_TABLES = {
    "assignments.csv": ASSIGNMENT_COLUMNS,
    "bridges.csv": BRIDGE_COLUMNS,
    "review.csv": REVIEW_COLUMNS,
    "edges.csv": EDGE_COLUMNS,
    "places.csv": PLACE_COLUMNS,
    "postcodes.csv": POSTCODE_COLUMNS,
}
_NUMBERS = {"lat", "lng", "km", "weight"}
_OPTIONAL = {
    "cells.csv",
    "units.csv",
    "edges.csv",
    "places.csv",
    "incumbent.csv",
    "postcodes.csv",
    "barriers.geojson",
    "model.toml",
    "members.csv",
}
_PARTS = "segments/"
_HEADER = 1 << 16  # bytes in which the header ends
_MEND = "Design the plan again, or restore the file."


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
    if bundle.incumbent is not None:
        files["incumbent.csv"] = _csv(bundle.incumbent)
    if bundle.postcodes is not None:
        files["postcodes.csv"] = _csv(bundle.postcodes)
    if bundle.barriers is not None:
        files["barriers.geojson"] = (
            json.dumps(bundle.barriers, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        )
    return files | _of_segments(bundle)


def _of_segments(bundle: PlanBundle) -> dict[str, bytes]:
    """What a plan with segments has beside the files of any plan."""
    files: dict[str, bytes] = {}
    if bundle.model is not None:
        files["model.toml"] = bundle.model.encode()
    if bundle.members is not None:
        files["members.csv"] = _csv(bundle.members)
    files |= {f"lists/{name}.csv": _csv(table) for name, table in bundle.lists.items()}
    for name, part in bundle.parts.items():
        files |= {f"{_PARTS}{name}/{file}": content for file, content in plan_files(part).items()}
    return files


def read_bundle(files: Mapping[str, bytes]) -> PlanBundle:
    """Parse what `plan_files` made; raises PlanFilesError naming the file and what is wrong."""
    document = _json(files, "plan.json")
    if document.get("format") != FORMAT:
        raise PlanFilesError(
            f"plan.json is not in the format {FORMAT}", hint="Design the plan again."
        )
    polygons = document.get("units") == "units"
    name = "units.csv" if polygons else "cells.csv"
    units = _frame(files, name, ())
    key = "unit_id" if polygons else "cell"
    for column in (key, "territory_id"):
        if column not in units.columns:
            raise PlanFilesError(f"{name} has no column {column!r}", hint=_MEND)
    return PlanBundle(
        document,
        _table(files, "assignments.csv"),
        _with_numbers(units, name, [c for c in units.columns if c not in (key, "territory_id")]),
        _table(files, "bridges.csv"),
        _review(files),
        _json(files, "territories.geojson"),
        None,
        _table(files, "edges.csv") if polygons else None,
        _table(files, "places.csv") if polygons else None,
        _incumbent(files, document),
        _json(files, "barriers.geojson") if "barriers" in (document.get("rules") or {}) else None,
        _table(files, "postcodes.csv") if "postcodes.csv" in files else None,
        **(_segments_in(files) if is_segmented(document) else {}),
    )


def is_segmented(document: Mapping[str, Any]) -> bool:
    """Whether the plan has segments, each with its own geography."""
    return "segments" in document


def _segments_in(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The fields that only a plan with segments has."""
    members = _frame(files, "members.csv", ())
    if tuple(members.columns[: len(MEMBER_COLUMNS)]) != MEMBER_COLUMNS:
        raise PlanFilesError(
            f"members.csv must begin with the columns {', '.join(MEMBER_COLUMNS)}", hint=_MEND
        )
    try:
        model = _bytes(files, "model.toml").decode()
    except UnicodeDecodeError as error:
        raise PlanFilesError("model.toml is not UTF-8", hint=_MEND) from error
    lists = {
        name.removeprefix("lists/").removesuffix(".csv"): _frame(files, name, LIST_COLUMNS)
        for name in sorted(files)
        if name.startswith("lists/")
    }
    inside: dict[str, dict[str, bytes]] = {}
    for name, content in files.items():
        if name.startswith(_PARTS):
            part, _, file = name.removeprefix(_PARTS).partition("/")
            inside.setdefault(part, {})[file] = content
    parts = {part: read_bundle(own) for part, own in inside.items()}
    return {"model": model, "lists": lists, "members": members, "parts": parts}


def _incumbent(files: Mapping[str, bytes], document: Mapping[str, Any]) -> pd.DataFrame | None:
    """incumbent.csv, where the plan states a disruption."""
    summary = document.get("summary")
    if not isinstance(summary, dict) or summary.get("disruption") is None:
        return None
    frame = _frame(files, "incumbent.csv", ())
    if tuple(frame.columns[1:]) != INCUMBENT_COLUMNS[1:]:
        raise PlanFilesError("incumbent.csv has not the columns of an incumbent", hint=_MEND)
    return _with_numbers(frame, "incumbent.csv", ["weight"])


def read_plan(directory: Path) -> PlanBundle:
    """Read a plan's directory; raises PlanFilesError."""
    if not directory.is_dir():
        raise PlanFilesError(
            f"{directory} is not a directory", hint="Name the directory given to --out."
        )
    return read_bundle(
        {
            path.relative_to(directory).as_posix(): path.read_bytes()
            for pattern in ("*", "lists/*.csv", f"{_PARTS}*/*")
            for path in sorted(directory.glob(pattern))
            if path.is_file()
        }
    )


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write each file beside its place first, then move all in, so that none is ever half there.

    Raises OptionError where the directory cannot be written; what was there then stays as it was.
    """
    beside = {name: (directory / name).with_name(f".{Path(name).name}.new") for name in files}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            beside[name].parent.mkdir(parents=True, exist_ok=True)
            beside[name].write_bytes(content)
        for stale in _stale(directory) - set(files):
            (directory / stale).unlink(missing_ok=True)
        for name in files:
            beside[name].replace(directory / name)
    except OSError as error:
        _remove(beside.values())
        raise _unwritable(directory, error) from error


def _stale(directory: Path) -> set[str]:
    """Files that a plan written here before may have had, and this one may not have."""
    inside = [*directory.glob("lists/*.csv"), *directory.glob(f"{_PARTS}*/*")]
    own = {path.relative_to(directory).as_posix() for path in inside if path.is_file()}
    return _OPTIONAL | {name for name in own if not Path(name).name.startswith(".")}


def write_atomically(path: Path, content: bytes) -> None:
    """Write one file beside its place and move it in; raises OptionError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        _remove([beside])
        raise _unwritable(path, error) from error


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> OptionError:
    return OptionError(
        f"{path} cannot be written: {error.strerror or error}",
        hint="See to its permissions and to the space on the disk, or name another place.",
    )


def _csv(frame: pd.DataFrame) -> bytes:
    text = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # pandas leaves a bare CR unquoted, and readers take it for the row's end
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return text.encode("utf-8", "surrogatepass")


def _bytes(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise PlanFilesError(f"{name} is missing", hint=_MEND)
    return files[name]


def _json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        document = json.loads(_bytes(files, name))
    except (ValueError, RecursionError) as error:
        raise PlanFilesError(f"{name} is not JSON: {error}", hint=_MEND) from error
    if not isinstance(document, dict):
        raise PlanFilesError(f"{name} is not a JSON object", hint=_MEND)
    return document


def _frame(files: Mapping[str, bytes], name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """A table of text; Arrow refuses what pandas would mend: short rows, open quotes, odd bytes."""
    content = _bytes(files, name)
    try:
        header = next(csv.reader(io.StringIO(content[:_HEADER].decode("utf-8", "replace"))), [])
        table = arrow_csv.read_csv(
            io.BytesIO(content),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
        frame: pd.DataFrame = table.to_pandas()
    except (ValueError, csv.Error, pa.ArrowException) as error:
        first = str(error).splitlines()[0]
        raise PlanFilesError(f"{name} is not a CSV table: {first}", hint=_MEND) from error
    if len(set(header)) != len(header):
        raise PlanFilesError(f"{name} has two columns of one name", hint=_MEND)
    if columns and tuple(frame.columns) != columns:
        raise PlanFilesError(f"{name} must have the columns {', '.join(columns)}", hint=_MEND)
    return frame


def _table(files: Mapping[str, bytes], name: str) -> pd.DataFrame:
    frame = _frame(files, name, _TABLES[name])
    return _with_numbers(frame, name, [column for column in frame.columns if column in _NUMBERS])


def _review(files: Mapping[str, bytes]) -> pd.DataFrame:
    try:
        return _table(files, "review.csv").astype({"row": "int64"})
    except (ValueError, OverflowError) as error:
        raise PlanFilesError("review.csv: 'row' holds what is no number", hint=_MEND) from error


def _with_numbers(frame: pd.DataFrame, name: str, columns: list[str]) -> pd.DataFrame:
    for column in columns:
        try:
            frame[column] = frame[column].replace("", "nan").astype("float64")
        except ValueError as error:
            raise PlanFilesError(
                f"{name}: {column!r} holds what is no number", hint=_MEND
            ) from error
    return frame
