"""Who the territories of the new plan are, before they are designed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int
from sales.accounts.codes import WHOLE_FILE
from sales.accounts.types import RowIssue
from sales.roster import Rep
from sales.rules.alignment import Alignment, Held

VACANT = Rep("", "", 1.0)


@dataclass(frozen=True, eq=False)
class Identity:
    """p territories: `ids`, `names` ("" where the ground shall name it), `reps` (p, or none).

    `former` (p): the territory of the alignment that each one continues, -1 for a new one.
    `ended`: the alignment's territories that nobody continues. `fixed`: territory k of the problem
    is this k, whatever its place.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    reps: tuple[Rep, ...]
    former: Int
    ended: tuple[int, ...]
    fixed: bool
    issues: tuple[RowIssue, ...] = ()

    def index(self, territory: str, rep: str) -> int | None:
        """The territory of that id (or name) or of that rep (id or name); None where unknown."""
        for wanted, known in (
            (territory, self.ids), (territory, self.names),
            (rep, [r.rep_id for r in self.reps]), (rep, [r.name for r in self.reps]),
        ):  # fmt: skip
            if wanted and list(known).count(wanted) == 1:
                return list(known).index(wanted)
        return None

    def living(self, territories: int) -> Int:
        """For each of the alignment's territories the one that continues it, -1 where ended."""
        found = np.full(territories, -1, dtype=np.int64)
        there = self.former >= 0
        found[self.former[there]] = np.flatnonzero(there)
        return found


def plain_identity(p: int, reps: tuple[Rep, ...], *, fixed: bool, prefix: str = "") -> Identity:
    """Territories of a plan without a predecessor; `prefix` begins their ids."""
    return Identity(
        tuple(prefix + numbered(k + 1, p) for k in range(p)), ("",) * p, reps,
        np.full(p, -1, dtype=np.int64), (), fixed,
    )  # fmt: skip


def continued(alignment: Alignment, p: int | None, reps: tuple[Rep, ...], worth: Float) -> Identity:
    """Territories that continue those of the alignment, by rep where `reps` are given, else by id.

    `p` None keeps their number. Without reps the least of `worth` (K) end where there are too
    many; with reps those end whose rep left. Whoever is new gets a new id.
    """
    held = alignment.territories
    if reps:
        former = _by_rep(held, reps)
    else:
        count = len(held) if p is None else p
        order = np.lexsort((np.arange(len(held)), -worth))
        stay = sorted(order[:count].tolist())
        former = np.array([*stay, *[-1] * (count - len(stay))], dtype=np.int64)
    ids, names = _labels(held, former)
    if not reps and any(held[k].rep for k in former.tolist() if k >= 0):
        reps = tuple((held[k].rep if k >= 0 else None) or VACANT for k in former.tolist())
    ended = tuple(sorted(set(range(len(held))) - set(former.tolist())))
    return Identity(ids, names, reps, former, ended, True, _told(alignment, ended, former, ids))


def _by_rep(held: Sequence[Held], reps: tuple[Rep, ...]) -> Int:
    """The alignment's territory of each rep: by the rep's id, then name, then its own name."""
    left = set(range(len(held)))
    former = np.full(len(reps), -1, dtype=np.int64)
    ways = (
        lambda h, r: h.rep is not None and h.rep.rep_id == r.rep_id,
        lambda h, r: h.rep is not None and _same(h.rep.name, r.name),
        lambda h, r: h.rep is not None and _same(h.rep.rep_id, r.name),
        lambda h, r: h.rep is None and (_same(h.territory_id, r.rep_id) or _same(h.name, r.name)),
    )
    for way in ways:
        for k, rep in enumerate(reps):
            found = [at for at in sorted(left) if former[k] < 0 and way(held[at], rep)]
            if len(found) == 1:
                former[k] = found[0]
                left.remove(found[0])
    return former


def _same(a: str, b: str) -> bool:
    return bool(a) and a.casefold() == b.casefold()


def _labels(held: Sequence[Held], former: Int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    taken = {h.territory_id for h in held if h.territory_id}
    ids: list[str] = []
    number = 0
    for k in former.tolist():
        name = held[k].territory_id if k >= 0 else ""
        while not name or (k < 0 and name in taken) or name in ids:
            number += 1
            candidate = numbered(number, len(former))
            name = "" if candidate in taken else candidate
        ids.append(name)
    names = tuple(held[k].name if k >= 0 else "" for k in former.tolist())
    return tuple(ids), names


def numbered(k: int, p: int) -> str:
    """The id of territory `k` of `p`."""
    return f"T{k:0{max(2, len(str(p)))}d}"


def _told(
    alignment: Alignment, ended: tuple[int, ...], former: Int, ids: tuple[str, ...]
) -> tuple[RowIssue, ...]:
    hint = "See to it that this is meant; ids and names must be written as in the incumbent."
    issues = []
    if ended:
        names = ", ".join(_called(alignment.territories[k]) for k in ended[:20])
        issues.append(
            RowIssue(
                WHOLE_FILE, "", "incumbent", "territory_ended", f"Nobody continues: {names}", hint
            )
        )
    if (former < 0).any():
        names = ", ".join(ids[k] for k in np.flatnonzero(former < 0)[:20].tolist())
        issues.append(
            RowIssue(
                WHOLE_FILE,
                "",
                "incumbent",
                "territory_new",
                f"New, and empty at first: {names}",
                hint,
            )
        )
    return tuple(issues)


def _called(held: Held) -> str:
    return held.territory_id or held.name or (held.rep.rep_id if held.rep else "?")
