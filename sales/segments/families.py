"""Parents and children: which accounts are one family, and who heads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Int
from sales.accounts.identity import canonical_id
from sales.accounts.types import AccountTable, RowIssue

_HINT: Final = 'Correct the parent in the CRM, or set families = "off" in the model.'


@dataclass(frozen=True, eq=False)
class Families:
    """`parent` and `head` of each row, as row positions: −1 without a parent, itself as a head.

    A circle of parents is cut at its first row in the file, which heads it.
    """

    parent: Int
    head: Int
    issues: tuple[RowIssue, ...]


def no_families(rows: int) -> Families:
    """Every account by itself."""
    return Families(np.full(rows, -1, dtype=np.int64), np.arange(rows), ())


def families_of(table: AccountTable) -> Families:
    """Follow the column of parents, by id or else by a name that only one account has."""
    frame = table.frame
    usable = frame["usable"].tolist()
    parent, issues = _parents(table, usable)
    for circle in _circles(parent):
        issues += [_in_circle(table, row, circle) for row in circle]
        parent[min(circle)] = -1
    up = np.array(parent, dtype=np.int64)
    head = np.where(up >= 0, up, np.arange(len(up)))
    while not np.array_equal(head, head[head]):
        head = head[head]
    return Families(up, head, tuple(issues))


def _circles(parent: Sequence[int]) -> list[list[int]]:
    """Rows whose parents go in a circle, each circle once."""
    seen = [0] * len(parent)  # by which walk
    found = []
    for walk, start in enumerate(range(len(parent)), 1):
        at = start
        while at >= 0 and not seen[at]:
            seen[at] = walk
            at = parent[at]
        if at >= 0 and seen[at] == walk:
            circle = [at]
            while (after := parent[circle[-1]]) != at:
                circle.append(after)
            found.append(circle)
    return found


def _parents(table: AccountTable, usable: Sequence[bool]) -> tuple[list[int], list[RowIssue]]:
    frame = table.frame
    ids, names = frame["account_id"].tolist(), frame["name"].tolist()
    by_id = {canonical_id(i): at for at, i in reversed(list(enumerate(ids))) if usable[at]}
    by_name: dict[str, int] = {}
    for at, name in enumerate(names):
        if name and usable[at]:
            key = " ".join(name.split()).casefold()
            by_name[key] = -1 if key in by_name else at
    parent, issues = [-1] * len(ids), []
    for at, text in enumerate(frame["parent"].tolist()):
        if not text or not usable[at]:
            continue
        found = by_id.get(canonical_id(text), by_name.get(" ".join(text.split()).casefold(), -1))
        if found >= 0 and found != at:
            parent[at] = found
            continue
        if found == at:
            issues.append(_issue(table, at, "parent_circle", "The account is its own parent"))
        else:
            message = f"The parent “{text:.60}” is no account of the file"
            issues.append(_issue(table, at, "parent_unknown", message))
    return parent, issues


def _in_circle(table: AccountTable, row: int, circle: Sequence[int]) -> RowIssue:
    ids = table.frame["account_id"]
    names = " → ".join(str(ids.iloc[at]) for at in [*circle[:5], circle[0]])
    return _issue(table, row, "parent_circle", f"Its parents go in a circle: {names}")


def _issue(table: AccountTable, at: int, code: str, message: str) -> RowIssue:
    row, account = int(table.frame["row"].iloc[at]), str(table.frame["account_id"].iloc[at])
    column = table.columns.get("parent", "parent")
    return RowIssue(row, account, column, code, message, _HINT)
