"""The first sheet with content of an Excel workbook as a RawTable."""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from geo.errors import EmptyInputError, UnreadableInputError
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt
from sales.accounts.headers import best_header, looks_like_data, unique_headers
from sales.accounts.raw import RawTable, about_headers, about_titles, columns_of
from sales.accounts.types import RowIssue

_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_LARGEST_MERGE: Final = 100_000  # cells; beyond it a merge is decoration

Row = tuple[int, list[str]]


def read_workbook(
    path: Path, known: Callable[[str], bool], *, headerless: bool = False
) -> RawTable:
    """Read the first sheet of `path` that holds a value, and say which where there are several.

    Merged cells give their value to each of their cells. A formula counts with the value that was
    saved with it. Raises EmptyInputError, UnreadableInputError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it drops
            with path.open("rb") as file:  # a path would be judged by its extension
                rows, issues = _first_sheet(file)
    # a damaged workbook fails anywhere inside openpyxl, with any exception
    except Exception as error:
        raise UnreadableInputError(
            f"{path.name} is a damaged workbook ({type(error).__name__})",
            hint="Open it in a spreadsheet and save it again as .xlsx or .csv.",
        ) from error
    filled = [at for at, (_, fields) in enumerate(rows) if any(fields)]
    if not filled:
        raise EmptyInputError(f"{path.name} has no value in any sheet", hint="Export it again.")
    rows = rows[filled[0] : filled[-1] + 1]
    width = max(len(fields) for _, fields in rows)
    rows = [(row, fields + [""] * (width - len(fields))) for row, fields in rows]
    header = best_header([fields for _, fields in rows[:50]], known)
    if headerless or (not header.recognised and looks_like_data(rows[0][1])):
        names: Sequence[str] = [str(number) for number in range(1, width + 1)]
        return _table(rows, names, issues, headerless=True)
    if header.index:
        issues.append(about_titles(rows[0][0], rows[header.index - 1][0]))
    return _table(rows[header.index + 1 :], rows[header.index][1], issues, headerless=False)


def _table(
    rows: list[Row], names: Sequence[str], issues: list[RowIssue], *, headerless: bool
) -> RawTable:
    headers, doubled = unique_headers(names, len(names))
    columns, row = columns_of(rows, len(names))
    return RawTable(headers, columns, row, (*issues, *about_headers(doubled)), headerless)


def _first_sheet(file: IO[bytes]) -> tuple[list[Row], list[RowIssue]]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = [(at, [_text(v) for v in row]) for at, row in enumerate(_values(sheet), 1)]
            if any(any(fields) for _, fields in rows):
                break
        else:
            return [], []
        issues = _about_sheet(sheet.title, book.sheetnames)
        with zipfile.ZipFile(file) as archive:
            xml = archive.read(str(getattr(sheet, "_worksheet_path")))  # noqa: B009
        issues += _fill_merged(rows, xml)
        if b"<f" in xml:
            issues += _without_value(file, sheet.title, rows)
    finally:
        book.close()
    return rows, issues


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    yield from sheet.iter_rows(values_only=True)


def _text(value: object) -> str:
    """A cell as text; whole numbers without “.0”, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return str(value).strip()


def _about_sheet(title: str, names: Sequence[str]) -> list[RowIssue]:
    if len(names) == 1:
        return []
    others = ", ".join(f"“{name}”" for name in names if name != title)
    return [
        doubt(
            WHOLE_FILE,
            "",
            IssueCode.SHEET_CHOSEN,
            f"The sheet “{title}” was read; not read: {others}",
            "Save the wanted sheet as a file of its own if it is another.",
        )
    ]


def _fill_merged(rows: list[Row], xml: bytes) -> list[RowIssue]:
    """Give the value of merged cells to each of them, below the first row that they touch."""
    issues: list[RowIssue] = []
    for found in _MERGED.finditer(xml):
        place = found.group(1).decode()
        left, top, right, bottom = (at or 0 for at in range_boundaries(place))
        bottom = min(bottom, len(rows))
        if top >= bottom:
            continue  # a merge along one row is a title
        if (bottom - top + 1) * (right - left + 1) > _LARGEST_MERGE:
            continue
        source = rows[top - 1][1] if top <= len(rows) else []
        value = source[left - 1] if left <= len(source) else ""
        for at in range(top - 1, bottom):
            fields = rows[at][1]
            fields += [""] * (right - len(fields))
            fields[left - 1 : right] = [value] * (right - left + 1)
        if value:
            issues.append(
                doubt(
                    top,
                    "",
                    IssueCode.MERGED_CELLS,
                    f"Merged cells {place}: each row got the value “{value}”",
                    "Unmerge the cells and fill each of them.",
                )
            )
    return issues


def _without_value(file: IO[bytes], title: str, rows: list[Row]) -> list[RowIssue]:
    """A warning for each formula that was saved without its result."""
    issues: list[RowIssue] = []
    book = openpyxl.load_workbook(file, read_only=True)
    try:
        sheet = book[title]
        sheet.reset_dimensions()
        for (row, fields), formulas in zip(rows, _values(sheet), strict=False):
            for at, formula in enumerate(formulas):
                empty = at >= len(fields) or not fields[at]
                if empty and isinstance(formula, str) and formula.startswith("="):
                    issues.append(
                        doubt(
                            row,
                            get_column_letter(at + 1),
                            IssueCode.FORMULA_WITHOUT_VALUE,
                            f"The formula {formula[:60]} was saved without its result",
                            "Open the file in a spreadsheet, let it calculate, and save it.",
                        )
                    )
    finally:
        book.close()
    return issues
