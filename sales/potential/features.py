"""Facts as numbers that a regression can use, so that its coefficients can be written down again.

A number x becomes log(x / typical), 0 where blank, beside a flag for blank; a text becomes one
flag for each common value. So every coefficient is a power or a factor of the model file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Float, Int
from geo.errors import OptionError
from sales.potential.facts import Facts
from sales.potential.model import Factor

DEFAULT: Final = ("industry", "revenue", "employees", "potential")
RARE: Final = 30  # accounts with the same text that make it a value of its own
_ENDS: Final = (0.005, 0.995)  # quantiles between which a number counts as it stands


@dataclass(frozen=True)
class Feature:
    """One column: a number (`at`, `least`, `most`) or a text with its common `levels`.

    `blanks`: whether blanks have a flag of their own.
    """

    column: str
    levels: tuple[str, ...] = ()
    at: float = 1.0
    least: float = 0.0
    most: float = 1.0
    blanks: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is one."""
        return not self.levels

    def width(self) -> int:
        """How many columns of the matrix it takes."""
        return 1 + self.blanks if self.is_number else len(self.levels)


def choose(facts: Facts, rows: Int, wanted: Sequence[str] = ()) -> tuple[Feature, ...]:
    """The features to learn from: those `wanted`, else those of `DEFAULT` that the file has.

    Raises MissingColumnError, and OptionError where none says anything.
    """
    here = set(facts.names())
    columns = tuple(wanted) or tuple(c for c in DEFAULT if c in here)
    made = [_feature(facts, rows, column) for column in columns]
    kept = tuple(feature for feature in made if feature is not None)
    if not kept:
        raise OptionError(
            f"{facts.table.source} has no fact to learn from: {', '.join(columns) or 'no column'}"
            " is there and varies",
            hint="Name columns with --feature, such as industry, revenue or employees.",
        )
    return kept


def matrix(facts: Facts, rows: Int, features: Sequence[Feature]) -> Float:
    """The design matrix of the accounts in `rows` (n, columns)."""
    columns: list[Float] = []
    for feature in features:
        if feature.is_number:
            value = facts.number(feature.column)[rows]
            known = np.isfinite(value) & (value > 0.0)
            inside = np.clip(np.where(known, value, feature.at), feature.least, feature.most)
            columns.append(np.where(known, np.log(inside / feature.at), 0.0))
            if feature.blanks:
                columns.append((~known).astype(np.float64))
        else:
            texts = facts.text(feature.column)[rows]
            columns += [(texts == level).astype(np.float64) for level in feature.levels]
    return np.stack(columns, axis=1)


def factors(features: Sequence[Feature], coefficients: Float) -> tuple[Factor, ...]:
    """The coefficients of a log-linear model (of money or of odds) as factors of a model file."""
    made, at = [], 0
    for feature in features:
        own = coefficients[at : at + feature.width()]
        at += feature.width()
        if feature.is_number:
            made.append(
                Factor(
                    feature.column, power=_short(own[0]), at=feature.at, least=feature.least,
                    most=feature.most,
                    otherwise=_short(float(np.exp(own[1]))) if feature.blanks else 1.0,
                )
            )  # fmt: skip
        else:
            values = {
                level: _short(float(np.exp(c)))
                for level, c in zip(feature.levels, own, strict=True)
            }
            made.append(Factor(feature.column, values=values))
    return tuple(made)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _feature(facts: Facts, rows: Int, column: str) -> Feature | None:
    """None where all accounts are alike."""
    if facts.is_number(column):
        value = facts.number(column)[rows]
        known = value[np.isfinite(value) & (value > 0.0)]
        if len(known) < RARE or known.min() == known.max():
            return None
        least, at, most = (float(f"{q:.4g}") for q in np.quantile(known, (_ENDS[0], 0.5, _ENDS[1])))
        if most <= least:
            return None
        blanks = len(value) - len(known) >= RARE
        return Feature(column, at=at, least=least, most=most, blanks=blanks)
    texts, counts = np.unique(facts.text(column)[rows].astype(str), return_counts=True)
    levels = tuple(
        str(text) for text, count in zip(texts, counts, strict=True) if text and count >= RARE
    )
    return Feature(column, levels=levels) if len(levels) > 1 else None
