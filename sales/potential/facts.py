"""The columns of an account file, by field or by header."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float
from geo.errors import MissingColumnError, OptionError
from sales.accounts.fields import listed
from sales.accounts.types import AccountTable
from sales.potential.model import Band, Factor

_NOT_FACTS = {"row", "usable"}


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of each account of `table`."""

    table: AccountTable

    def __len__(self) -> int:
        return len(self.table)

    def names(self) -> tuple[str, ...]:
        """Every column that can be named."""
        own = [str(c) for c in self.table.frame.columns if c not in _NOT_FACTS]
        return (*own, *(str(c) for c in self.table.attributes.columns))

    def number(self, column: str) -> Float:
        """A column of numbers; NaN where blank. Raises OptionError where it holds text."""
        values = self._column(column)
        if values.dtype.kind not in "fi":
            raise OptionError(
                f"{self.table.source}: column “{column}” holds text, not numbers",
                hint="Look it up with values, instead of bands or power.",
            )
        return np.asarray(values, dtype=np.float64)

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers."""
        return self._column(column).dtype.kind in "fi"

    def text(self, column: str) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        """A column as text, blanks and case ignored; numbers as “3”."""
        values = self._column(column)
        if values.dtype.kind in "fi":
            shown = ["" if np.isnan(v) else f"{v:.10g}" for v in values.astype(np.float64)]
        else:
            shown = [str(v).strip().casefold() for v in values]
        return np.array(shown, dtype=object)

    def shown(self, column: str, at: int) -> str:
        """The value of one account, as a reader wants to see it."""
        value = self._column(column)[at]
        if isinstance(value, int | float | np.number):
            return "blank" if np.isnan(value) else f"{float(value):,.10g}"
        return str(value) or "blank"

    def _column(self, column: str) -> "np.ndarray[tuple[int], np.dtype[np.generic]]":
        frame = self.table.frame
        field = {header: name for name, header in self.table.columns.items()}
        if column in frame.columns and column not in _NOT_FACTS:
            return np.asarray(frame[column].to_numpy())
        if field.get(column) in frame.columns:
            return np.asarray(frame[field[column]].to_numpy())
        if column in self.table.attributes.columns:
            return np.asarray(self.table.attributes[column].to_numpy())
        raise MissingColumnError(
            f"{self.table.source} has no column “{column}”, which the model asks for",
            hint=f"Correct the model's column. There are {listed(self.names())}.",
        )


def factor_values(facts: Facts, factor: Factor) -> Float:
    """What `factor` multiplies by, for each account (n)."""
    if factor.bands:
        return _banded(facts.number(factor.column), factor.bands, factor.otherwise)
    if factor.power is not None:
        value = facts.number(factor.column)
        known = np.isfinite(value) & (value > 0.0)
        inside = np.clip(np.where(known, value, factor.at), factor.least, factor.most)
        return np.where(known, (inside / factor.at) ** factor.power, factor.otherwise)
    texts = facts.text(factor.column)
    return np.array([factor.values.get(text, factor.otherwise) for text in texts], dtype=np.float64)


def _banded(value: Float, bands: tuple[Band, ...], otherwise: float) -> Float:
    edges = np.array([band.below for band in bands])
    factors = np.array([band.factor for band in bands] + [otherwise])
    blank: Bool = ~np.isfinite(value)
    at = np.searchsorted(edges, np.where(blank, 0.0, value), side="right")
    return np.asarray(factors[np.where(blank, len(bands), at)], dtype=np.float64)
