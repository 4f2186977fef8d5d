"""The tables of a segmented plan as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Float, Int
from sales.accounts.types import NUMBER_FIELDS, AccountTable, RowIssue, Severity
from sales.ground import account_measures
from sales.locate import LocatedAccounts
from sales.plan import ASSIGNMENT_COLUMNS, LIST_COLUMNS, REVIEW_COLUMNS, PlanBundle
from sales.segments.dealt import Dealt
from sales.segments.members import Members
from sales.segments.model import Model, Segment

BY_LIST = "named"  # the rule: on a list, wherever the account is


@dataclass(frozen=True, eq=False)
class Part:
    """The plan of one geography; `serves` the segments that use it, `rows` theirs in the file."""

    segment: Segment
    serves: tuple[str, ...]
    rows: Int
    bundle: PlanBundle


def assignment_table(
    model: Model,
    members: Members,
    lists: Sequence[Dealt],
    parts: Sequence[Part],
    located: LocatedAccounts,
) -> pd.DataFrame:
    """assignments.csv: one row per input row; the segment stands there without a territory too."""
    frame = located.accounts.frame
    names = np.array([*(s.id for s in model.segments), ""], dtype=object)
    table = pd.DataFrame(
        {
            "account_id": frame["account_id"].astype(str).to_numpy(),
            "territory_id": "",
            "rep": "",
            "segment": names[members.segment],
            "cell": "",
            "lat": np.round(located.lat, 6),
            "lng": np.round(located.lng, 6),
            "precision": [str(value) for value in located.precision],
            "rule": "",
        },
        columns=list(ASSIGNMENT_COLUMNS),
    ).astype({c: object for c in ASSIGNMENT_COLUMNS if c not in ("lat", "lng")})
    kept = ("territory_id", "rep", "cell", "lat", "lng", "precision", "rule")
    columns = {name: table[name].to_numpy(dtype=object, copy=True) for name in kept}
    for part in parts:
        for name, values in columns.items():
            values[part.rows] = part.bundle.assignments[name].to_numpy(dtype=object)
    for dealt in lists:
        ids = np.array(dealt.ids, dtype=object)
        reps = np.array([r.rep_id for r in dealt.reps] or [""] * len(ids), dtype=object)
        columns["territory_id"][dealt.rows] = ids[dealt.territory]
        columns["rep"][dealt.rows] = reps[dealt.territory]
        columns["rule"][dealt.rows] = BY_LIST
    return table.assign(**columns).astype({"lat": np.float64, "lng": np.float64})


def unit_table(parts: Sequence[Part], measures: list[str]) -> pd.DataFrame:
    """The cells of every geography, one after the other: a cell once in each."""
    columns = ["cell", "territory_id", *measures]
    tables = [part.bundle.units.reindex(columns=columns) for part in parts]
    none = pd.DataFrame(
        {c: pd.Series(dtype=object if c in columns[:2] else float) for c in columns}
    )
    return pd.concat(tables, ignore_index=True) if tables else none


def review_table(
    source: AccountTable,
    members: Members,
    located: LocatedAccounts,
    parts: Sequence[Part],
    assignments: pd.DataFrame,
    roster_issues: Sequence[RowIssue],
) -> pd.DataFrame:
    """Every doubt once, by row; each account without a territory has at least one line."""
    lines = [
        (0, i.account_id, f"roster: {i.column}", i.code, i.message, i.hint) for i in roster_issues
    ]
    issues = [*located.issues, *members.issues]
    lines += [(i.row, i.account_id, i.column, i.code, i.message, i.hint) for i in issues]
    for part in parts:
        lines += [tuple(line) for line in part.bundle.review.itertuples(index=False)]
    said = {i.row for i in issues if i.severity is Severity.ERROR}
    said |= {line[0] for line in lines if line[3] in ("unassigned", "outside_market", "far_abroad")}
    left = (assignments["territory_id"] == "").to_numpy()
    for row, account in source.frame.loc[left, ["row", "account_id"]].itertuples(index=False):
        if row not in said:
            lines.append(
                (row, account, "", "unassigned", "the account could not be assigned",
                 "Look at the row's address and id.")
            )  # fmt: skip
    once = sorted(dict.fromkeys(lines), key=lambda line: line[0])
    return pd.DataFrame(once, columns=list(REVIEW_COLUMNS))


def list_table(segment: Segment) -> pd.DataFrame:
    """lists/<segment>.csv: who is named for the segment."""
    rows = [(entry.account_id, entry.rep) for entry in segment.listed]
    return pd.DataFrame(rows, columns=list(LIST_COLUMNS), dtype=object)


def member_table(
    source: AccountTable, model: Model, members: Members, worth: Mapping[str, Float]
) -> pd.DataFrame:
    """members.csv: what each account's segment was decided by, for the audit to decide it again."""
    ids = source.frame["account_id"].astype(str).to_numpy(dtype=object)
    names = np.array([*(s.id for s in model.segments), ""], dtype=object)
    parent = members.families.parent
    columns: dict[str, Any] = {
        "account_id": ids,
        "usable": np.where(source.frame["usable"], "yes", "no"),
        "segment": names[members.segment],
        "by": list(members.by),
        "parent": np.where(parent >= 0, ids[np.maximum(parent, 0)], ""),
        "head": ids[members.families.head],
    }
    facts = members.facts
    for column in model.columns:
        asked = facts.numbers[column] if column in facts.numbers else facts.texts[column]
        columns[f"asked: {column}"] = asked
    table = pd.DataFrame(columns | dict(worth))
    return table.map(str)  # as it will be read, so that the fingerprint is the same


def empty_table(columns: Sequence[str]) -> pd.DataFrame:
    """A table of these columns without rows."""
    return pd.DataFrame({c: pd.Series(dtype=float if c == "km" else object) for c in columns})


def shared_measures(source: AccountTable, parts: Sequence[Part]) -> dict[str, Float]:
    """What all parts measure, (n) each: potential first."""
    columns = account_measures(source)
    named = ["potential", *(name for name in NUMBER_FIELDS if name in columns)]
    for part in parts:
        there = part.bundle.document["measures"]
        named = (
            [m for m in there if m in columns]
            if part is parts[0]
            else [name for name in named if name in there]
        )
    named = ["potential", *(name for name in named if name != "potential")]
    return {name: np.round(columns[name], 6) for name in dict.fromkeys(named)}
