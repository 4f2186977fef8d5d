"""How the rules in force are written, and what changes hands."""

import math
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Int
from sales.naming import measure_names
from sales.rules.apply import Drawn, Ruled


def rules_document(ruled: Ruled, homes: str, barriers: Drawn | None) -> dict[str, Any] | None:
    """`rules` of plan.json, None where there are none."""
    ids, ground = ruled.identity.ids, ruled.places.ground
    names = measure_names(ground.measures, ground.activity, ground.accounts)
    found: dict[str, Any] = {}
    if ruled.locks.asked:
        found["locks"] = [
            {
                "unit": ground.ids[lock.unit], "territory": ids[lock.territory],
                "account_id": lock.account, "source": lock.source,
            }
            for lock in ruled.locks.asked
        ]  # fmt: skip
    if ruled.locks.closed.any() and ruled.incumbent is not None:
        labels = ruled.incumbent.labels
        found["closed"] = [
            {
                "territory": ids[k],
                "units": [ground.ids[i] for i in np.flatnonzero(labels == k).tolist()],
            }
            for k in np.flatnonzero(ruled.locks.closed).tolist()
        ]
    if ruled.groups:
        found["together"] = [
            {"group": name, "units": [ground.ids[i] for i in members.tolist()]}
            for name, members in zip(ruled.groups.names, ruled.groups.members, strict=True)
        ]
    if ruled.pairs:
        found["apart"] = [
            {"a": a, "b": b, "unit_a": ground.ids[i], "unit_b": ground.ids[j]}
            for (a, b), (i, j) in zip(ruled.pairs.named, ruled.pairs.apart.tolist(), strict=True)
        ]
    if ruled.limits:
        found["limits"] = [
            {
                "measure": names[limit.measure],
                "min": None if math.isnan(limit.low) else limit.low,
                "max": None if math.isnan(limit.high) else limit.high,
            }
            for limit in ruled.limits
        ]
    if ruled.least is not None:
        found["least_territories"] = ruled.least
    if barriers is not None:
        found["barriers"] = {"parted": barriers.parted}
    if homes != "soft":
        found["homes"] = homes
    return found or None


def former_ids(ruled: Ruled) -> list[str]:
    """The id of each of the alignment's territories: the plan's where it lives on."""
    assert ruled.alignment is not None
    held = ruled.alignment.territories
    living = ruled.identity.living(len(held)).tolist()
    taken = set(ruled.identity.ids)
    found: list[str] = []
    for k, territory in enumerate(held):
        if living[k] >= 0:
            found.append(ruled.identity.ids[living[k]])
            continue
        rep = territory.rep.rep_id if territory.rep else ""
        name = territory.territory_id or territory.name or rep
        while name in taken:
            name += " (ended)"
        taken.add(name)
        found.append(name)
    return found


def incumbent_table(ruled: Ruled) -> pd.DataFrame | None:
    """incumbent.csv: for each row of the input (or each unit) what it had, and its weight."""
    if ruled.alignment is None or ruled.holdings is None:
        return None
    ground = ruled.places.ground
    had = ruled.holdings.had.tolist()
    ids = former_ids(ruled)
    reps = [t.rep.rep_id if t.rep else "" for t in ruled.alignment.territories]
    key, names = "unit_id", list(ground.ids)
    if ground.located is not None:
        key, names = "account_id", ground.located.accounts.frame["account_id"].astype(str).tolist()
    return pd.DataFrame(
        {
            key: names,
            "territory_id": [ids[k] if k >= 0 else "" for k in had],
            "rep": [reps[k] if k >= 0 else "" for k in had],
            "weight": ruled.holdings.weight,
        }
    )


def disruption_summary(ruled: Ruled, labels: Int, limit: float | None) -> dict[str, Any] | None:
    """`summary.disruption`: what changes hands, row by row of incumbent.csv; `labels` (n)."""
    held = ruled.holdings
    if ruled.alignment is None or held is None:
        return None
    living = ruled.identity.living(len(ruled.alignment.territories))
    here = held.unit >= 0
    was = np.where(held.had >= 0, living[np.maximum(held.had, 0)], -1)
    now = np.where(here, labels[np.maximum(held.unit, 0)], -1)
    has = here & (was >= 0)
    moved = has & (was != now)
    ended = here & (held.had >= 0) & (was < 0)
    new = here & (held.had < 0)
    total, gone = float(held.weight[has].sum()), float(held.weight[moved].sum())
    count = max(int(has.sum()), 1)
    ids = former_ids(ruled)
    ground = ruled.places.ground
    names = measure_names(ground.measures, ground.activity, ground.accounts)
    return {
        "measure": names[held.measure],
        "accounts": int(moved.sum()),
        "potential": _tidy(gone),
        "share": _tidy(gone / total) if total > 0 else 0.0,
        "account_share": _tidy(int(moved.sum()) / count),
        "of": {"accounts": int(has.sum()), "potential": _tidy(total)},
        "ended": {"accounts": int(ended.sum()), "potential": _tidy(held.weight[ended].sum())},
        "new": {"accounts": int(new.sum()), "potential": _tidy(held.weight[new].sum())},
        "territories": {
            "continued": int((ruled.identity.former >= 0).sum()),
            "new": [
                ruled.identity.ids[k] for k in np.flatnonzero(ruled.identity.former < 0).tolist()
            ],
            "ended": [ids[k] for k in ruled.identity.ended],
        },
        "limit": limit,
    }


def _tidy(value: float) -> float:
    return float(np.round(value, 9))
