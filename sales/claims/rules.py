"""Claims about rules: each is about units and territories of the plan, and barriers part borders.

Whether the plan keeps them is among the violations.
"""

import math
from collections.abc import Iterator

from geo import check
from sales.claims.facts import Facts, barriers_of


def in_force(plan: Facts) -> Iterator[str]:
    """Every unit, account and territory that a rule names is there, and means what is said."""
    known, names = set(plan.ids), set(plan.names)
    rules = plan.rules
    named = [lock["unit"] for lock in rules.get("locks", ())]
    named += [unit for entry in rules.get("closed", ()) for unit in entry["units"]]
    named += [unit for entry in rules.get("together", ()) for unit in entry["units"]]
    named += [pair[end] for pair in rules.get("apart", ()) for end in ("unit_a", "unit_b")]
    for unit in named:
        if unit not in known:
            yield f"a rule names the unit {unit!r}, which is not in the plan"
            return
    for entry in (*rules.get("locks", ()), *rules.get("closed", ())):
        if entry["territory"] not in names:
            yield f"a rule names {entry['territory']!r}, which is no territory of the plan"
    yield from _accounts(plan)
    yield from _barriers(plan)
    yield from _number(plan)


def _accounts(plan: Facts) -> Iterator[str]:
    table = plan.bundle.assignments
    cell = dict(zip(table["account_id"], table["cell"], strict=True))
    pairs = [(lock["account_id"], lock["unit"]) for lock in plan.rules.get("locks", ())]
    if not len(table):
        return
    for pair in plan.rules.get("apart", ()):
        pairs += [(pair["a"], pair["unit_a"]), (pair["b"], pair["unit_b"])]
    for account, unit in pairs:
        if account in cell and cell[account] != unit:
            yield f"a rule has account {account} in unit {unit}, and it is in {cell[account]}"


def _barriers(plan: Facts) -> Iterator[str]:
    stated = plan.rules.get("barriers")
    if stated is None or plan.bundle.barriers is None:
        return
    lines = barriers_of(plan.bundle.barriers)
    if plan.polygons:
        for a, b in check.crossing(*plan.positions, plan.borders, lines)[:1]:
            yield f"units {plan.ids[a]} and {plan.ids[b]} touch across a barrier"
    elif len(plan.parted) != stated["parted"]:
        yield f"the barriers part {len(plan.parted)} borders, not {stated['parted']}"


def _number(plan: Facts) -> Iterator[str]:
    """The least number of territories is the total over the capacity, rounded up."""
    least = plan.rules.get("least_territories")
    if least is None:
        return
    most = [
        entry["max"]
        for entry in plan.rules.get("limits", ())
        if entry["measure"] == plan.measures[0] and entry["max"]
    ]
    if not most:
        yield "a least number of territories is stated, and no capacity"
        return
    ratio = float(plan.weight.sum()) / most[-1]
    if max(1, math.ceil(ratio - 1e-9 * max(1.0, ratio))) != least:
        yield f"capacity asks for at least {math.ceil(ratio)} territories, not {least}"
    if least > len(plan.names):
        yield f"at least {least} territories are needed, and there are {len(plan.names)}"
