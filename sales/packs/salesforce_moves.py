"""Which associations a move takes away: Salesforce can make and delete them, not change them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from geo.errors import MissingColumnError
from sales.packs.pack import Left
from sales.packs.salesforce_names import long_id

_NEEDED: Final = ("Id", "ObjectId", "Territory2Id")


class Association(NamedTuple):
    """An account's 18-character id and its territory's id, or DeveloperName where unknown."""

    account: str
    territory: str


class Gone(NamedTuple):
    """A row of the delete file; `id` is empty where no associations are known."""

    id: str
    account: str
    territory: str


Present = Mapping[str, Sequence[tuple[str, str]]]


def present_associations(exported: pd.DataFrame | None) -> Present | None:
    """Account → (association id, territory) of an export of ObjectTerritory2Association.

    Raises MissingColumnError. Only what was assigned by hand: rules assign and take back by
    themselves. Ids come in their long form.
    """
    if exported is None:
        return None
    lower = {str(name).strip().lower(): str(name) for name in exported.columns}
    missing = [name for name in _NEEDED if name.lower() not in lower]
    if missing:
        raise MissingColumnError(
            f"the export of associations has no column {missing[0]}",
            hint="Export Id, ObjectId and Territory2Id of ObjectTerritory2Association.",
        )
    cause = lower.get("associationcause")
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in exported.to_dict("records"):
        if cause is not None and row[cause] not in ("", "Territory2Manual"):
            continue
        key, account, territory = (str(row[lower[name.lower()]]).strip() for name in _NEEDED)
        found[long_id(account) or account].append((key, long_id(territory) or territory))
    return found


def leaving(
    former: Sequence[Association], now: Sequence[Association], present: Present | None
) -> tuple[list[Gone], list[Left]]:
    """What has to be deleted, in the order of the former plan, and what could not be found."""
    stay = set(now)
    moved = [a for a in former if a not in stay]
    if present is None:
        return [Gone("", *a) for a in moved], []
    gone, left = [], []
    for a in moved:
        there = present.get(a.account, ())
        territory = long_id(a.territory) or a.territory
        matching = [entry for entry in there if entry[1] == territory]
        if not matching and len(there) == 1 and long_id(a.territory) is None:
            matching = list(there)  # the territory's id is unknown, but there is no other
        gone += [Gone(key, a.account, where) for key, where in matching]
        if not matching:
            reason = (
                "the export of associations has none of this account in its former territory"
                if not there or long_id(a.territory)
                else "it has several associations, and the territory's id is not known"
            )
            left.append(Left("association", a.account, "", a.territory, reason))
    return gone, left
