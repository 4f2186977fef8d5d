"""`--lock`: accounts and units that stay in a territory, and territories that stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.arrays import Bool, Int32
from geo.errors import InputError
from sales.rules.identity import Identity
from sales.rules.places import Places
from sales.rules.tables import RuleRow, RuleTable, read_rules

LOCK_FIELDS = ("account_id", "unit_id", "territory", "owner")


@dataclass(frozen=True, slots=True)
class Lock:
    """`unit` (index) stays with `territory` (index); `account` that asked for it, or ""."""

    unit: int
    territory: int
    account: str
    source: str


@dataclass(frozen=True, eq=False)
class Locks:
    """`locked` int32 (n), -1 free; `closed` (p); and each lock as asked for."""

    locked: Int32
    closed: Bool
    asked: tuple[Lock, ...]


def read_locks(path: Path, columns: dict[str, str] | None = None) -> RuleTable:
    """Read a table of locks. Raises InputError where it has no column of that kind."""
    return read_rules(path, LOCK_FIELDS, columns)


def resolve_locks(
    table: RuleTable | None,
    homes: Sequence[Lock],
    identity: Identity,
    places: Places,
    incumbent: Int32 | None,
) -> Locks:
    """Find what each row means, with `homes` that are locked too.

    A row with a unit (or account) and a territory (or rep) locks it there; without the latter it
    stays where the `incumbent` (n) has it; a row with only a territory or rep closes that. Raises
    InputError naming row, column and remedy: unknown id or territory, two locks in one unit.
    """
    n, p = len(places.ground.ids), len(identity.ids)
    locked = np.full(n, -1, dtype=np.int32)
    closed = np.zeros(p, dtype=bool)
    asked: list[Lock] = []
    by: dict[int, str] = {}
    for row in table or ():
        assert table is not None
        territory = _territory(table, row, identity)
        if not row.get("account_id", "unit_id"):
            if territory is None or incumbent is None:
                raise InputError(
                    f"{table.at(row, 'territory', 'owner')}: only a territory is named, which"
                    " closes it, and there is no incumbent that says what it has",
                    hint="Give --incumbent, or name the account or unit that is to be locked.",
                )
            closed[territory] = True
            continue
        unit = places.unit(table, row, "account_id", "unit_id")
        if territory is None:
            territory = _where_it_is(table, row, unit, incumbent)
        where = table.at(row, "account_id", "unit_id")
        _add(
            locked, by, Lock(unit, territory, row.get("account_id"), table.source), where, identity
        )
        asked.append(Lock(unit, territory, row.get("account_id"), table.source))
    for lock in homes:
        _add(locked, by, lock, f"the home of {identity.reps[lock.territory].rep_id}", identity)
        asked.append(lock)
    if incumbent is not None:
        _refuse_moves(locked, by, closed, incumbent, identity)
    return Locks(locked, closed, tuple(asked))


def _territory(table: RuleTable, row: RuleRow, identity: Identity) -> int | None:
    territory, owner = row.get("territory"), row.get("owner")
    if not territory and not owner:
        return None
    found = identity.index(territory, owner)
    if found is None:
        field = "territory" if territory else "owner"
        known = ", ".join([*identity.ids[:20], *(r.rep_id for r in identity.reps[:20] if r.rep_id)])
        raise InputError(
            f"{table.at(row, field)}: there is no territory or rep “{territory or owner}”",
            hint=f"There are {known}.",
        )
    return found


def _where_it_is(table: RuleTable, row: RuleRow, unit: int, incumbent: Int32 | None) -> int:
    if incumbent is None or incumbent[unit] < 0:
        raise InputError(
            f"{table.at(row, 'account_id', 'unit_id')}: no territory is named, and the incumbent"
            " has none for it that lives on",
            hint="Fill in the territory or the rep that it is to be locked to.",
        )
    return int(incumbent[unit])


def _add(locked: Int32, by: dict[int, str], lock: Lock, where: str, identity: Identity) -> None:
    before = int(locked[lock.unit])
    if before not in (-1, lock.territory):
        raise InputError(
            f"{where}: locks the same unit to {identity.ids[lock.territory]} that {by[lock.unit]}"
            f" locks to {identity.ids[before]}",
            hint="A unit goes to one territory as a whole: drop one of the two locks, or take a"
            " finer --resolution.",
        )
    locked[lock.unit] = lock.territory
    by.setdefault(lock.unit, where)


def _refuse_moves(
    locked: Int32, by: dict[int, str], closed: Bool, incumbent: Int32, identity: Identity
) -> None:
    """A lock may take no unit out of a closed territory, nor put one in."""
    for k in np.flatnonzero(closed).tolist():
        if not (incumbent == k).any():
            raise InputError(
                f"{identity.ids[k]} is to be closed, and the incumbent gives it nothing",
                hint="Drop its row from the locks: a new territory must grow.",
            )
        moved = (locked >= 0) & (locked != incumbent) & ((incumbent == k) | (locked == k))
        for unit in np.flatnonzero(moved)[:1].tolist():
            raise InputError(
                f"{by[unit]}: the lock would change {identity.ids[k]}, which is closed",
                hint="Drop the lock, or the row that closes the territory.",
            )
