"""A handful of accounts far abroad in a file that is otherwise of one country.

They would each drag a territory across an ocean. They go to the review instead, unless the planner
gives a boundary that holds them. A neighbour across a border stays in the market.
"""

from collections import Counter

import numpy as np
from scipy.spatial import KDTree

from geo.arrays import Bool, Float
from geo.geocode.country import country_code, country_name
from geo.sphere import distance_km, to_xyz
from sales.accounts.types import RowIssue, Severity
from sales.locate import LocatedAccounts

PREVAILING_SHARE = 0.95
FAR_KM = 500.0  # from the nearest account of the file's own country


def far_abroad(located: LocatedAccounts) -> tuple[Bool, list[RowIssue]]:
    """Which rows lie far outside the file's country, shape (rows), and an ERROR issue for each."""
    frame = located.accounts.frame
    code = {text: country_code(text) for text in frame["country"].unique()}
    country = [code[text] for text in frame["country"]]
    far = np.zeros(len(frame), dtype=bool)
    told = Counter(c for c, placed in zip(country, located.placed, strict=True) if placed and c)
    if len(told) < 2:
        return far, []
    home, rows = told.most_common(1)[0]
    if rows < PREVAILING_SHARE * told.total():
        return far, []
    foreign = np.array([c is not None and c != home for c in country]) & located.placed
    domestic = located.placed & ~foreign
    km = np.zeros(len(frame))
    km[foreign] = _nearest_km(located, domestic, foreign)
    far = foreign & (km > FAR_KM)
    row, account = frame["row"].tolist(), frame["account_id"].tolist()
    issues = [
        RowIssue(
            row[i],
            account[i],
            located.accounts.columns.get("country", ""),
            "far_abroad",
            f"The account is in {country_name(country[i] or '')}, {km[i]:,.0f} km from the nearest"
            f" account in {country_name(home)}, the country of {rows / told.total():.1%} of them",
            "Plan that country on its own, name the account to a rep, or give a boundary that"
            " holds it with --market.",
            Severity.ERROR,
        )
        for i in np.flatnonzero(far).tolist()
    ]
    return far, issues


def _nearest_km(located: LocatedAccounts, domestic: Bool, foreign: Bool) -> Float:
    xyz = to_xyz(located.lat, located.lng)
    _, nearest = KDTree(xyz[domestic]).query(xyz[foreign])
    lat, lng = located.lat[domestic][nearest], located.lng[domestic][nearest]
    return distance_km(located.lat[foreign], located.lng[foreign], lat, lng)
