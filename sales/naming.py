"""Names that people recognise, of territories and measures."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from geo.arrays import Float, Int

# The keys of a territory in plan.json and the columns of the table of units.
_TAKEN = {
    "id", "name", "rep", "rep_name", "target", "deviation", "deviations", "accounts", "cells",
    "contiguous", "center", "cell", "unit_id", "territory_id",
}  # fmt: skip


def name_territories(
    cities: Sequence[str], worth: Float, territory: Int, territories: int
) -> list[str]:
    """A unique name for each territory, from its accounts' `cities`, `worth` and `territory`.

    "Houston" where one territory has Houston as its most valuable city, "Houston 1", "Houston 2"
    where several have; "Territory 7" where no account names a city. `territory` is -1 for none.
    """
    value: list[dict[str, float]] = [defaultdict(float) for _ in range(territories)]
    spelling: dict[str, Counter[str]] = defaultdict(Counter)
    for city, weight, k in zip(cities, worth.tolist(), territory.tolist(), strict=True):
        key = " ".join(city.split()).casefold()
        if k >= 0 and key:
            value[k][key] += weight
            spelling[key][_tidy(city)] += 1
    chosen = [max(v, key=lambda key: (v[key], key)) if v else "" for v in value]
    count = Counter(chosen)
    used: set[str] = set()
    names = []
    for k, key in enumerate(chosen):
        best = "Territory"
        if key:
            best = max(spelling[key].items(), key=lambda item: (item[1], item[0]))[0]
        number = 1 if key else k + 1
        name = best if count[key] == 1 and key else f"{best} {number}"
        while name.casefold() in used:  # a city may be called "Springfield 2"
            number += 1
            name = f"{best} {number}"
        used.add(name.casefold())
        names.append(name)
    return names


def kept_names(kept: Sequence[str], found: Sequence[str]) -> list[str]:
    """The names that stand, and the found ones where none does, told apart by a number."""
    used = {name.casefold() for name in kept if name}
    names = []
    for old, new in zip(kept, found, strict=True):
        name, number = old or new, 1
        while not old and name.casefold() in used:
            number += 1
            name = f"{new} ({number})"
        used.add(name.casefold())
        names.append(name)
    return names


def measure_names(measures: Sequence[str], activity: Float, accounts: Int) -> dict[str, str]:
    """Measure → its name in a plan's files, for `activity` (n, q) and the units' `accounts` (n).

    A measure called like a key that stands there already, "target" say, is written
    "target (measure)"; `accounts` may keep its name where it says what that key says.
    """
    names: dict[str, str] = {}
    for j, name in enumerate(measures):
        written = name
        counts = name == "accounts" and np.array_equal(activity[:, j], accounts)
        while (written in _TAKEN and not counts) or written in names.values():
            written += " (measure)"
        names[name] = written
    return names


def _tidy(city: str) -> str:
    city = " ".join(city.split())
    return city.title() if city.isupper() or city.islower() else city
