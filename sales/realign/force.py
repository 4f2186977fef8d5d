"""The rules of a plan that stay in force in a scenario, as a request states them."""

import math
from dataclasses import dataclass

from sales.plan import PlanBundle
from sales.rules.limits import Limit
from sales.rules.tables import RuleTable, rules_of


@dataclass(frozen=True)
class InForce:
    """Tables as a request takes them; None and empty where there are none."""

    locks: RuleTable | None
    together: RuleTable | None
    apart: RuleTable | None
    limits: tuple[Limit, ...]


def in_force(bundle: PlanBundle, staying: set[str]) -> InForce:
    """Locks to territories that are `staying`, closed ones among them, groups, pairs and limits."""
    rules = bundle.document.get("rules") or {}
    locks = [
        {"unit_id": lock["unit"], "territory": lock["territory"]}
        for lock in rules.get("locks", ())
        if lock["territory"] in staying
    ]
    locks += [
        {"territory": entry["territory"]}
        for entry in rules.get("closed", ())
        if entry["territory"] in staying
    ]
    together = [
        {"unit_id": unit, "group": entry["group"]}
        for entry in rules.get("together", ())
        for unit in entry["units"]
    ]
    apart = [
        {"unit_a": pair["unit_a"], "unit_b": pair["unit_b"]} for pair in rules.get("apart", ())
    ]
    limits = tuple(
        Limit(
            entry["measure"],
            math.nan if entry["min"] is None else entry["min"],
            math.nan if entry["max"] is None else entry["max"],
        )
        for entry in rules.get("limits", ())
    )
    source = "the rules of the plan"
    return InForce(
        rules_of(source, locks), rules_of(source, together), rules_of(source, apart), limits
    )
