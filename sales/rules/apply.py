"""The rules of a request as they bear on one market: arrays to solve with, facts to report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.arrays import Float, Int
from geo.cells.barriers import barrier_lines, lines_as_geojson, without_crossings
from geo.design.disruption import Kept
from geo.design.problem import Incumbent
from sales.accounts.codes import WHOLE_FILE
from sales.accounts.types import RowIssue
from sales.ground import Ground
from sales.matching import homes_of
from sales.request import DesignRequest
from sales.rules.alignment import Alignment
from sales.rules.groups import (
    Groups,
    Pairs,
    refuse_contradictions,
    resolve_groups,
    resolve_pairs,
)
from sales.rules.homes import home_locks
from sales.rules.identity import Identity, continued, plain_identity
from sales.rules.limits import Limit, limit_arrays
from sales.rules.locks import Lock, Locks, resolve_locks
from sales.rules.places import Places, places_of
from sales.rules.realign import Holdings, Realignment, holdings, realignment


@dataclass(frozen=True, eq=False)
class Ruled:
    """What is fixed in one market of n units and p territories."""

    places: Places
    identity: Identity
    locks: Locks
    groups: Groups | None
    pairs: Pairs | None
    limits: tuple[Limit, ...]
    low: Float | None  # (p, q), as in DesignProblem
    high: Float | None
    homes: Float | None  # (p, 2) latitude and longitude, None where they do not count
    alignment: Alignment | None
    holdings: Holdings | None
    realignment: Realignment | None
    least: int | None  # territories that capacity allows, where asked for
    issues: tuple[RowIssue, ...]

    @property
    def incumbent(self) -> Incumbent | None:
        """What the solver starts from."""
        return self.realignment.incumbent if self.realignment else None

    @property
    def kept(self) -> Kept | None:
        """What is kept where, account by account."""
        return self.realignment.kept if self.realignment else None

    @property
    def binding(self) -> bool:
        """Whether there is any rule but the number and the balance."""
        return bool(
            self.locks.asked or self.locks.closed.any() or self.groups or self.pairs or self.limits
        )


@dataclass(frozen=True, eq=False)
class Drawn:
    """Barriers as drawn: their `lines` as GeoJSON, and how many borders they took away."""

    lines: Mapping[str, Any]
    parted: int


def with_barriers(
    ground: Ground, barriers: Mapping[str, Any] | None
) -> tuple[Ground, Drawn | None]:
    """The ground without borders that a barrier crosses. Raises GeometryError."""
    if barriers is None:
        return ground, None
    lines = barrier_lines(barriers)
    graph, parted, bridges = without_crossings(ground.graph, ground.lat, ground.lng, lines)
    message = f"The barriers part {parted} pairs of neighbouring units"
    if bridges:
        message += f"; {bridges} bridge{'' if bridges == 1 else 's'} join what would be cut off"
    hint = "Bridges are listed in bridges.csv; without them no contiguous plan would cover all."
    issue = RowIssue(WHOLE_FILE, "", "barriers", "barriers_drawn", message, hint)
    ground = replace(ground, graph=graph, issues=(*ground.issues, issue))
    return ground, Drawn(lines_as_geojson(lines), parted)


def apply_rules(
    ground: Ground,
    request: DesignRequest,
    measures: tuple[str, ...],
    activity: Float,
    territories: int | None,
    least: int | None = None,
) -> Ruled:
    """Find what every rule means in this market; `measures` and `activity` (n, q) as the solver's.

    Raises InputError and OptionError for rules that are unknown, contradict each other or cannot
    be kept by any plan.
    """
    places = places_of(ground)
    identity, held, realigned = _identity(places, request, measures, territories)
    p = len(identity.ids)
    homes, issues = _homes(ground, request, identity)
    locks = resolve_locks(
        request.locks, homes, identity, places, realigned.incumbent.labels if realigned else None
    )
    groups = resolve_groups(request.together, places) if request.together else None
    pairs = resolve_pairs(request.apart, places) if request.apart else None
    labels = realigned.incumbent.labels if realigned else None
    refuse_contradictions(groups, pairs, locks.locked, locks.closed, labels)
    limits = request.limits
    if request.capacity is not None:
        limits = (*limits, Limit(measures[0], high=request.capacity))
    low, high = limit_arrays(limits, measures, activity, p)
    return Ruled(
        places, identity, locks, groups,
        pairs,
        limits, low, high,
        homes_of(identity.reps) if request.homes != "off" and identity.reps else None,
        request.incumbent, held, realigned, least,
        (*identity.issues, *issues, *_way(groups, ground)),
    )  # fmt: skip


def _identity(
    places: Places, request: DesignRequest, measures: tuple[str, ...], territories: int | None
) -> tuple[Identity, Holdings | None, Realignment | None]:
    if request.incumbent is None:
        assert territories is not None
        fixed = request.locks is not None or request.homes != "soft"
        return (
            plain_identity(territories, request.reps, fixed=fixed, prefix=request.prefix),
            None,
            None,
        )
    held = holdings(request.incumbent, places, measures[0], request.disruption_by)
    worth = held.worth(len(request.incumbent.territories))
    count = None if request.reps else territories
    identity = continued(request.incumbent, count, request.reps, worth)
    if not request.reps and territories is not None:  # equal targets were asked for
        identity = replace(identity, reps=tuple(replace(r, capacity=1.0) for r in identity.reps))
    realigned = realignment(places, request.incumbent, held, identity, request.max_disruption)
    return identity, held, realigned


def _homes(
    ground: Ground, request: DesignRequest, identity: Identity
) -> tuple[tuple[Lock, ...], list[RowIssue]]:
    if request.homes != "hard":
        return (), []
    return home_locks(ground, identity.reps)


def _way(groups: Groups | None, ground: Ground) -> tuple[RowIssue, ...]:
    """A remark where a group takes in more units than were asked for."""
    if groups is None:
        return ()
    asked: Int = np.unique(np.concatenate([np.empty(0, np.int64), *groups.members]))
    more = int((groups.together >= 0).sum()) - len(asked)
    if not more:
        return ()
    message = f"The keep-together groups take in {more} more of {len(ground.ids)} units, the"
    message += " shortest way between their members"
    hint = "A territory is in one piece, so whatever holds the group holds a way between them."
    return (RowIssue(WHOLE_FILE, "", "together", "group_grown", message, hint),)
