"""Units that the user brings: polygons, or points with a list of edges."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Bool
from geo.errors import GeometryError, InputError, MissingColumnError
from sales.accounts.blanks import without_blanks
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt, exclusion
from sales.accounts.content import Content, sha256_of
from sales.accounts.features import Features, Geometries
from sales.accounts.fields import is_known, match_fields
from sales.accounts.identity import ids_in
from sales.accounts.numbers import numbers_in
from sales.accounts.positions import checked_positions
from sales.accounts.raw import RawTable
from sales.accounts.sources import read_table
from sales.accounts.types import RowIssue
from sales.activity import activity_of
from sales.input_types import UnitInput
from sales.unit_edges import edge_indices, id_header, is_unit_name, read_edges


def units_of_polygons(
    features: Features, source: str, sha256: str, *, unit_id: str | None, edges: Path | None
) -> UnitInput:
    """Units from polygons; invalid ones are mended, ones without a shape left out with an error.

    Raises MissingColumnError (`unit_id` is no property), InputError (an id stands twice, or an
    edge names no unit), GeometryError (no polygon, or not in degrees).
    """
    raw = features.table
    pairs = read_edges(edges) if edges else None
    header = id_header(raw, unit_id, pairs)
    ids, issues = _ids(raw, header, source)
    geometry, kept, more = _mended(features.geometry, raw, header or "")
    issues = [*raw.issues, *issues, *more]
    if not kept.any():
        raise GeometryError(f"{source} has no polygon that can be used", hint="Export it again.")
    _require_degrees(geometry[kept], source)
    inside = shapely.point_on_surface(geometry[kept])
    names, activity, more = activity_of(raw, lambda name: name == header, ~kept)
    issues += more
    chosen = tuple(id_ for id_, keep in zip(ids, kept, strict=True) if keep)
    left_out = set(ids) - set(chosen)
    indices, more = edge_indices(pairs, chosen, left_out) if pairs else (None, [])
    return UnitInput(
        chosen,
        np.asarray(shapely.get_y(inside), dtype=np.float64),
        np.asarray(shapely.get_x(inside), dtype=np.float64),
        activity[kept],
        names,
        tuple(geometry[kept]),
        indices,
        _sorted([*issues, *more]),
        source,
        sha256,
    )


def units_of_table(
    path: Path, content: Content, edges: Path, *, columns: Mapping[str, str], unit_id: str | None
) -> UnitInput:
    """Units from a table with latitude, longitude and measures, and a table of `edges`.

    Raises MissingColumnError (no position or id column), InputError (an id stands twice, an edge
    names no unit), GeometryError (a unit without position).
    """
    raw = read_table(path, content, lambda h: is_known(h) or is_unit_name(h))
    pairs = read_edges(edges)
    header = id_header(raw, unit_id, pairs)
    if header is None:
        raise MissingColumnError(
            f"No column of {path.name} holds the ids that stand in {edges.name}",
            hint="Name it with --unit-id, and see that both files write ids alike.",
        )
    ids, issues = _ids(raw, header, path.name)
    found = match_fields(raw.headers, columns).found()
    if "latitude" not in found or "longitude" not in found:
        raise MissingColumnError(
            f"{path.name} has no latitude and longitude of the units",
            hint="Name the columns with --column latitude=… --column longitude=…",
        )
    lat, lng, doubts = checked_positions(
        numbers_in(without_blanks(raw.column(found["latitude"])), coordinate=True),
        numbers_in(without_blanks(raw.column(found["longitude"])), coordinate=True),
        lambda at: int(raw.row[at]),
        found["latitude"],
        found["longitude"],
    )
    if np.isnan(lat).any():
        at = int(np.flatnonzero(np.isnan(lat))[0])
        raise GeometryError(
            f"{path.name}, row {raw.row[at]}: the unit “{ids[at]}” has no position on Earth",
            hint="Give latitude and longitude of a point inside each unit.",
        )
    used = {header, found["latitude"], found["longitude"]}
    names, activity, more = activity_of(raw, used.__contains__, np.zeros(len(raw), dtype=bool))
    indices, about_edges = edge_indices(pairs, ids, set())
    return UnitInput(
        ids,
        lat,
        lng,
        activity,
        names,
        None,
        indices,
        _sorted([*raw.issues, *issues, *doubts, *more, *about_edges]),
        path.name,
        sha256_of(path),
    )


def _sorted(issues: Sequence[RowIssue]) -> tuple[RowIssue, ...]:
    return tuple(sorted(issues, key=lambda issue: issue.row))


def _ids(raw: RawTable, header: str | None, source: str) -> tuple[tuple[str, ...], list[RowIssue]]:
    if header is None:
        message = "No column holds an id for each unit; units are numbered from 1"
        hint = "Name the column with --unit-id."
        issue = doubt(WHOLE_FILE, "", IssueCode.NO_ID_COLUMN, message, hint)
        return tuple(str(number) for number in range(1, len(raw) + 1)), [issue]
    texts = ids_in(raw.column(header))
    first: dict[str, int] = {}
    for row, text in zip(raw.row, texts, strict=True):
        if not text:
            raise InputError(
                f"{source}, row {row}: the unit has no id in “{header}”",
                hint="Give every unit an id, or name another column with --unit-id.",
            )
        if text in first:
            raise InputError(
                f"{source}, row {row}: the unit id “{text}” stands in row {first[text]} already",
                hint="Dissolve the parts of a unit into one, or choose a unique --unit-id.",
            )
        first[text] = int(row)
    return tuple(texts), []


def _mended(
    geometry: Geometries, raw: RawTable, header: str
) -> tuple[Geometries, Bool, list[RowIssue]]:
    """Valid polygons (None where there is none), which units keep a shape, and the doubts."""
    mended = geometry.copy()
    issues: list[RowIssue] = []
    for at, shape in enumerate(geometry):
        row = int(raw.row[at])
        polygon = None if shape is None else _polygonal(shape)
        if polygon is None:
            hint = "Draw the unit's polygon; until then it cannot be part of a territory."
            message = "The unit has no polygon; it is left out"
            issues.append(exclusion(row, header, IssueCode.NULL_GEOMETRY, message, hint))
        elif not shape.is_valid:
            hint = "Repair the layer where it comes from."
            message = f"The polygon was mended: {shapely.is_valid_reason(shape)}"
            issues.append(doubt(row, header, IssueCode.INVALID_GEOMETRY, message, hint))
        mended[at] = polygon
    return mended, np.array([shape is not None for shape in mended], dtype=bool), issues


def _polygonal(shape: BaseGeometry) -> BaseGeometry | None:
    """The part of `shape` that has an area, valid; None where there is none."""
    if not bool(np.isfinite(shapely.get_coordinates(shape)).all()):
        return None
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(valid) if part.geom_type.endswith("Polygon")]
    if not parts or not sum(part.area for part in parts):
        return None
    return valid if valid.geom_type.endswith("Polygon") else shapely.union_all(parts)


def _require_degrees(geometry: Geometries, source: str) -> None:
    west, south, east, north = shapely.total_bounds(geometry)
    if west < -360 or east > 360 or south < -90.000001 or north > 90.000001:
        raise GeometryError(
            f"{source} is not in degrees: {west:g}, {south:g} to {east:g}, {north:g}",
            hint="Export it as longitude and latitude (EPSG:4326), or with its .prj file.",
        )
