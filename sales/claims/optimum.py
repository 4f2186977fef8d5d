"""Claims about the optimum: its value is derived anew, its bound only compared.

That no plan is better follows from a search that would have to be run again; files cannot show it.
"""

from collections.abc import Iterator

import numpy as np

from geo import check
from sales.claims.facts import Facts, same


def exact(plan: Facts) -> Iterator[str]:
    """The value is the plan's, not below its bound, and the words fit the numbers."""
    claim = plan.document["certificate"]["exact"]
    status, value, bound = claim["status"], claim["value"], claim["bound"]
    if status != plan.document["provenance"]["stop_reason"]:
        yield f"the search ended with {plan.document['provenance']['stop_reason']!r}, not {status}"
    if claim["proven"] != (status in ("optimal", "infeasible")):
        yield f"{status} is said to be proven: {claim['proven']}"
    if claim["measure"] != plan.measures[0]:
        yield f"the optimum is that of {claim['measure']!r}, not of {plan.measures[0]!r}"
    if status in ("infeasible", "unknown"):
        if value is not None or claim["gap"] is not None:
            yield f"a value is stated, though the search ended with {status}"
        if not plan.document["violations"]:
            yield "the plan is within tolerance, and it is said that none was found"
        return
    if plan.document["violations"]:
        yield "a plan out of tolerance is called a solution"
    found = _value(plan, claim["objective"])
    if value is None or not same(found, value):
        yield f"{claim['objective']} is {found}, not {value}"
        return
    if bound is not None and bound > value * (1 + 1e-9):
        yield f"the bound {bound} exceeds the value {value}: one of them is wrong"
    if status == "optimal" and (bound != value or claim["gap"] != 0):
        yield "it is called optimal, and there is a gap"
    if status == "gap":
        gap = value / bound - 1 if bound else None
        if (gap is None) != (claim["gap"] is None) or not same(gap or 0.0, claim["gap"] or 0.0):
            yield f"the gap is {gap}, not {claim['gap']}"


def _value(plan: Facts, objective: str) -> float:
    if objective == "cut_edges":
        return float(sum(plan.owner[a] != plan.owner[b] for a, b in plan.borders | plan.bridges))
    lat, lng = plan.positions
    lat, lng = np.round(lat, 7), np.round(lng, 7)
    return check.hess_inertia(lat, lng, plan.weight, plan.labels)
