"""A table of H3 cells, as a warehouse exports it."""

from typing import Final

import h3.api.basic_int as h3
import numpy as np
import pandas as pd

from geo.arrays import Float, Int
from geo.cells.table import CellTable
from geo.errors import GeometryError
from sales.accounts.codes import IssueCode, doubt, exclusion, shown
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.raw import RawTable
from sales.accounts.types import RowIssue
from sales.activity import activity_of
from sales.input_types import CellInput

CELL_HEADERS: Final = ("cell", "h3", "h3cell", "h3index", "h3id", "cellid", "hexid", "hex")
_ACCOUNTS: Final = ("accounts", "accountcount", "numberofaccounts", "naccounts", "accountsn")
_HEX: Final = 16


def cell_header(raw: RawTable) -> str | None:
    """The header of the cell ids, where there is such a column and H3 cells stand in it.

    A column “cell” that holds no H3 id at all (telephone numbers, say) is none.
    """
    for name in CELL_HEADERS:
        for header in raw.headers:
            if plain(header) == name:
                filled = [text for text in ids_in(raw.column(header))[:2000] if text]
                if any(parsed_cell(text) for text in filled):
                    return header
    return None


def parsed_cell(text: str) -> int:
    """The H3 cell that `text` names, as hex string or as decimal integer; 0 where it is none."""
    bare = text.lower().removeprefix("0x")
    if len(bare) > 20:
        return 0
    for base in (10, _HEX) if bare.isdecimal() and len(bare) > _HEX else (_HEX, 10):
        try:
            value = int(bare, base)
        except ValueError:
            continue
        if 0 < value < 1 << 63 and h3.is_valid_cell(value):
            return value
    return 0


def cells_of(raw: RawTable, header: str, source: str, sha256: str) -> CellInput:
    """The cells in `raw`; rows that name the same cell are added up.

    All numeric columns are measures under their own header (a recognised name of the potential
    becomes `potential`). A column `accounts` counts the accounts of a cell; without one, each
    cell with any activity counts as one. Raises GeometryError without a valid cell, or where a
    cell lies within another.
    """
    texts = ids_in(raw.column(header))
    parsed = {text: parsed_cell(text) for text in dict.fromkeys(texts)}
    ids = np.array([parsed[text] for text in texts], dtype=np.int64)
    good = ids > 0
    issues = list(raw.issues)
    issues += [_bad(int(raw.row[at]), header, texts[at]) for at in np.flatnonzero(~good)]
    if not good.any():
        raise GeometryError(f"{source} has no valid H3 cell", hint="Give hex strings or integers.")
    names, values, more = activity_of(raw, lambda name: name == header, ~good)
    issues += more
    frame = pd.DataFrame(values[good])
    frame["cell"] = ids[good]
    repeated = frame["cell"].duplicated().to_numpy()
    issues += [_twice(int(raw.row[at]), header, texts[at]) for at in np.flatnonzero(good)[repeated]]
    summed = frame.groupby("cell", sort=True).sum()
    cell = summed.index.to_numpy(dtype=np.int64)
    _refuse_overlaps(cell, source)
    activity = np.ascontiguousarray(summed.to_numpy(dtype=np.float64))
    centre = np.array([h3.cell_to_latlng(int(c)) for c in cell], dtype=np.float64)
    lat, lng = np.ascontiguousarray(centre[:, 0]), np.ascontiguousarray(centre[:, 1])
    table = CellTable(cell, activity, names, lat, lng, _accounts(names, activity))
    ordered = tuple(sorted(issues, key=lambda issue: issue.row))
    return CellInput(table, ordered, source, sha256)


def _accounts(names: tuple[str, ...], activity: Float) -> Int:
    for at, name in enumerate(names):
        if plain(name) in _ACCOUNTS:
            return np.asarray(np.rint(activity[:, at]), dtype=np.int64)
    if not names:
        return np.ones(len(activity), dtype=np.int64)
    return np.asarray(activity.sum(axis=1) > 0, dtype=np.int64)


def _refuse_overlaps(cell: Int, source: str) -> None:
    """Cells of several resolutions may stand side by side, but not one within another."""
    resolution = (cell >> 52) & 15
    present = np.unique(resolution)
    for finer in present:
        for coarser in present[present < finer]:
            children = cell[resolution == finer]
            parents = _parents(children, int(coarser))
            inside = np.isin(parents, cell)
            if inside.any():
                at = int(np.flatnonzero(inside)[0])
                raise GeometryError(
                    f"{source}: the cell {h3.int_to_str(int(children[at]))} lies within "
                    f"{h3.int_to_str(int(parents[at]))}, which is in the table too",
                    hint="Give each place once: either the coarse cell or all its children.",
                )


def _parents(cell: Int, resolution: int) -> Int:
    """The ancestors at `resolution`: its number in bits 52–55, and all finer digits 7."""
    filler = (1 << 3 * (15 - resolution)) - 1
    coarser = (cell & ~np.int64(15 << 52)) | np.int64(resolution << 52) | np.int64(filler)
    return np.asarray(coarser, dtype=np.int64)


def _bad(row: int, header: str, text: str) -> RowIssue:
    hint = "Give the H3 index as hex string or integer; spreadsheets cut long integers."
    message = f"{shown(text)} is no H3 cell" if text else "There is no H3 cell"
    return exclusion(row, header, IssueCode.BAD_CELL, f"{message}; the row is left out", hint)


def _twice(row: int, header: str, text: str) -> RowIssue:
    message = f"The cell {shown(text)} stands in an earlier row too; their measures were added"
    return doubt(row, header, IssueCode.DUPLICATE_CELL, message, "Group the export by cell.")
