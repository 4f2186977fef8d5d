"""Who has which account, as rows to compare: of a plan, before and after a scenario."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from geo.cells.index import cell_centers, hex_to_cell
from sales.plan import PlanBundle
from sales.realign.people import team_of
from sales.rules.alignment import Alignment, keys_of

COLUMNS = ("key", "account_id", "territory", "rep", "rep_name", "lat", "lng", "to_lat", "to_lng")


def standing(bundle: PlanBundle, vacant: Collection[str] = ()) -> pd.DataFrame:
    """One row per account (or unit without accounts), with COLUMNS; "" and NaN for none.

    `to_lat`, `to_lng` are where its rep sets out: from home, else from the territory's centre.
    Accounts of `vacant` territories have no rep.
    """
    team = team_of(bundle)
    by = {
        t["id"]: (rep, rep.lat, rep.lng)
        if rep.lat is not None
        else (rep, t["center"]["lat"], t["center"]["lng"])
        for t, rep in zip(bundle.document["territories"], team.reps, strict=True)
    }
    ids, territory, lat, lng = _places(bundle)
    has = territory.isin(list(by))
    served = has & ~territory.isin(list(vacant))
    at = [by[name] if ok else None for name, ok in zip(territory, served, strict=True)]
    return pd.DataFrame(
        {
            "key": keys_of(ids.tolist()),
            "account_id": ids.to_numpy(),
            "territory": territory.where(has, "").to_numpy(),
            "rep": [found[0].rep_id if found else "" for found in at],
            "rep_name": [found[0].name if found else "" for found in at],
            "lat": lat,
            "lng": lng,
            "to_lat": [np.nan if found is None else found[1] for found in at],
            "to_lng": [np.nan if found is None else found[2] for found in at],
        }
    ).drop_duplicates("key", ignore_index=True)


def _places(
    bundle: PlanBundle,
) -> "tuple[pd.Series[str], pd.Series[str], object, object]":
    if len(bundle.assignments):
        rows = bundle.assignments
        return (
            rows["account_id"],
            rows["territory_id"],
            rows["lat"].to_numpy(),
            rows["lng"].to_numpy(),
        )
    if bundle.document["units"] == "cells":
        lat, lng = cell_centers(hex_to_cell(bundle.units["cell"].tolist()))
        return bundle.units["cell"], bundle.units["territory_id"], lat, lng
    assert bundle.places is not None
    at = bundle.places.set_index("unit_id").loc[bundle.units["unit_id"].tolist()]
    return (
        bundle.units["unit_id"],
        bundle.units["territory_id"],
        at["lat"].to_numpy(),
        at["lng"].to_numpy(),
    )


def standing_of_both(own: pd.DataFrame, other: Alignment, after: pd.DataFrame) -> pd.DataFrame:
    """`own` and what only the `other` team has, whose accounts lie where `after` has them.

    A rep of the other team sets out from home, else from the middle of the accounts.
    """
    known = set(own["key"][own["rep"] != ""])
    held = [(key, k) for key, k in other.accounts.items() if key not in known]
    keys = [key for key, _ in held]
    place = after.set_index("key").reindex(keys)
    reps = [other.territories[k].rep for _, k in held]
    more = pd.DataFrame(
        {
            "key": keys,
            "account_id": place["account_id"].fillna("").to_numpy(),
            "territory": [other.territories[k].territory_id for _, k in held],
            "rep": [rep.rep_id if rep else "" for rep in reps],
            "rep_name": [rep.name if rep else "" for rep in reps],
            "lat": place["lat"].to_numpy(),
            "lng": place["lng"].to_numpy(),
            "to_lat": [np.nan if rep is None or rep.lat is None else rep.lat for rep in reps],
            "to_lng": [np.nan if rep is None or rep.lng is None else rep.lng for rep in reps],
        }
    )
    for column, place_column in (("to_lat", "lat"), ("to_lng", "lng")):
        middle = more.groupby("rep")[place_column].transform("mean")
        more[column] = more[column].fillna(middle)
    kept = own[~own["key"].isin(set(keys))]
    return pd.concat([kept, more[more["account_id"] != ""]], ignore_index=True)
