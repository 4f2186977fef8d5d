"""A new product: the potential of each account by a table of multipliers, or as scored anew."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.arrays import Float
from geo.errors import InputError, MissingColumnError, OptionError
from sales.accounts.types import AccountTable
from sales.ground import account_measures
from sales.prepare import Source
from sales.realign.scenario import Band, NewPotential
from sales.rules.alignment import keys_of


def with_potential(source: Source, new: NewPotential) -> AccountTable:
    """The accounts with their new potential. Raises OptionError and InputError naming column or
    value and the remedy: a multiplier that no account meets would change nothing unnoticed.
    """
    if not isinstance(source, AccountTable):
        raise OptionError(
            "the potential of cells or units cannot be computed anew",
            hint="Design from accounts, or give a file with the new potential with --input.",
        )
    measures = account_measures(source)
    potential = measures["potential"].copy()
    if new.column:
        potential = _column(source, new.column)
    if new.scores is not None:
        potential = _scored(source, new.scores, potential)
    for column, table in new.by_text.items():
        potential = potential * _times_by_text(_texts(source, column), column, table)
    for column, bands in new.by_band.items():
        potential = potential * _times_by_band(_number(source, column), bands)
    return replace(source, frame=source.frame.assign(potential=np.round(potential, 6)))


def _texts(source: AccountTable, column: str) -> "pd.Series[str]":
    header = _header(source, column)
    frame = source.frame if header in source.frame.columns else source.attributes
    if header not in frame.columns or not (frame[header].astype(str) != "").any():
        raise _missing(source, column)
    return frame[header].astype(str).str.strip()


def _number(source: AccountTable, column: str) -> Float:
    measures, header = account_measures(source), _header(source, column)
    if header not in measures:
        raise _missing(source, column)
    return measures[header]


def _column(source: AccountTable, column: str) -> Float:
    found = _number(source, column)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise InputError(
            f"the column {column!r} has values that are no potential",
            hint="Every account needs a number of at least 0.",
        )
    return found


def _header(source: AccountTable, column: str) -> str:
    """The field of a header, and the other way round: “Industry” is kept as `industry`."""
    fields = {header.casefold(): name for name, header in source.columns.items()}
    names = [*source.frame.columns, *source.attributes.columns]
    if column in names:
        return column
    own = {str(name).casefold(): str(name) for name in names}
    return fields.get(column.casefold()) or own.get(column.casefold(), column)


def _missing(source: AccountTable, column: str) -> MissingColumnError:
    names = [*source.columns.values(), *source.attributes.columns]
    has = ", ".join(map(str, names[:30])) or "none: a plan's own files have only its measures"
    return MissingColumnError(
        f"the accounts of {source.source} have no column {column!r} for the new potential",
        hint=f"Give the file of accounts with --input. Its columns: {has}.",
    )


def _times_by_text(texts: "pd.Series[str]", column: str, table: Mapping[str, float]) -> Float:
    known = set(texts.str.casefold())
    for value in table:
        if value.casefold() not in known:
            there = ", ".join(sorted({text for text in texts if text})[:30])
            raise OptionError(
                f"no account has {column} “{value}”, for which a multiplier is given",
                hint=f"There are: {there}.",
            )
    times = {value.casefold(): factor for value, factor in table.items()}
    return np.array([times.get(text, 1.0) for text in texts.str.casefold()], dtype=np.float64)


def _times_by_band(values: Float, bands: tuple[Band, ...]) -> Float:
    times = np.ones(len(values))
    for band in bands:
        times[(values >= band.low) & (values < band.high)] = band.times
    return times


def _scored(source: AccountTable, scores: pd.DataFrame, potential: Float) -> Float:
    """The potential of the table where it names the account, else as it was."""
    given = dict(zip(keys_of(scores["account_id"].tolist()), scores["potential"], strict=True))
    keys = keys_of(source.frame["account_id"].astype(str).tolist())
    if not given.keys() & set(keys):
        raise InputError(
            "the scored table names no account of the plan",
            hint="Its ids must be written as the plan's accounts have them.",
        )
    pairs = zip(keys, potential.tolist(), strict=True)
    return np.array([float(given.get(key, own)) for key, own in pairs])
