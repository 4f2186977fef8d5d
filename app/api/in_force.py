"""What routing goes by, kept in memory: the plan in force, the rules, the owners by name.

Answers promise to know of a change that another process made after one second, and of one made by
this process at once: every transaction committed here is counted, and a count that has moved makes
the next request look again. To look is to read two rows.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import plans, routing_rules
from app.store.database import Database
from app.store.tables import Plan, RoutingPulse
from geo.errors import BailiwickError, ConflictError
from sales.lookup import Lookup
from sales.owners import Outside, Overrides
from sales.routing_rules import World

STALE_S: Final = 1.0
_LOOK_AGAIN_S: Final = 0.4  # in the background, so that nobody waits for it


@dataclass(frozen=True)
class Force:
    """One consistent state; a call that goes by it never mixes two."""

    plan_id: str
    version: int
    state: str
    beats: int
    lookup: Lookup
    outside: Outside
    rules_version: int
    overrides: Overrides

    @property
    def notice(self) -> str:
        """A remark on the plan; empty where it is published."""
        if self.state == "published":
            return ""
        return "No plan is published: this is the newest one, which is not in force."

    def world(self) -> World:
        """What decides now."""
        return World(self.lookup, self.outside, self.overrides, datetime.now(UTC))


class InForce:
    """Holds the state and looks again in time."""

    def __init__(
        self,
        database: Database,
        lookup: Callable[[Plan], Lookup],
        activate: Callable[[], None],
    ) -> None:
        """Nothing is read yet; `activate` puts in force what is due."""
        self._database, self._lookup, self._activate = database, lookup, activate
        self._lock = threading.Lock()
        self._force: Force | None = None
        self._looked_at, self._writes = -1e9, -1
        # A thread of its own: a queue of uploads must not delay the look.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="in-force")
        self._looking = False

    def glance(self) -> Force | None:
        """The state if it is fresh, without ever waiting; None where it must be looked at."""
        age = time.monotonic() - self._looked_at
        if self._writes != self._database.writes or age > STALE_S:
            return None
        if age > _LOOK_AGAIN_S and not self._looking:
            self._looking = True
            self._thread.submit(self._look_quietly)
        return self._force

    def get(self) -> Force:
        """The state, looked at now if it is not fresh; raises ConflictError without any plan."""
        force = self.glance()
        if force is None:
            with self._lock:
                force = self.glance() or self._look()
        return force

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _look_quietly(self) -> None:
        try:
            with suppress(BailiwickError), self._lock:  # whoever asks next gets it said
                self._look()
        finally:
            self._looking = False

    def _look(self) -> Force:
        self._activate()
        writes, moment = self._database.writes, time.monotonic()
        with self._database.read() as session:
            plan = plans.in_force(session)
            if plan is None:
                raise ConflictError(
                    "there is no plan yet that could say whose a point is",
                    hint="Make one with POST /v1/plans and publish it.",
                )
            force = self._read(session, plan)
        self._force, self._looked_at, self._writes = force, moment, writes
        return force

    def _read(self, session: Session, plan: Plan) -> Force:
        beats = session.scalars(sa.select(RoutingPulse.beats)).one()
        held = self._force
        version = plans.version_in_force(plan)
        if held is not None and held.beats == beats:
            if (held.plan_id, held.version, held.state) == (plan.id, version, plan.state):
                return held
            rules = held.rules_version, held.outside
            overrides = held.overrides
        else:
            rules, overrides = routing_rules.current(session), routing_rules.overrides_of(session)
        lookup = self._lookup(plan)
        if rules[1].rule == "nearest":
            for layer in lookup.layers.values():
                _ = layer.nearest
            _ = lookup.nearest  # made now, not by the request that needs it first
        return Force(plan.id, version, plan.state, beats, lookup, rules[1], rules[0], overrides)
