"""The tree of regions, which territory belongs to which, and what a manager may see."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store.tables import (
    ApiKey,
    Plan,
    PlanFile,
    Region,
    RegionRep,
    RegionTerritory,
)
from geo.errors import ConflictError, OptionError

if TYPE_CHECKING:
    from app.api.caller import Caller


@dataclass(frozen=True)
class Branch:
    """A region with what belongs to it: reps in every plan, and (plan, territory) one by one."""

    id: str
    name: str
    kind: str = "region"
    parent: str | None = None
    reps: tuple[str, ...] = ()
    territories: tuple[tuple[str, str], ...] = ()


Tree = tuple[Branch, ...]


def tree(session: Session) -> Tree:
    """All regions in the order in which they were given."""
    reps = session.execute(sa.select(RegionRep.region_id, RegionRep.rep).order_by(RegionRep.rep))
    named: dict[str, list[str]] = {}
    for region, rep in reps:
        named.setdefault(region, []).append(rep)
    rows = sa.select(
        RegionTerritory.region_id, RegionTerritory.plan_id, RegionTerritory.territory_id
    ).order_by(RegionTerritory.plan_id, RegionTerritory.territory_id)
    owned: dict[str, list[tuple[str, str]]] = {}
    for region, plan, territory in session.execute(rows):
        owned.setdefault(region, []).append((plan, territory))
    regions = session.scalars(sa.select(Region).order_by(Region.position))
    return tuple(
        Branch(r.id, r.name, r.kind, r.parent, tuple(named.get(r.id, ())),
               tuple(owned.get(r.id, ())))
        for r in regions
    )  # fmt: skip


def etag(branches: Tree) -> str:
    """The entity tag of a tree."""
    text = json.dumps([asdict(branch) for branch in branches], sort_keys=True)
    return f'"{hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]}"'


def replace(session: Session, branches: Tree) -> Tree:
    """Put this tree in the place of the former one; returns it as kept.

    Raises OptionError where it is no tree or something belongs to two regions, ConflictError
    where it leaves out the region of a manager's key that is in use.
    """
    _check(branches)
    kept = {branch.id for branch in branches}
    _refuse_orphans(session, kept)
    plans = {plan for branch in branches for plan, _ in branch.territories}
    there = set(session.scalars(sa.select(Plan.id).where(Plan.id.in_(plans))))
    if missing := sorted(plans - there):
        raise OptionError(
            f"there is no plan {missing[0]!r}", hint="Territories are given with their plan's id."
        )
    for table in (RegionTerritory, RegionRep, Region):
        session.execute(sa.delete(table))
    session.add_all(
        Region(id=b.id, position=i, name=b.name, kind=b.kind, parent=b.parent)
        for i, b in enumerate(branches)
    )
    session.flush()  # the tables below refer to these
    session.add_all(RegionRep(rep=rep, region_id=b.id) for b in branches for rep in b.reps)
    session.add_all(
        RegionTerritory(plan_id=plan, territory_id=territory, region_id=b.id)
        for b in branches
        for plan, territory in b.territories
    )
    session.flush()
    return tree(session)


def lock(session: Session) -> None:
    """Let nobody else replace the tree within this transaction (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("LOCK TABLE regions IN SHARE ROW EXCLUSIVE MODE"))


def subtree(branches: Tree, root: str) -> Tree:
    """A region and all below it; empty where there is no such region."""
    inside: set[str] = set()
    added = {root} & {branch.id for branch in branches}
    while added:
        inside |= added
        added = {b.id for b in branches if b.parent in inside} - inside
    return tuple(branch for branch in branches if branch.id in inside)


def territories_of(
    branches: Iterable[Branch], plan_id: str, reps: Mapping[str, str]
) -> dict[str, str]:
    """Territory → region in a plan, from territory → rep; what was given by territory decides."""
    by_rep = {rep: branch.id for branch in branches for rep in branch.reps}
    by_id = {t: b.id for b in branches for plan, t in b.territories if plan == plan_id}
    found = {t: by_id.get(t) or by_rep.get(rep) for t, rep in reps.items()}
    return {territory: region for territory, region in found.items() if region is not None}


def reps_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Territory → id of its rep ("" for none), of a plan.json."""
    return {str(t["id"]): str(t.get("rep") or "") for t in document["territories"]}


def visible_territories(session: Session, plan_id: str, caller: "Caller") -> frozenset[str] | None:
    """The territories of a plan that the caller may see; None for all.

    A manager sees those of their region and of the regions below it, and without a region none.
    """
    if caller.role != "manager":
        return None
    branches = tree(session)
    own = {branch.id for branch in subtree(branches, caller.region or "")}
    content = session.scalar(  # an edit changes no rep, so what the solver made will do
        sa.select(PlanFile.content).where(
            PlanFile.plan_id == plan_id, PlanFile.version == 1, PlanFile.name == "plan.json"
        )
    )
    if not own or content is None:
        return frozenset()
    where = territories_of(branches, plan_id, reps_of(json.loads(content)))
    return frozenset(territory for territory, region in where.items() if region in own)


def _check(branches: Tree) -> None:
    _refuse_twice((b.id for b in branches), "region {!r} is given twice")
    _refuse_twice((r for b in branches for r in b.reps), "rep {!r} is in two regions")
    _refuse_twice((t for b in branches for t in b.territories), "territory {!r} is in two regions")
    parents = {branch.id: branch.parent for branch in branches}
    for branch in branches:
        above, steps = branch.parent, 0
        while above is not None:
            if above not in parents:
                raise OptionError(
                    f"the parent {above!r} of region {branch.id!r} is not in the tree",
                    hint="Give all regions in one request, parents included.",
                )
            above, steps = parents[above], steps + 1
            if steps > len(branches):
                raise OptionError(
                    f"region {branch.id!r} is above itself",
                    hint="Follow the parents: they must end at a region without one.",
                )


def _refuse_twice(keys: Iterable[object], words: str) -> None:
    seen: set[object] = set()
    for key in keys:
        if key in seen:
            raise OptionError(words.format(key), hint="Give it in one place only.")
        seen.add(key)


def _refuse_orphans(session: Session, kept: set[str]) -> None:
    keys = session.scalars(
        sa.select(ApiKey).where(ApiKey.region.is_not(None), ApiKey.revoked_at.is_(None))
    )
    for key in keys:
        if key.region not in kept:
            raise ConflictError(
                f"the key {key.name!r} is limited to region {key.region!r}",
                hint="Keep the region, or revoke the key first.",
            )


def check_there(session: Session, region: str) -> None:
    """Raise OptionError where there is no such region."""
    if session.get(Region, region) is None:
        raise OptionError(
            f"there is no region {region!r}", hint="Make the tree first: PUT /v1/regions."
        )
