"""A segment covered by list: its accounts dealt out to reps, wherever they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int
from geo.errors import InputError
from sales.accounts.identity import canonical_id
from sales.roster import Rep
from sales.rules.identity import numbered
from sales.segments.members import Members
from sales.segments.model import Model, Segment


@dataclass(frozen=True, eq=False)
class Dealt:
    """A list's territories: `ids`, `names`, `reps` (p, or none). `rows` and `territory` of each."""

    segment: Segment
    ids: tuple[str, ...]
    names: tuple[str, ...]
    reps: tuple[Rep, ...]
    capacity: Float
    rows: Int
    territory: Int


def deal(model: Model, at: int, members: Members, reps: tuple[Rep, ...], worth: Float) -> Dealt:
    """Give each family of segment `at` to the rep it is named to, else where most room is left.

    The largest go first, to whom has least of `worth` (n) for the capacity. Raises InputError where
    there are more territories than accounts.
    """
    segment, rows = model.segments[at], members.rows(at)
    p = len(reps) if reps else segment.territories or 0
    if len(rows) < p:
        raise InputError(
            f"{model.source}, segment {segment.id!r}: {len(rows)} accounts are too few for {p} "
            f"{'reps' if reps else 'territories'}",
            hint="Give it fewer, or let it take more accounts.",
        )
    capacity = np.array([rep.capacity for rep in reps]) if reps else np.ones(p)
    heads, family = np.unique(members.families.head[rows], return_inverse=True)
    total = np.bincount(family, worth[rows], len(heads))
    territory = _named(segment, members, heads, reps)
    load = np.bincount(territory[territory >= 0], total[territory >= 0], p)
    count = np.bincount(territory[territory >= 0], minlength=p)
    for k in np.argsort(-total, kind="stable").tolist():
        if territory[k] < 0:
            # Of equally full ones whoever has fewer accounts, then the first.
            to = int(np.lexsort((count / capacity, load / capacity))[0])
            territory[k] = to
            load[to] += total[k]
            count[to] += 1
    ids = tuple(f"{segment.id}-{numbered(k + 1, p)}" for k in range(p))
    names = tuple(f"{segment.name}: {reps[k].name if reps else k + 1}" for k in range(p))
    return Dealt(segment, ids, names, reps, capacity, rows, territory[family])


def _named(segment: Segment, members: Members, heads: Int, reps: Sequence[Rep]) -> Int:
    """The territory of each family whose head is named to a rep, −1 for the others."""
    by_rep = {rep.name: k for k, rep in enumerate(reps)} | {
        rep.rep_id: k for k, rep in enumerate(reps)
    }
    to = {
        canonical_id(entry.account_id): by_rep[entry.rep]
        for entry in reversed(segment.listed)
        if entry.rep
    }
    return np.array([to.get(members.facts.keys[h], -1) for h in heads.tolist()], dtype=np.int64)
