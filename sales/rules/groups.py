"""`--together` and `--apart`: accounts or units that share a territory, or must not."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.arrays import Bool, Int, Int32
from geo.design.contract import connected_groups
from geo.errors import InputError
from sales.rules.places import Places
from sales.rules.tables import RuleTable, read_rules


@dataclass(frozen=True, eq=False)
class Groups:
    """`together` int32 (n), each group connected, -1 for none; `names` of the groups asked for, and
    the `members` (indices of units) of each as asked."""

    together: Int32
    names: tuple[str, ...]
    members: tuple[Int, ...]


@dataclass(frozen=True, eq=False)
class Pairs:
    """`apart` (m, 2) units, and the ids by which each pair was named."""

    apart: Int
    named: tuple[tuple[str, str], ...]


def read_groups(path: Path, columns: dict[str, str] | None = None) -> RuleTable:
    """Read a table with `account_id` or `unit_id` and `group`. Raises InputError."""
    table = read_rules(path, ("account_id", "unit_id", "group"), columns)
    if "group" not in table.headers or len(table.headers) < 2:
        raise InputError(
            f"{path.name} needs a column with the account or unit, and one with its group",
            hint="Call them account_id (or unit_id) and group.",
        )
    return table


def read_pairs(path: Path, columns: dict[str, str] | None = None) -> RuleTable:
    """Read a table with `account_a` and `account_b` (or `unit_a`, `unit_b`). Raises InputError."""
    table = read_rules(path, ("account_a", "account_b", "unit_a", "unit_b"), columns)
    if not ({"account_a", "unit_a"} & table.headers.keys()) or not (
        {"account_b", "unit_b"} & table.headers.keys()
    ):
        raise InputError(
            f"{path.name} needs two columns, one for each of a pair",
            hint="Call them account_a and account_b, or unit_a and unit_b.",
        )
    return table


def resolve_groups(table: RuleTable, places: Places) -> Groups:
    """The groups as units, each grown until it is connected. Raises InputError for unknown ids."""
    ground = places.ground
    members: dict[str, set[int]] = {}
    for row in table:
        name = row.get("group")
        if name:
            unit = places.unit(table, row, "account_id", "unit_id")
            members.setdefault(name, set()).add(unit)
    asked = np.full(len(ground.ids), -1, dtype=np.int32)
    one = {name: at for at, name in enumerate(members)}
    for name, units in members.items():
        # Groups that share a unit are one.
        met = {int(asked[unit]) for unit in units} - {-1}
        for unit in units:
            asked[unit] = one[name]
        for other in met:
            asked[asked == other] = one[name]
    grown = connected_groups(ground.graph, ground.lat, ground.lng, asked)
    return Groups(
        grown,
        tuple(members),
        tuple(np.array(sorted(units), dtype=np.int64) for units in members.values()),
    )


def resolve_pairs(table: RuleTable, places: Places) -> Pairs:
    """The pairs as units. Raises InputError for unknown ids, and where both are in one unit."""
    pairs: list[tuple[int, int]] = []
    named: list[tuple[str, str]] = []
    for row in table:
        a = places.unit(table, row, "account_a", "unit_a")
        b = places.unit(table, row, "account_b", "unit_b")
        if a == b:
            raise InputError(
                f"{table.at(row, 'account_b', 'unit_b')}: both of the pair lie in the unit"
                f" {places.ground.ids[a]}, which goes to one territory as a whole",
                hint="Take a finer --resolution, or drop the pair.",
            )
        pairs.append((a, b))
        named.append((row.get("account_a", "unit_a"), row.get("account_b", "unit_b")))
    return Pairs(np.array(pairs, dtype=np.int64).reshape(-1, 2), tuple(named))


def refuse_contradictions(
    groups: Groups | None, pairs: Pairs | None, locked: Int32, closed: Bool, incumbent: Int32 | None
) -> None:
    """Raise InputError for groups and pairs that locks and closed territories make impossible.

    `locked` (n), `closed` (p), `incumbent` labels (n) as the solver takes them.
    """
    for a, b in pairs.apart.tolist() if pairs else ():
        if locked[a] >= 0 and locked[a] == locked[b]:
            assert pairs is not None
            one, other = pairs.named[pairs.apart.tolist().index([a, b])]
            raise InputError(
                f"{one} and {other} are to be kept apart and are both locked to one territory",
                hint="Drop the pair, or one of the two locks.",
            )
    if groups is None or incumbent is None:
        return
    for name, members in zip(groups.names, groups.members, strict=True):
        whole = np.flatnonzero(groups.together == groups.together[members[0]])
        owners = set(incumbent[whole].tolist())
        if len(owners) > 1 and any(k >= 0 and closed[k] for k in owners):
            raise InputError(
                f"the group {name} reaches over the border of a territory that is closed",
                hint="Drop the group, or the lock that closes the territory. A group takes in the"
                " units on the shortest way between its members.",
            )
