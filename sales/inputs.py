"""The three kinds of input, told apart by content: accounts, a cell table, polygon units."""

from collections.abc import Mapping
from pathlib import Path

from geo.errors import OptionError
from sales.accounts import read_accounts
from sales.accounts.content import Content, content_of, sha256_of
from sales.accounts.features import read_features
from sales.accounts.fields import is_known
from sales.accounts.sources import holds_features, read_table
from sales.accounts.types import AccountTable
from sales.cell_tables import cell_header, cells_of
from sales.input_types import CellInput, UnitInput
from sales.unit_edges import is_unit_name
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
    content = content_of(path)
    if holds_features(path, content):
        features = read_features(path, content)
        if features.has_polygons:
            return units_of_polygons(
                features, path.name, sha256_of(path), unit_id=unit_id, edges=edges
            )
    if edges is not None:
        return units_of_table(path, content, edges, columns=columns or {}, unit_id=unit_id)
    if unit_id is not None:
        raise OptionError(
            f"--unit-id is for units, and {path.name} holds none",
            hint="Units are polygons, or a table of points together with --edges.",
        )
    return _cells(path, content) or read_accounts(path, columns=columns)


def _cells(path: Path, content: Content) -> CellInput | None:
    """The cell table in `path`, or None where it is no such table."""
    raw = read_table(path, content, lambda header: is_known(header) or is_unit_name(header))
    header = cell_header(raw)
    return None if header is None else cells_of(raw, header, path.name, sha256_of(path))
