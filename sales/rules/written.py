"""How plan.json lists the rules in force, and what of them is not kept."""

import math
from collections.abc import Mapping, Sequence
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


def rule_violations(
    rules: Mapping[str, Any],
    owner: Mapping[str, str],
    territories: Sequence[Mapping[str, Any]],
    disruption: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """What plan.json lists of rules that the plan does not keep; `owner` unit → territory id."""
    found = [_lock(lock, owner.get(lock["unit"], "none")) for lock in rules.get("locks", ())]
    units: dict[str, list[str]] = {}
    for unit, territory in owner.items() if rules.get("closed") else ():
        units.setdefault(territory, []).append(unit)
    found += [
        _closed(entry, units.get(entry["territory"], [])) for entry in rules.get("closed", ())
    ]
    found += [_together(entry, owner) for entry in rules.get("together", ())]
    found += [_apart(pair, owner) for pair in rules.get("apart", ())]
    found += [_limit(limit, t) for limit in rules.get("limits", ()) for t in territories]
    if disruption is not None and disruption["limit"] is not None:
        found.append(_disruption(disruption))
    return [entry for entry in found if entry is not None]


def _entry(
    kind: str, territory: str, value: float, limit: float, message: str, measure: str = ""
) -> dict[str, Any]:
    return {
        "kind": kind, "territory": territory, "measure": measure, "value": value, "limit": limit,
        "message": message,
    }  # fmt: skip


def _lock(lock: Mapping[str, Any], owner: str) -> dict[str, Any] | None:
    if owner == lock["territory"]:
        return None
    what = f"account {lock['account_id']}" if lock["account_id"] else f"unit {lock['unit']}"
    message = f"{what} is locked to {lock['territory']} ({lock['source']}) and is in {owner}"
    return _entry("lock", lock["territory"], 1, 0, message)


def _closed(entry: Mapping[str, Any], now: Sequence[str]) -> dict[str, Any] | None:
    changed = len(set(entry["units"]) ^ set(now))
    message = f"{entry['territory']} is closed, and {changed} units were gained or lost"
    return _entry("closed", entry["territory"], changed, 0, message) if changed else None


def _together(entry: Mapping[str, Any], owner: Mapping[str, str]) -> dict[str, Any] | None:
    where = sorted({owner.get(unit, "none") for unit in entry["units"]})
    message = f"group {entry['group']} is to be kept together and is in {', '.join(where)}"
    return _entry("together", where[0], len(where), 1, message) if len(where) > 1 else None


def _apart(pair: Mapping[str, Any], owner: Mapping[str, str]) -> dict[str, Any] | None:
    both = owner.get(pair["unit_a"], "none")
    if both != owner.get(pair["unit_b"], "none"):
        return None
    message = f"{pair['a']} and {pair['b']} are to be kept apart and are both in {both}"
    return _entry("apart", both, 1, 0, message)


def _limit(limit: Mapping[str, Any], territory: Mapping[str, Any]) -> dict[str, Any] | None:
    value, name = territory[limit["measure"]], limit["measure"]
    for bound, word, outside in (
        (limit["min"], "least", limit["min"] is not None and value < limit["min"]),
        (limit["max"], "most", limit["max"] is not None and value > limit["max"]),
    ):
        if outside:
            allowed = f"{word} allowed: {_amount(bound)}"
            message = f"{territory['name']} has {_amount(value)} of {name}; {allowed}"
            return _entry("limit", territory["id"], value, bound, message, name)
    return None


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"


def _disruption(disruption: Mapping[str, Any]) -> dict[str, Any] | None:
    share, limit = disruption["share"], disruption["limit"]
    if share <= limit:
        return None
    message = f"{share:.2%} of {disruption['measure']} changes hands (allowed: {limit:.2%})"
    return _entry("disruption", "", share, limit, message, disruption["measure"])


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
    return {
        "measure": held.measure,
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
