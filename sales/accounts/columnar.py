"""Parquet as a RawTable."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.errors import EmptyInputError, UnreadableInputError
from sales.accounts.documents import FIRST_ROW
from sales.accounts.headers import unique_headers
from sales.accounts.raw import TEXT, RawTable, about_headers, text_array


def is_geoparquet(path: Path) -> bool:
    """Whether the file's metadata name a geometry column. Raises UnreadableInputError."""
    return b"geo" in (_schema(path).metadata or {})


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableInputError(
            f"{path.name} is a damaged Parquet file", hint="Write it again."
        ) from error


def read_parquet(path: Path) -> RawTable:
    """All columns as text, numbers with every digit.

    Raises EmptyInputError, UnreadableInputError.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableInputError(
            f"{path.name} is a damaged Parquet file", hint="Write it again."
        ) from error
    if not table.num_rows or not table.num_columns:
        raise EmptyInputError(f"{path.name} has no row", hint="Export the accounts again.")
    headers, doubled = unique_headers(table.column_names, table.num_columns)
    rows = np.arange(FIRST_ROW, FIRST_ROW + table.num_rows, dtype=np.int64)
    columns = tuple(_as_text(column) for column in table.columns)
    return RawTable(headers, columns, rows, tuple(about_headers(doubled)))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return pc.fill_null(pc.cast(column, TEXT), "")
    except (pa.ArrowException, ValueError):
        values = ["" if v is None else _plain(v) for v in column.to_pylist()]
        return pa.chunked_array([text_array(values)], type=TEXT)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)
