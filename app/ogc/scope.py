"""What a request is about: the plan, which of its territories may be seen, how they roll up."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.api.caller import Caller
from app.errors import NothingPublishedError
from app.ogc.query import whole
from app.store import plans, regions
from app.store.tables import Plan
from sales.rollup import Group


@dataclass(frozen=True)
class Scope:
    """`visible` are ids of territories, None for all; `groups` by level: `region` and `area`."""

    plan: Plan
    version: int
    visible: frozenset[str] | None
    groups: Mapping[str, tuple[Group, ...]]

    def seen(self, level: str) -> tuple[Group, ...]:
        """The groups of a level, with those of their territories that may be seen."""
        groups = self.groups.get(level, ())
        if self.visible is None:
            return groups
        cut = [
            Group(g.id, g.name, tuple(t for t in g.territories if t in self.visible))
            for g in groups
        ]
        return tuple(group for group in cut if group.territories)

    def tag(self) -> str:
        """Differs where anything differs that an answer is made of, but for the request."""
        parts: list[Any] = [self.plan.id, self.version, self.plan.name, self.plan.state]
        parts.append(None if self.visible is None else sorted(self.visible))
        parts.append(
            {level: [[g.id, g.name, g.territories] for g in some]
             for level, some in sorted(self.groups.items())}
        )  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode("utf-8", "replace")).hexdigest()[:24]


def scope_of(session: Session, given: Mapping[str, str], caller: Caller) -> Scope:
    """The plan that the request names, else the published one, as its caller may see it.

    Raises NothingPublishedError where none is named and none is published, NotFoundError,
    PlanNotReadyError, and BadParameterError on a version that is no number.
    """
    return scope_in(session, *_plan(session, given), caller)


def scope_in(session: Session, plan: Plan, version: int, caller: Caller) -> Scope:
    """A version of a plan as its caller may see it, with the regions and areas above."""
    visible = regions.visible_territories(session, plan.id, caller)
    tree = regions.tree(session)
    document = json.loads(plans.file(session, plan.id, 1, "plan.json") or b"{}")
    where = regions.territories_of(tree, plan.id, regions.reps_of(document))
    groups: dict[str, tuple[Group, ...]] = {}
    for branch in tree:
        below = {b.id for b in regions.subtree(tree, branch.id)}
        own = tuple(t for t, region in where.items() if region in below)
        if own:
            groups[branch.kind] = (
                *groups.get(branch.kind, ()), Group(branch.id, branch.name, own),
            )  # fmt: skip
    return Scope(plan, version, visible, groups)


def _plan(session: Session, given: Mapping[str, str]) -> tuple[Plan, int]:
    version = given.get("version")
    if "plan" in given:
        plan = plans.get(session, _storable(given["plan"]))
    else:
        found = plans.in_force(session)
        if found is None or found.state != "published":
            raise NothingPublishedError(
                "no plan is published, so there is nothing to show",
                hint="Publish one, or name one that is not in force: ?plan=ID.",
            )
        if version is None:
            return found, plans.version_in_force(found)
        plan = found
    if version is None:
        return plan, plan.version
    return plans.at(session, plan.id, whole(given, "version", 1, least=1))


def _storable(text: str) -> str:
    """Text that a database takes; what it does not take is no plan's id."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
