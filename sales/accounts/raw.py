"""A table as it stands in the file: unique headers, columns of text, no meaning yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa

from geo.arrays import Bool, Int
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt
from sales.accounts.types import RowIssue

_BATCH = 10_000
TEXT = pa.large_string()


@dataclass(frozen=True, eq=False)
class RawTable:
    """`columns` in the order of `headers`, each a `pa.ChunkedArray` of text without nulls (n).

    `row` (n) as in RowIssue. `headerless`: there is no header in the file, and `headers` are the
    numbers of the columns from 1. `decimal_comma_likely`: fields are separated by semicolons.
    """

    headers: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    row: Int
    issues: tuple[RowIssue, ...] = ()
    headerless: bool = False
    decimal_comma_likely: bool = False

    def __len__(self) -> int:
        return len(self.row)

    def column(self, header: str) -> pa.ChunkedArray:
        """The column under `header`."""
        return self.columns[self.headers.index(header)]


def columns_of(
    rows: Iterable[tuple[int, Sequence[str]]], width: int
) -> tuple[tuple[pa.ChunkedArray, ...], Int]:
    """Columns and row numbers of an iterable of (row, `width` fields), in batches."""
    source = iter(rows)
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    numbers: list[Int] = []
    while batch := list(islice(source, _BATCH)):
        numbers.append(np.array([row for row, _ in batch], dtype=np.int64))
        for position, values in enumerate(zip(*(fields for _, fields in batch), strict=True)):
            chunks[position].append(text_array(values))
    columns = tuple(pa.chunked_array(parts, type=TEXT) for parts in chunks)
    return columns, np.concatenate(numbers) if numbers else np.empty(0, dtype=np.int64)


def text_array(values: Sequence[str]) -> pa.Array:
    """An array of text; half a surrogate pair, which no text may hold, becomes “?”."""
    try:
        return pa.array(values, type=TEXT)
    except UnicodeEncodeError:
        return pa.array([v.encode("utf-8", "replace").decode() for v in values], type=TEXT)


def mask_of(column: pa.ChunkedArray) -> Bool:
    """A column of booleans as an array, shape (n)."""
    return np.asarray(column.to_numpy(), dtype=bool)


def about_headers(doubled: Sequence[str]) -> list[RowIssue]:
    """A warning for each header that stands more than once."""
    return [
        doubt(
            WHOLE_FILE,
            header,
            IssueCode.DUPLICATED_HEADER,
            f"The header “{header}” stands more than once",
            f"The first is “{header}”, the next “{header} (2)”; choose one with --column.",
        )
        for header in dict.fromkeys(doubled)
    ]


def about_titles(first: int, last: int) -> RowIssue:
    """A warning that rows above the header were passed over."""
    rows = f"Row {first}" if first == last else f"Rows {first} to {last}"
    return doubt(
        WHOLE_FILE,
        "",
        IssueCode.TITLE_ROWS,
        f"{rows}, above the header, passed over",
        "Delete rows above the header; see that the right row was taken as header.",
    )
