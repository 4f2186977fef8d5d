"""Halves, quarters, months and years: to which period a day or a label belongs."""

import re
from typing import Final

import pandas as pd

from geo.errors import InputError

_FREQUENCY: Final = {"year": "Y", "quarter": "Q", "month": "M"}
MONTHS: Final = {"year": 12, "half": 6, "quarter": 3, "month": 1}
KINDS: Final = tuple(MONTHS)
_LABEL: Final = re.compile(r"(\d{4})(?:-?\s?(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?", re.IGNORECASE)


def length_in_years(kind: str) -> float:
    """How much of a year one period is."""
    return MONTHS[kind] / 12


def period_of(days: "pd.Series[pd.Timestamp]", kind: str) -> "pd.Series[str]":
    """The label of each day's period: 2024, 2024-H1, 2024-Q1 or 2024-01."""
    year, month = days.dt.year.astype(str), days.dt.month
    if kind == "year":
        return year
    if kind == "month":
        return year + "-" + month.astype(str).str.zfill(2)
    number = ((month - 1) // MONTHS[kind] + 1).astype(str)
    return year + ("-H" if kind == "half" else "-Q") + number


def kind_of(labels: "pd.Series[str]", rows: "pd.Series[int]", source: str) -> str:
    """What the labels of activities are: year, half, quarter or month (also for single days).

    Raises InputError for a label that is none of these.
    """
    found: set[str] = set()
    for label in labels.unique():
        match = _LABEL.fullmatch(label)
        if match is None:
            if re.fullmatch(r"\d{4}-\d\d-\d\d.*", label):
                found.add("month")
                continue
            at = rows[labels == label].iloc[0]
            raise InputError(
                f"{source}, row {at}: {label!r} is no period",
                hint="Write 2024, 2024-H1, 2024-Q1, 2024-01 or a day, 2024-01-31.",
            )
        found.add(
            "half" if match[2] else "quarter" if match[3] else "month" if match[4] else "year"
        )
    return max(found, key=lambda kind: MONTHS[kind]) if found else "quarter"


def relabelled(labels: "pd.Series[str]", kind: str) -> "pd.Series[str]":
    """Labels of a finer kind as those of `kind`."""
    known = {label: _as(label, kind) for label in labels.unique()}
    return labels.map(known)


def _as(label: str, kind: str) -> str:
    match = _LABEL.fullmatch(label)
    if match is None:
        day = pd.Series([pd.Timestamp(label[:10])])
    else:
        half, quarter, month = (int(match[i]) if match[i] else 0 for i in (2, 3, 4))
        number = month or (3 * quarter - 2 if quarter else 6 * half - 5 if half else 1)
        day = pd.Series([pd.Timestamp(int(match[1]), number, 1)])
    return str(period_of(day, kind).iloc[0])
