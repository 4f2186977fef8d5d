"""The hierarchy: territories roll up to regions, and those to areas."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from app.api.caller import C, Caller
from app.api.context import S
from app.api.problems import responses
from app.api.schemas import Asked, Name
from app.errors import PlanNotReadyError, PreconditionFailedError
from app.store import audit, plans, regions
from app.store.regions import Branch
from geo.errors import ConflictError, OptionError

router = APIRouter(tags=["regions"])


class TerritoryOf(Asked):
    """A territory of a plan."""

    plan: Name
    territory: Name


class RegionIn(Asked):
    """A region: `reps` (by id) belong to it in every plan, `territories` in one plan each."""

    id: Name
    name: Name | None = None
    kind: Name = Field("region", description="region, area, or what the company calls it")
    parent: Name | None = None
    reps: list[Name] = Field(default_factory=list, max_length=100_000)
    territories: list[TerritoryOf] = Field(default_factory=list, max_length=100_000)


class Regions(Asked):
    """The whole tree, in the order in which it was given."""

    regions: Annotated[list[RegionIn], Field(max_length=10_000)]


class RollUp(BaseModel):
    """What a region holds in a plan, with all that is below it."""

    id: str
    name: str
    kind: str
    parent: str | None
    territories: list[str] = Field(description="of the region itself and of those below it")
    accounts: int
    cells: int
    measures: dict[str, float]
    target: float
    deviation: float | None = Field(description="from the sum of the targets")


class RollUps(BaseModel):
    """A plan by region; `unassigned` are the territories that belong to none."""

    plan: str
    version: int
    regions: list[RollUp]
    unassigned: list[str]


def _shown(branches: regions.Tree) -> Regions:
    return Regions(
        regions=[
            RegionIn(
                id=b.id, name=b.name, kind=b.kind, parent=b.parent, reps=list(b.reps),
                territories=[TerritoryOf(plan=p, territory=t) for p, t in b.territories],
            )
            for b in branches
        ]
    )  # fmt: skip


def _own(branches: regions.Tree, caller: Caller) -> regions.Tree:
    if caller.role != "manager":
        return branches
    return regions.subtree(branches, caller.region or "")


@router.get("/v1/regions")
def listing(services: S, caller: C, response: Response) -> Regions:
    """The tree; a manager gets their region and what is below it."""
    with services.database.read() as session:
        branches = _own(regions.tree(session), caller)
    response.headers["ETag"] = regions.etag(branches)
    return _shown(branches)


@router.put("/v1/regions", responses=responses(OptionError, ConflictError, PreconditionFailedError))
def put(
    services: S,
    caller: C,
    asked: Regions,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> Regions:
    """Put this tree in the place of the former one; with `If-Match` only if that is unchanged."""
    wanted = tuple(
        Branch(
            r.id, r.name or r.id, r.kind, r.parent, tuple(r.reps),
            tuple((t.plan, t.territory) for t in r.territories),
        )
        for r in asked.regions
    )  # fmt: skip
    with services.database.write() as session:
        regions.lock(session)
        former = regions.etag(regions.tree(session))
        if if_match is not None and not {tag.strip() for tag in if_match.split(",")} & {
            "*", former,
        }:  # fmt: skip
            raise PreconditionFailedError(
                f"the tree of regions is now {former}, not {if_match}",
                hint="Get the tree again, look at what changed, and send its ETag.",
                etag=former,
            )
        kept = regions.replace(session, wanted)
        audit.record(session, caller.name, "regions.replace", "regions", {
            "former": former, "etag": regions.etag(kept), "regions": [b.id for b in kept],
        })  # fmt: skip
    response.headers["ETag"] = regions.etag(kept)
    return _shown(kept)


@router.get("/v1/plans/{plan_id}/regions", responses=responses(PlanNotReadyError))
def roll_up(services: S, caller: C, plan_id: str) -> RollUps:
    """A plan by region: each with its territories, accounts and measures, and all below it."""
    with services.database.read() as session:
        plan = plans.get(session, plan_id)
        everything = regions.tree(session)
        visible = services.visible(session, plan, caller)
    document = services.bundle(plan, visible).document
    where = regions.territories_of(everything, plan.id, regions.reps_of(document))
    by_id = {str(t["id"]): t for t in document["territories"]}
    shown = []
    for branch in _own(everything, caller):
        below = {b.id for b in regions.subtree(everything, branch.id)}
        own = [t for t in by_id if where.get(t) in below]
        shown.append(_sum(branch, [by_id[t] for t in own], document["measures"]))
    return RollUps(
        plan=plan.id,
        version=plan.version,
        regions=shown,
        unassigned=[territory for territory in by_id if territory not in where],
    )


def _sum(branch: Branch, own: list[dict[str, Any]], measures: list[str]) -> RollUp:
    totals = {name: float(sum(t[name] for t in own)) for name in measures}
    target = float(sum(t["target"] for t in own))
    first = totals[measures[0]]
    return RollUp(
        id=branch.id,
        name=branch.name,
        kind=branch.kind,
        parent=branch.parent,
        territories=[str(t["id"]) for t in own],
        accounts=sum(t["accounts"] for t in own),
        cells=sum(t["cells"] for t in own),
        measures=totals,
        target=target,
        deviation=(first - target) / target if target > 0 else None,
    )
