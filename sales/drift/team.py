"""The team and the calendar: headcount, territories without a rep, and the plan's age."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sales.drift.alerts import Alert, Where
from sales.drift.thresholds import Thresholds
from sales.roster import Rep


def team_alerts(
    document: Mapping[str, Any], reps: tuple[Rep, ...], limits: Thresholds, where: Where
) -> list[Alert]:
    """Headcount against the plan's, and whose territory has lost its rep."""
    held = {r["rep_id"]: r for r in document["reps"] if r["rep_id"]}
    if not held:
        return []
    found: list[Alert] = []
    ids = {r.rep_id for r in reps}
    joined, left = sorted(ids - set(held)), sorted(set(held) - ids)
    then, now = len(held), len(ids)
    change = (now - then) / then
    exchanged = (len(joined) + len(left)) / then
    if abs(change) >= limits.headcount_watch - 1e-9:
        act = abs(change) >= limits.headcount_act - 1e-9
        found.append(Alert(
            "headcount", "act" if act else "watch", "", then, now, change,
            limits.headcount_act if act else limits.headcount_watch,
            f"{then} reps when the plan was made, {now} now: {change:+.0%}"
            f" ({len(joined)} joined, {len(left)} left)",
            "Draw territories for the team that there is" if act
            else "See how even a plan gets for how much disruption, and decide",
            where.design() if act else where.front(),
        ))  # fmt: skip
    elif exchanged >= limits.headcount_act - 1e-9:
        found.append(Alert(
            "headcount", "watch", "", then, now, exchanged, limits.headcount_act,
            f"{then} reps when the plan was made, {now} now, but {len(joined)} joined and"
            f" {len(left)} left: {exchanged:.0%} of the team is another",
            "See that each newcomer has a territory, and each territory a rep", where.front(),
        ))  # fmt: skip
    for rep in left:
        own = held[rep]
        territory = own["territory"]
        found.append(Alert(
            "vacancy", "act", territory, 1, 0, -1.0, 0.0,
            f"{own['name'] or rep} is no longer on the roster: territory {territory} has no rep",
            "Give it to a newcomer, or share it out among the neighbours",
            where.design(),
        ))  # fmt: skip
    return found


def age_alerts(since: date, today: date, limits: Thresholds, where: Where) -> list[Alert]:
    """Whether a quarter or a year has passed."""
    months = (today.year - since.year) * 12 + today.month - since.month
    months -= today.day < since.day
    words = f"the plan is of {since.isoformat()}, {months} months before {today.isoformat()}"
    if limits.year_months and months >= limits.year_months:
        return [Alert(
            "time", "act", "", 0, months, months, limits.year_months, f"A year has passed: {words}",
            "Review the whole plan: score, size, and design anew from the plan in force",
            where.design(),
        )]  # fmt: skip
    if limits.quarter_months and months >= limits.quarter_months:
        return [Alert(
            "time", "watch", "", 0, months, months, limits.quarter_months,
            f"A quarter has passed: {words}",
            "Adjust at the edges: see which balance a small budget of moves buys", where.front(),
        )]  # fmt: skip
    return []
