"""Tables as an Excel workbook that a manager can use as it opens."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from geo.errors import OptionError
from geo.formats.files import replacing
from geo.formats.text import encodable, spreadsheet_safe, xml_safe

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
PERCENT, WHOLE, DECIMAL, DEGREES = "0.0%", "#,##0", "#,##0.00", "0.00000"

_MOMENT = (1980, 1, 1, 0, 0, 0)
_HEAD = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1F3B57")
_MEASURED_ROWS = 200  # rows looked at to find a column's width


@dataclass(frozen=True)
class Sheet:
    """One sheet: a table, the number format of some columns, and how many columns stay in view."""

    title: str
    frame: pd.DataFrame
    formats: Mapping[str, str] = field(default_factory=dict)
    frozen_columns: int = 0
    cell_formats: Mapping[tuple[int, str], str] = field(default_factory=dict)


def write_workbook(sheets: Sequence[Sheet], path: Path) -> None:
    """Write the sheets as .xlsx, the same bytes for the same tables.

    Text that a spreadsheet would run is neutralised, numbers stay numbers, a missing value is an
    empty cell. Raises OptionError where a table is longer than Excel allows, or `path` cannot be
    written.
    """
    book = Workbook(write_only=True)
    fixed = datetime(*_MOMENT)
    book.properties.creator = "Bailiwick"
    book.properties.created = book.properties.modified = fixed
    for sheet in sheets:
        _fill(book, sheet)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        ExcelWriter(book, archive).save()  # Workbook.save() would put today's date
    with replacing(path) as target:
        target.write_bytes(_with_fixed_times(raw))


def _fill(book: Workbook, sheet: Sheet) -> None:
    frame = sheet.frame
    if len(frame) >= MOST_ROWS:
        raise OptionError(
            f"{len(frame):,} rows do not fit on the sheet {sheet.title}",
            hint=f"Excel takes {MOST_ROWS:,} rows a sheet; export as csv or gpkg instead.",
        )
    page: Any = book.create_sheet(sheet.title)
    page.freeze_panes = f"{get_column_letter(sheet.frozen_columns + 1)}2"
    columns = [str(name) for name in frame.columns]
    for position, name in enumerate(columns, start=1):
        width = _width(name, frame.iloc[:_MEASURED_ROWS, position - 1], sheet.formats.get(name))
        page.column_dimensions[get_column_letter(position)].width = width
    if len(frame) and columns:
        page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"
    page.append([_header(page, name) for name in columns])
    values = [_values(frame.iloc[:, position]) for position in range(len(columns))]
    for number, row in enumerate(zip(*values, strict=True)):
        page.append(
            _styled(page, row, [
                sheet.cell_formats.get((number, name)) or sheet.formats.get(name)
                for name in columns
            ])
        )  # fmt: skip


def _header(page: Any, name: str) -> Any:
    cell = WriteOnlyCell(page, _text(name))
    cell.font, cell.fill = _HEAD, _HEAD_FILL
    cell.alignment = Alignment(vertical="center")
    return cell


def _styled(page: Any, row: Iterable[Any], formats: Iterable[str | None]) -> list[Any]:
    made: list[Any] = []
    for value, number_format in zip(row, formats, strict=True):
        if number_format is None or value is None or isinstance(value, str):
            made.append(value)
            continue
        cell = WriteOnlyCell(page, value)
        cell.number_format = number_format
        made.append(cell)
    return made


def _values(column: "pd.Series[Any]") -> list[object]:
    """Python values that Excel knows; a missing one, or one that is no number, is None."""
    return [_value(value) for value in column.astype(object).tolist()]


def _value(value: object) -> object:
    if value is None or value is pd.NA or (isinstance(value, float) and not _finite(value)):
        return None
    if isinstance(value, str):
        return _text(value)
    return value


def _finite(value: float) -> bool:
    return value - value == 0


def _text(text: str) -> str:
    return spreadsheet_safe(xml_safe(encodable(text)))[:MOST_CHARACTERS]


def _width(name: str, sample: "pd.Series[Any]", number_format: str | None) -> float:
    longest = max((len(_shown(value, number_format)) for value in sample), default=0)
    return float(min(max(longest, len(name) + 3) + 2, 60))


def _shown(value: object, number_format: str | None) -> str:
    if number_format and isinstance(value, int | float):
        return f"{value:,.2f}"
    return str(value).split("\n", 1)[0]


def _with_fixed_times(raw: io.BytesIO) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(entry))
    return made.getvalue()
