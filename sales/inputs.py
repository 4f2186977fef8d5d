"""The three kinds of input, told apart by content: accounts, a cell table, polygon units."""

from collections.abc import Mapping
from pathlib import Path

from geo.errors import OptionError
from sales.accounts.content import content_of, sha256_of
from sales.accounts.features import read_features
from sales.accounts.fields import is_known
from sales.accounts.headers import plain
from sales.accounts.read import accounts_of, checked_columns, read_rows
from sales.accounts.sources import features_as_table, holds_features
from sales.accounts.types import AccountTable
from sales.cell_tables import CELL_HEADERS, cell_header, cells_of
from sales.input_types import CellInput, UnitInput
from sales.units import units_of_polygons, units_of_table

__all__ = ["CellInput", "UnitInput", "read_input"]


def read_input(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    unit_id: str | None = None,
    edges: Path | None = None,
) -> AccountTable | CellInput | UnitInput:
    """Read whatever `path` holds.

    Polygons are units; so is a table that comes with `edges` (two columns of unit ids). A table
    with a column `cell` of H3 ids is a cell table. Everything else is accounts. `columns` as in
    `read_accounts`; `unit_id` names the column of the units' ids.

    Raises InputError, and OptionError for options that do not fit the kind of input.
    """
    chosen = checked_columns(columns)
    content = content_of(path)
    features = read_features(path, content) if holds_features(path, content) else None
    if features is not None and features.has_polygons:
        return units_of_polygons(features, path.name, sha256_of(path), unit_id=unit_id, edges=edges)
    if edges is not None:
        return units_of_table(path, content, edges, columns=chosen, unit_id=unit_id)
    if unit_id is not None:
        raise OptionError(
            f"--unit-id is for units, and {path.name} holds none",
            hint="Units are polygons, or a table of points together with --edges.",
        )
    if features is not None:
        raw = features_as_table(path, features)
    else:
        raw = read_rows(path, content, chosen, lambda h: is_known(h) or plain(h) in CELL_HEADERS)
    header = cell_header(raw)
    if header is not None:
        return cells_of(raw, header, path.name, sha256_of(path))
    return accounts_of(raw, chosen, path.name, sha256_of(path))
