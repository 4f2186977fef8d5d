"""Accounts and the review list for the page, column by column."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.maps.territory_data import rep_names
from app.maps.unit_data import territory_index
from sales.plan import PlanBundle


def account_columns(bundle: PlanBundle, index: Mapping[str, int]) -> dict[str, Any]:
    """All accounts in the order of the plan; `lat`, `lng` null where unknown, `t` -1 for none."""
    rows = bundle.assignments
    reps = Table(rep_names(bundle.document))
    precisions = Table()
    return {
        "id": rows["account_id"].tolist(),
        "name": list(bundle.names) if bundle.names is not None else None,
        "t": territory_index(rows["territory_id"], index).tolist(),
        "rep": [reps.add(rep) for rep in rows["rep"]],
        "precision": [precisions.add(precision) for precision in rows["precision"]],
        "lat": [None if np.isnan(lat) else round(lat, 5) for lat in rows["lat"].tolist()],
        "lng": [None if np.isnan(lng) else round(lng, 5) for lng in rows["lng"].tolist()],
        "reps": reps.values,
        "precisions": precisions.values,
    }


def review_rows(bundle: PlanBundle) -> dict[str, Any]:
    """The review list; `account` is an index into the accounts, -1 where it names none of them."""
    ids = bundle.assignments["account_id"].tolist()
    first: dict[str, int] = {}
    for position, account in enumerate(ids):
        first.setdefault(account, position)
    texts = Table()
    rows = []
    columns = ["row", "account_id", "column", "code", "message", "hint"]
    for row, account, *words in (
        bundle.review[columns].astype({"row": "int64"}).itertuples(index=False)
    ):
        # Two rows may bear the same id; where row 2 is the first account, the row number decides.
        here = row - 2 if 0 <= row - 2 < len(ids) and ids[row - 2] == account else None
        position = first.get(account, -1) if here is None else here
        rows.append([int(row), position, *(texts.add(str(word)) for word in (account, *words))])
    return {"rows": rows, "texts": texts.values}


class Table:
    """Each text once, found again by number; `shown` may put another text in a text's place."""

    def __init__(self, shown: Mapping[str, str] | None = None) -> None:
        self._shown = shown or {}
        self._numbers: dict[str, int] = {}
        self.values: list[str] = []

    def add(self, text: str) -> int:
        """The number of `text`."""
        if text not in self._numbers:
            self._numbers[text] = len(self.values)
            self.values.append(self._shown.get(text, text))
        return self._numbers[text]
