"""Whose is each row of a table of points?"""

from collections.abc import Mapping

import numpy as np

from geo.geocode.types import Address
from sales.accounts.codes import IssueCode
from sales.accounts.types import AccountTable
from sales.lookup import Lookup
from sales.route import Geocoding, route
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
    return [
        Answer("bad_position", lost[row]) if point == Address() and row in lost else answer
        for row, point, answer in zip(
            frame["row"].tolist(), points, route(lookup, geocode, points), strict=True
        )
    ]
