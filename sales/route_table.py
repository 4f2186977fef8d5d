"""Whose is each row of a table of points?"""

from collections.abc import Mapping

import numpy as np

from geo.geocode.types import Address
from sales.accounts.codes import IssueCode
from sales.accounts.identity import canonical_id
from sales.accounts.types import AccountTable
from sales.lookup import Lookup
from sales.route import Geocoding, Question, route
from sales.routing_rules import Answer

_LOST_POSITION = (
    IssueCode.BAD_COORDINATE, IssueCode.HALF_COORDINATE, IssueCode.IMPOSSIBLE_COORDINATE,
    IssueCode.ZERO_COORDINATE,
)  # fmt: skip


def route_table(lookup: Lookup, geocode: Geocoding, table: AccountTable) -> list[Answer]:
    """Answer each row of a table as read; an unusable position leaves the row its address."""
    frame = table.frame
    texts = (frame[f].tolist() for f in ("street", "city", "state", "postal_code", "country"))
    positions = zip(frame["latitude"].tolist(), frame["longitude"].tolist(), strict=True)
    points = [
        Address(*parts, *((None, None) if np.isnan(lat) else (lat, lng)))
        for *parts, (lat, lng) in zip(*texts, positions, strict=True)
    ]
    lost: Mapping[int, str] = {
        issue.row: issue.message for issue in table.issues if issue.code in _LOST_POSITION
    }
    asked = lookup.chooser is not None
    facts = facts_in(table) if asked else [{}] * len(table)
    ids = frame["account_id"].tolist() if asked else [""] * len(table)
    questions = [
        Question(point, canonical_id(account), facts=known)
        for point, account, known in zip(points, ids, facts, strict=True)
    ]
    return [
        Answer("bad_position", lost[row]) if point == Address() and row in lost else answer
        for row, point, answer in zip(
            frame["row"].tolist(), points, route(lookup, geocode, questions), strict=True
        )
    ]


def facts_in(table: AccountTable) -> list[dict[str, object]]:
    """What each row says besides its place, by field, by the header of the field, and by header."""
    columns: dict[str, list[object]] = {}
    for name in table.attributes.columns:
        columns[str(name)] = table.attributes[name].tolist()
    for name in table.frame.columns:
        values = table.frame[name].tolist()
        columns[str(name)] = values
        if name in table.columns:
            columns[table.columns[name]] = values
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
