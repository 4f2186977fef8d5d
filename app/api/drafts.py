"""Edits of a plan: move, look first, undo, redo, read the history, compare."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from app.api.caller import C
from app.api.context import S
from app.api.draft_schemas import Comparison, EditOut, Entry, History, Moves, Reason, StepOut
from app.api.problems import responses
from app.api.schemas import LARGEST
from app.drafts import Edited
from app.errors import PlanNotReadyError, PreconditionFailedError, PreconditionRequiredError
from app.store import edits, plans
from geo.errors import ConflictError, InputError, OptionError
from sales.edits.steps import Move

router = APIRouter(prefix="/v1/plans", tags=["plans"])
Tag = Annotated[str | None, Header()]
Limit = Annotated[int, Query(ge=1, description="rows on the page, up to the setting")]
_CHANGE = responses(
    PlanNotReadyError, ConflictError, OptionError, PreconditionFailedError,
    PreconditionRequiredError,
)  # fmt: skip


def required(plan_id: str, if_match: str | None) -> str:
    """The If-Match header; raises PreconditionRequiredError where there is none."""
    if if_match is None:
        raise PreconditionRequiredError(
            "changing a plan needs an If-Match header",
            hint=f"Send the ETag that GET /v1/plans/{plan_id} answers.",
        )
    return if_match


@router.post("/{plan_id}/moves", responses=_CHANGE)
def move(
    services: S,
    caller: C,
    plan_id: str,
    asked: Moves,
    response: Response,
    *,
    preview: Annotated[bool, Query(description="only say what it would do")] = False,
    if_match: Tag = None,
) -> EditOut:
    """Move cells with their accounts, or accounts by themselves: a new version, newly measured.

    All moves are made or none. `If-Match`: the plan's ETag; 412 where it has changed since.
    """
    moves = [Move(m.territory, unit=m.cell or "", account=m.account or "") for m in asked.moves]
    if preview:
        return _shown(services.drafts.preview(plan_id, moves), preview=True)
    edited = services.drafts.move(
        plan_id, required(plan_id, if_match), moves, actor=caller.name, reason=asked.reason
    )
    return _answer(edited, response)


@router.post("/{plan_id}/undo", responses=_CHANGE)
def undo(
    services: S, caller: C, plan_id: str, response: Response, asked: Reason | None = None,
    if_match: Tag = None,
) -> EditOut:  # fmt: skip
    """Take back the newest edit that is not taken back yet, as a new version."""
    edited = services.drafts.undo(
        plan_id, required(plan_id, if_match), actor=caller.name,
        reason=asked.reason if asked else "",
    )  # fmt: skip
    return _answer(edited, response)


@router.post("/{plan_id}/redo", responses=_CHANGE)
def redo(
    services: S, caller: C, plan_id: str, response: Response, asked: Reason | None = None,
    if_match: Tag = None,
) -> EditOut:  # fmt: skip
    """Do again the edit that was taken back last, as a new version."""
    edited = services.drafts.redo(
        plan_id, required(plan_id, if_match), actor=caller.name,
        reason=asked.reason if asked else "",
    )  # fmt: skip
    return _answer(edited, response)


@router.get("/{plan_id}/history", responses=responses(PlanNotReadyError))
def history(
    services: S, plan_id: str, limit: Limit = 100,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> History:  # fmt: skip
    """Who changed what, when and why, newest first; `before` continues behind that version."""
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        plan = plans.get(session, plan_id)
        found = edits.history(session, plan.id, limit=limit + 1, before=before)
        undone, redone = edits.undoable(session, plan.id)
    following = None
    if len(found) > limit:
        following = f"/v1/plans/{plan_id}/history?limit={limit}&before={found[limit - 1].version}"
    return History(
        plan=plan_id,
        entries=[
            Entry(
                version=e.version, kind=e.kind, actor=e.actor, reason=e.reason, at=e.at,  # type: ignore[arg-type]
                steps=_steps(e.steps), summary=e.summary, within_tolerance=e.within_tolerance,
            )
            for e in found[:limit]
        ],
        undo=undone, redo=redone, next=following,
    )  # fmt: skip


@router.get("/{plan_id}/compare", responses=responses(PlanNotReadyError, InputError))
def compare(
    services: S,
    plan_id: str,
    other: Annotated[str, Query(alias="with", description="the plan to compare with")],
    *,
    version: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    with_version: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    after: Annotated[int, Query(ge=0, description="changes to leave out")] = 0,
    limit: Limit = 1000,
) -> Comparison:
    """What changes hands from plan `with` to this one, in all and account by account."""
    from sales.diff import compare as lay_side_by_side

    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        new, new_version = plans.at(session, plan_id, version)
        old, old_version = plans.at(session, other, with_version)
    bundles = services.bundle(old, version=old_version), services.bundle(new, version=new_version)
    found = lay_side_by_side(*bundles)
    rows = found.rows
    both = rows[rows["there"] == "both"]
    moved, reps = both[both["was"] != both["now"]], both[both["rep_was"] != both["rep_now"]]
    changed = rows[
        (rows["was"] != rows["now"])
        | (rows["rep_was"] != rows["rep_now"])
        | (rows["there"] != "both")
    ]
    following = None
    if after + limit < len(changed):
        query = f"with={other}&version={new_version}&with_version={old_version}"
        following = f"/v1/plans/{plan_id}/compare?{query}&after={after + limit}&limit={limit}"
    return Comparison(
        measure=found.measure,
        accounts=len(both),
        moved={"accounts": len(moved), "weight": float(moved["weight"].sum())},
        rep_changed={"accounts": len(reps), "weight": float(reps["weight"].sum())},
        added=int((rows["there"] == "added").sum()),
        dropped=int((rows["there"] == "dropped").sum()),
        territories=_territories(*(bundle.document["territories"] for bundle in bundles)),
        summary_was=dict(bundles[0].document["summary"]),
        summary_now=dict(bundles[1].document["summary"]),
        changes=[
            {str(key): value for key, value in row.items()}
            for row in changed.iloc[after : after + limit].to_dict("records")
        ],
        next=following,
    )


def _territories(old: Iterable[Any], new: Iterable[Any]) -> list[dict[str, Any]]:
    was, now = ({t["id"]: t for t in some} for some in (old, new))
    return [
        {
            "id": name,
            "name": (now.get(name) or was[name])["name"],
            "deviation_was": was[name]["deviation"] if name in was else None,
            "deviation_now": now[name]["deviation"] if name in now else None,
            "accounts_was": was[name]["accounts"] if name in was else None,
            "accounts_now": now[name]["accounts"] if name in now else None,
        }
        for name in sorted(was.keys() | now.keys())
    ]


def _answer(edited: Edited, response: Response) -> EditOut:
    response.headers["ETag"] = plans.etag(edited.plan)
    return _shown(edited, preview=False)


def _shown(edited: Edited, *, preview: bool) -> EditOut:
    from sales.edits.steps import as_json

    return EditOut(
        plan=edited.plan.id,
        version=edited.version,
        preview=preview,
        steps=_steps(as_json(edited.steps)),
        summary=edited.summary,
        violations=edited.violations,
        before=edited.before,
        after=edited.after,
    )


def _steps(steps: Iterable[dict[str, Any]]) -> list[StepOut]:
    return [
        StepOut(cell=s.get("unit"), account=s.get("account"), was=s["was"], to=s["to"])
        for s in steps
    ]
