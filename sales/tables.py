"""The tables of a plan's directory, as data frames."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.arrays import Int
from geo.cells.graph import bridge_lengths
from sales.accounts.types import RowIssue, Severity
from sales.ground import Ground
from sales.naming import measure_names
from sales.plan import ASSIGNMENT_COLUMNS, BRIDGE_COLUMNS, EDGE_COLUMNS, REVIEW_COLUMNS

BY_CELL = "cell"  # the rule that gave an account its territory: geography
SEGMENT = "all"  # the whole market is one segment until a territory model says otherwise


def assignment_table(
    ground: Ground, territory: Int, ids: list[str], reps: list[str]
) -> pd.DataFrame:
    """assignments.csv: one row per input row, in input order; `territory` per unit (n)."""
    if ground.located is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in ASSIGNMENT_COLUMNS}).astype(
            {"lat": np.float64, "lng": np.float64}
        )
    located, unit = ground.located, ground.account_unit
    has = unit >= 0
    owner = np.where(has, territory[np.maximum(unit, 0)], -1).tolist()
    return pd.DataFrame(
        {
            "account_id": located.accounts.frame["account_id"].astype(str).to_numpy(),
            "territory_id": [ids[k] if k >= 0 else "" for k in owner],
            "rep": [reps[k] if k >= 0 else "" for k in owner],
            "segment": [SEGMENT if k >= 0 else "" for k in owner],
            "cell": [ground.ids[u] if u >= 0 else "" for u in unit.tolist()],
            "lat": np.round(located.lat, 6),
            "lng": np.round(located.lng, 6),
            "precision": [str(value) for value in located.precision],
            "rule": [BY_CELL if k >= 0 else "" for k in owner],
        },
        columns=list(ASSIGNMENT_COLUMNS),
    )


def review_table(
    ground: Ground, assignments: pd.DataFrame, roster_issues: Sequence[RowIssue]
) -> pd.DataFrame:
    """review.csv: every doubt, by row; each unassigned account has at least one line.

    Doubts about the roster stand first, at row 0, under the rep's id.
    """
    reading = ground.located.issues if ground.located else ()
    roster = [replace(issue, row=0, column=f"roster: {issue.column}") for issue in roster_issues]
    issues = [*roster, *reading, *ground.issues]
    if ground.located is not None:
        issues += _unexplained(ground, assignments, issues)
    issues.sort(key=lambda issue: issue.row)
    return pd.DataFrame(
        [(i.row, i.account_id, i.column, i.code, i.message, i.hint) for i in issues],
        columns=list(REVIEW_COLUMNS),
    )


def _unexplained(
    ground: Ground, assignments: pd.DataFrame, issues: list[RowIssue]
) -> list[RowIssue]:
    assert ground.located is not None
    frame = ground.located.accounts.frame
    said = {issue.row for issue in issues if issue.severity is Severity.ERROR}
    left = (assignments["territory_id"] == "").to_numpy() & ~frame["row"].isin(said).to_numpy()
    return [
        RowIssue(
            int(row), str(account), "", "unassigned", "the account could not be assigned",
            "Look at the row's address and id.", Severity.ERROR,
        )
        for row, account in zip(frame["row"][left], frame["account_id"][left], strict=True)
    ]  # fmt: skip


def unit_table(ground: Ground, territory: Int, ids: list[str]) -> pd.DataFrame:
    """cells.csv or units.csv."""
    key = "unit_id" if ground.cells is None else "cell"
    columns = {key: list(ground.ids), "territory_id": [ids[k] for k in territory.tolist()]}
    names = measure_names(ground.measures, ground.activity, ground.accounts)
    values = {names[m]: ground.activity[:, j] for j, m in enumerate(ground.measures)}
    return pd.DataFrame(columns | values)


def bridge_table(ground: Ground) -> pd.DataFrame:
    """bridges.csv: the artificial edges, with their length."""
    a, b, km = bridge_lengths(ground.graph, ground.lat, ground.lng)
    return pd.DataFrame(
        {
            "cell_a": [ground.ids[i] for i in a.tolist()],
            "cell_b": [ground.ids[i] for i in b.tolist()],
            "km": np.round(km, 3),
        },
        columns=list(BRIDGE_COLUMNS),
    )


def edge_table(ground: Ground) -> pd.DataFrame | None:
    """edges.csv of polygon units: which ones touch."""
    if ground.cells is not None:
        return None
    a, b, kind = ground.graph.edges()
    border = kind == 0
    pairs = [(ground.ids[i], ground.ids[j]) for i, j in zip(a[border], b[border], strict=True)]
    return pd.DataFrame(pairs, columns=list(EDGE_COLUMNS), dtype=object)


def place_table(ground: Ground) -> pd.DataFrame | None:
    """places.csv of polygon units: where each one lies."""
    if ground.cells is not None:
        return None
    return pd.DataFrame(
        {
            "unit_id": list(ground.ids),
            "lat": np.round(ground.lat, 7),
            "lng": np.round(ground.lng, 7),
        }
    )
