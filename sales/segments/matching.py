"""Which accounts meet the conditions of a model: columns of the file against what is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int
from geo.errors import MissingColumnError
from sales.accounts.identity import canonical_id
from sales.accounts.types import AccountTable
from sales.segments.model import Condition, Model, Segment

_HIDDEN = ("row", "account_id", "usable", "latitude", "longitude")


@dataclass(frozen=True, eq=False)
class Facts:
    """What the model asks about, column by column: numbers (n), NaN for none, or texts (n)."""

    numbers: Mapping[str, Float]
    texts: Mapping[str, Sequence[str]]
    keys: Sequence[str]  # canonical ids of the accounts, (n)


def facts_of(table: AccountTable, model: Model) -> Facts:
    """Find every column that the model names; raises MissingColumnError with its place.

    A column goes by its field (`employees`) or by its header in the file.
    """
    numbers: dict[str, Float] = {}
    texts: dict[str, Sequence[str]] = {}
    field = {header: name for name, header in table.columns.items()}
    frame = table.frame
    for column in model.columns:
        name = field.get(column, column)
        if name in frame.columns and name not in _HIDDEN:
            if frame[name].dtype.kind in "fi":
                numbers[column] = frame[name].to_numpy(dtype=np.float64)
            elif name in table.columns:
                texts[column] = frame[name].astype(str).tolist()
        elif column in table.attributes.columns:
            texts[column] = table.attributes[column].astype(str).tolist()
        if column not in numbers and column not in texts:
            there = [*table.columns, *table.attributes.columns]
            raise MissingColumnError(
                f"{model.source}: {table.source} has no column {column!r}",
                hint=f"Columns are {', '.join(dict.fromkeys(there))}.",
            )
    for segment in model.segments:
        _check_kinds(model, segment, numbers)
    keys = [canonical_id(i) for i in frame["account_id"].tolist()]
    return Facts(numbers, texts, keys)


def _check_kinds(model: Model, segment: Segment, numbers: Mapping[str, Float]) -> None:
    """Sizes are asked of numbers, texts of texts."""
    asked = [(c.column, c.of_numbers, c) for some in segment.where for c in some]
    for column, of_numbers, condition in asked:
        textual = condition.one_of is not None or condition.none_of is not None
        if of_numbers and column not in numbers:
            wrong = "holds texts, and cannot be compared with a number"
        elif textual and column in numbers:
            wrong = "holds numbers: give min, max, above or below"
        else:
            continue
        raise MissingColumnError(
            f"{model.source}, segment {segment.id!r}: the column {column!r} {wrong}",
            hint="Name another column, or ask otherwise.",
        )
    if segment.top and segment.top.by not in numbers:
        raise MissingColumnError(
            f"{model.source}, segment {segment.id!r}: top needs a column of numbers, and "
            f"{segment.top.by!r} has none",
            hint="Name a column such as potential or revenue.",
        )


def claims_of(segment: Segment, facts: Facts, heads: Bool) -> Mapping[str, Bool]:
    """By which way the segment claims which rows: `list`, `top`, `rule`; `heads` may be top."""
    n = len(facts.keys)
    listed = {canonical_id(entry.account_id) for entry in segment.listed}
    found = {"list": np.array([key in listed for key in facts.keys], dtype=bool).reshape(n)}
    found["top"] = np.zeros(n, dtype=bool)
    if segment.top is not None:
        found["top"][largest(facts.numbers[segment.top.by], segment.top.count, heads)] = True
    rule = np.full(n, segment.rest)
    for conditions in segment.where:
        met = np.ones(n, dtype=bool)
        for condition in conditions:
            met &= _met(condition, facts)
        rule |= met
    return found | {"rule": rule}


def largest(value: Float, count: int, among: Bool) -> Int:
    """The rows with the `count` largest values above 0; of equals the first in the file."""
    rows = np.flatnonzero(among & (value > 0))
    return rows[np.argsort(-value[rows], kind="stable")[:count]]


def _met(condition: Condition, facts: Facts) -> Bool:
    if condition.column in facts.numbers:
        return _sized(condition, facts.numbers[condition.column])
    texts = [_plain(text) for text in facts.texts[condition.column]]
    met = np.ones(len(texts), dtype=bool)
    if condition.one_of is not None:
        wanted = {_plain(text) for text in condition.one_of}
        met &= np.array([text in wanted for text in texts], dtype=bool)
    if condition.none_of is not None:
        refused = {_plain(text) for text in condition.none_of}
        met &= np.array([text not in refused for text in texts], dtype=bool)
    if condition.blank is not None:
        met &= np.array([(text == "") == condition.blank for text in texts], dtype=bool)
    return met


def _sized(condition: Condition, value: Float) -> Bool:
    """What is not known (NaN) meets no size. A value of the file that was doubted counts 0."""
    met: Bool = np.ones(len(value), dtype=bool)
    with np.errstate(invalid="ignore"):
        for end, compare in (
            (condition.min, np.greater_equal), (condition.max, np.less_equal),
            (condition.above, np.greater), (condition.below, np.less),
        ):  # fmt: skip
            if end is not None:
                met &= compare(value, end)
    if condition.blank is not None:
        met &= (np.isnan(value) | (value == 0)) == condition.blank
    return met


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
