"""What of the rules a plan does not keep, as `violations` of plan.json lists it."""

from collections.abc import Mapping, Sequence
from typing import Any


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
