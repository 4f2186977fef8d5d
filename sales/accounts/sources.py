"""Any file as a RawTable."""

from collections.abc import Callable
from pathlib import Path

from geo.errors import EmptyInputError, InputError
from sales.accounts.columnar import is_geoparquet, read_parquet
from sales.accounts.content import Content
from sales.accounts.delimited import read_delimited
from sales.accounts.documents import read_json, read_json_lines
from sales.accounts.features import Features, points_as_table, read_features
from sales.accounts.raw import RawTable


def holds_features(path: Path, content: Content) -> bool:
    """Whether the file is one of geometries. Raises UnreadableInputError."""
    if content is Content.PARQUET:
        return is_geoparquet(path)
    return content in (Content.GEOJSON, Content.GEOPACKAGE, Content.SHAPEFILE)


def read_table(
    path: Path, content: Content, known: Callable[[str], bool], *, headerless: bool = False
) -> RawTable:
    """Read a file of rows; `known` tells the headers that mean something to the caller.

    Raises EmptyInputError (no row), UnreadableInputError (damaged, or polygons).
    """
    if holds_features(path, content):
        raw = features_as_table(path, read_features(path, content))
    elif content is Content.DELIMITED:
        raw = read_delimited(path, known, headerless=headerless)
    elif content is Content.WORKBOOK:
        from sales.accounts.workbook import read_workbook  # openpyxl takes a while

        raw = read_workbook(path, known, headerless=headerless)
    elif content is Content.PARQUET:
        raw = read_parquet(path)
    elif content is Content.JSON_LINES:
        raw = read_json_lines(path)
    else:
        raw = read_json(path)
    if not len(raw):
        raise EmptyInputError(
            f"{path.name} has a header and no row below it", hint="Export the accounts again."
        )
    return raw


def features_as_table(path: Path, features: Features) -> RawTable:
    """Points as rows. Raises InputError where there are polygons."""
    if features.has_polygons:
        raise InputError(
            f"{path.name} holds polygons, which are units and not accounts",
            hint="Give points, or pass the file as units to design.",
        )
    return points_as_table(features)
