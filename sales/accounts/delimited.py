"""CSV, TSV and other delimited text as a RawTable."""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from geo.errors import EmptyInputError, UnreadableInputError
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt, exclusion, shown
from sales.accounts.delimiter import Shape, shape_of
from sales.accounts.encoding import Encoding, encoding_of
from sales.accounts.headers import best_header, looks_like_data, unique_headers
from sales.accounts.ragged import Profile, profile_of, rejoined
from sales.accounts.raw import RawTable, about_headers, about_titles, columns_of
from sales.accounts.records import Records
from sales.accounts.types import RowIssue

_SAMPLE_LINES = 500
_SAMPLE_CHARACTERS = 1 << 18

Row = tuple[int, list[str]]


def read_delimited(
    path: Path, known: Callable[[str], bool], *, headerless: bool = False
) -> RawTable:
    """Read `path`; `known` tells the headers that mean something, `headerless` that there is none.

    Memory: the columns and one batch of rows. Raises EmptyInputError without any row,
    UnreadableInputError for binary data.
    """
    encoding = encoding_of(path)
    if encoding is None:
        raise UnreadableInputError(f"{path.name} holds binary data", hint="Export it as CSV.")
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as file:
        sample = _sample(file)
        if not sample:
            raise EmptyInputError(f"{path.name} has no row", hint="Export the accounts again.")
        shape = shape_of(sample, known)
        file.seek(0)
        return _table(file, shape, encoding, known, headerless)


def _sample(file: io.TextIOWrapper) -> list[str]:
    """The first lines, without blank ones."""
    lines: list[str] = []
    size = 0
    for line in islice(file, _SAMPLE_LINES):
        if size > _SAMPLE_CHARACTERS:
            break
        size += len(line)
        if line.strip("\r\n \ufeff\0"):
            lines.append(line[:_SAMPLE_CHARACTERS].replace("\0", ""))
    return lines


def _table(
    file: io.TextIOWrapper,
    shape: Shape,
    encoding: Encoding,
    known: Callable[[str], bool],
    headerless: bool,
) -> RawTable:
    records = Records(file, shape.delimiter, shape.width)
    source = iter(records)
    first = [row for row in islice(source, _SAMPLE_LINES) if not _is_blank(row[1], shape.width)]
    if first and first[0][1][0].lower() in ("sep=", f"sep={shape.delimiter}"):
        del first[0]
    header = best_header([fields for _, fields in first[:50]], known)
    if headerless or (not header.recognised and first and looks_like_data(first[0][1])):
        names: Sequence[str] = [str(number) for number in range(1, shape.width + 1)]
        issues: list[RowIssue] = []
        body, no_header = first, True
    else:
        names = first[header.index][1] if first else []
        issues = [about_titles(first[0][0], first[header.index - 1][0])] if header.index else []
        body, no_header = first[header.index + 1 :], False
    width = max(shape.width, len(names))
    headers, doubled = unique_headers(names, width)
    issues += about_headers(doubled)
    evener = _Evener(width, shape.delimiter, _whole_profile(body, width))
    columns, row = columns_of(evener.even(chain(body, source)), width)
    if encoding.doubt:
        issues.append(_about_encoding(encoding))
    if records.nul_lines:
        issues.append(_about_nul(records.nul_lines))
    return RawTable(
        headers,
        columns,
        row,
        (*issues, *records.issues, *evener.issues),
        headerless=no_header,
        decimal_comma_likely=shape.delimiter == ";",
    )


def _is_blank(fields: list[str], width: int) -> bool:
    """A line without a value is no row (a row of empty fields is one)."""
    return not fields or (width > 1 and len(fields) == 1 and not fields[0].strip("\ufeff \t"))


def _whole_profile(body: list[Row], width: int) -> Profile:
    return profile_of([fields for _, fields in body if len(fields) == width], width)


class _Evener:
    """Gives every row its `width` fields and leaves out blank lines; doubts are in `issues`."""

    def __init__(self, width: int, delimiter: str, profile: Profile) -> None:
        self.issues: list[RowIssue] = []
        self._width = width
        self._delimiter = delimiter
        self._profile = profile

    def even(self, rows: Iterator[Row]) -> Iterator[Row]:
        width = self._width
        for row in rows:
            if len(row[1]) == width:
                yield row
            elif not _is_blank(row[1], width):
                yield row[0], self._evened(*row)

    def _evened(self, row: int, fields: list[str]) -> list[str]:
        width = self._width
        if len(fields) < width:
            self._about_short(row, len(fields))
            return fields + [""] * (width - len(fields))
        if not any(field.strip() for field in fields[width:]):
            return fields[:width]
        joined = rejoined(fields, width, self._delimiter, self._profile)
        self._about_long(row, fields, mended=joined is not None)
        return fields[:width] if joined is None else joined

    def _about_short(self, row: int, count: int) -> None:
        self.issues.append(
            doubt(
                row,
                "",
                IssueCode.TOO_FEW_FIELDS,
                f"The row has {count} fields where the table has {self._width} columns",
                "The missing ones at the end were taken as empty; look whether the row is broken.",
            )
        )

    def _about_long(self, row: int, fields: list[str], *, mended: bool) -> None:
        count = f"The row has {len(fields)} fields where the table has {self._width} columns"
        if mended:
            message = f"{count}; a value with an unquoted {shown(self._delimiter)} was put together"
            hint = "Check the row, and quote values that contain the delimiter."
            self.issues.append(doubt(row, "", IssueCode.TOO_MANY_FIELDS, message, hint))
            return
        lost = self._delimiter.join(fields[self._width :])
        self.issues.append(
            exclusion(
                row,
                "",
                IssueCode.TOO_MANY_FIELDS,
                f"{count}, and it is not clear which belong together; left over: {shown(lost)}",
                "Quote the value that contains the delimiter.",
            )
        )


def _about_encoding(encoding: Encoding) -> RowIssue:
    return doubt(
        WHOLE_FILE,
        "",
        IssueCode.ENCODING_GUESSED,
        f"The encoding is not certain: {encoding.doubt}",
        "Look whether names with accents are right, or export the file as UTF-8.",
    )


def _about_nul(lines: int) -> RowIssue:
    return doubt(
        WHOLE_FILE,
        "",
        IssueCode.NUL_REMOVED,
        f"Zero bytes were removed from {lines} line{'s' if lines > 1 else ''}",
        "The file may be damaged; export it again.",
    )
