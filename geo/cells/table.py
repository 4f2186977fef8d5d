"""The market as a table of cells, with what each of them is worth."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int, frozen
from geo.errors import GeometryError


@dataclass(frozen=True, eq=False)
class CellTable:
    """n cells in ascending order of id.

    `cell` H3 ids (n); `activity` (n, q), finite and ≥ 0; `measures` the q names; `lat`, `lng` the
    cell centres in degrees (n); `accounts` located accounts in the cell (n).
    A cell without account is *filler*: kept so that the map has no holes.
    """

    cell: Int
    activity: Float
    measures: tuple[str, ...]
    lat: Float
    lng: Float
    accounts: Int

    def __post_init__(self) -> None:
        n = len(self.cell)
        if self.activity.shape != (n, len(self.measures)):
            raise GeometryError(f"activity has shape {self.activity.shape}, not (cells, measures)")
        if n and not np.all(np.diff(self.cell) > 0):
            raise GeometryError("cell ids must be unique and ascending")
        if not (np.isfinite(self.activity).all() and (self.activity >= 0).all()):
            raise GeometryError("a cell's activity must be finite and not negative")
        for array in (self.cell, self.activity, self.lat, self.lng, self.accounts):
            frozen(array)

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def filler(self) -> Bool:
        """Cells that hold no account, shape (n)."""
        return np.asarray(self.accounts == 0)

    def measure(self, name: str) -> Float:
        """The column of `activity` of that name, shape (n)."""
        return self.activity[:, self.measures.index(name)]
