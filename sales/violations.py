"""What is out of tolerance or in pieces, and how plan.json says so."""

from collections.abc import Mapping, Sequence
from typing import Any


def balance_violation(
    territory: Mapping[str, Any],
    measure: str,
    limit: float,
    granularity: Sequence[Mapping[str, Any]],
    cruxes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any] | None:
    """The entry for a territory (as in plan.json) whose deviation exceeds `limit`, else None.

    `granularity` and `cruxes` of the certificate say whether the heaviest unit alone, or the
    heaviest units of one neighbourhood, make it unavoidable.
    """
    deviation = territory["deviations"][measure]
    if abs(deviation) <= limit:
        return None
    why = ""
    for entry in granularity:
        least = entry["least_max_deviation"]
        if measure == entry["measure"] and least > limit:
            share = entry["share_of_target"]
            why = (
                f"; {heaviest_part(entry)} is {share:.0%} of a target,"
                f" which alone makes {least:.1%} unavoidable"
            )
    for entry in cruxes:
        if not why and measure == entry["measure"] and entry["least_max_deviation"] > limit:
            why = (
                f"; the {len(entry['units'])} units about {crux_unit(entry)} are so heavy that no"
                f" plan keeps every territory within less than {entry['least_max_deviation']:.1%}"
            )
    return {
        "kind": "balance",
        "territory": territory["id"],
        "measure": measure,
        "value": deviation,
        "limit": limit,
        "message": f"{territory['name']} is {deviation:+.1%} from its target of {measure}"
        f" (allowed: {limit:.1%}){why}",
    }


def crux_unit(crux: Mapping[str, Any]) -> str:
    """The unit that a crux turns upon: the one of the highest price."""
    prices = crux["prices"]
    return str(crux["units"][prices.index(max(prices))])


def heaviest_part(granularity: Mapping[str, Any]) -> str:
    """What the heaviest unit is, in words: an account by its id, accounts by their number."""
    unit, accounts = f"unit {granularity['heaviest_unit']}", granularity["accounts"]
    if accounts == 1 and granularity["account"]:
        return f"account {granularity['account']} ({unit})"
    if accounts > 1 and granularity["positions"] == 1:
        return f"the pile of {accounts:,} accounts at one position ({unit})"
    if accounts > 1:
        return f"{unit} with {accounts:,} accounts"
    return unit


def contiguity_violation(territory: Mapping[str, Any], pieces: int) -> dict[str, Any] | None:
    """The entry for a territory that is in several `pieces`, else None."""
    if pieces == 1:
        return None
    return {
        "kind": "contiguity",
        "territory": territory["id"],
        "measure": "",
        "value": pieces,
        "limit": 1,
        "message": f"{territory['name']} is in {pieces} pieces",
    }


def violations(
    territories: Sequence[Mapping[str, Any]],
    tolerance: Mapping[str, float],
    granularity: Sequence[Mapping[str, Any]],
    pieces: Sequence[int],
    cruxes: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """All entries, by measure and territory; `pieces` of each territory."""
    found = [
        balance_violation(territory, measure, limit, granularity, cruxes)
        for measure, limit in tolerance.items()
        for territory in territories
    ]
    found += [contiguity_violation(t, count) for t, count in zip(territories, pieces, strict=True)]
    return [entry for entry in found if entry is not None]
