"""Reports on a plan and its territories as one page each.

A manager's are made of what they may see and nothing else: the plan's page tells of their
territories alone, and a territory's map shows no neighbour outside their region. What changes
against the alignment in force is left out, since it would name others' reps and accounts.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.plans import Version
from app.api.problems import responses
from app.errors import PlanNotReadyError
from app.store import audit, plans
from geo.errors import NotFoundError

router = APIRouter(prefix="/v1/plans", tags=["plans"])
Kind = Annotated[Literal["html", "pdf"], Query(alias="format")]
_ANSWER = responses(PlanNotReadyError, NotFoundError) | {
    200: {"content": {"text/html": {}, "application/pdf": {}}, "description": "The page."}
}


@router.get("/{plan_id}/report", response_class=Response, responses=_ANSWER)
def plan_report(
    services: S, caller: C, plan_id: str, kind: Kind = "html", version: Version = None
) -> Response:
    """The plan on a page: figures, map, territories, what changes, and why."""
    return _report(services, caller, plan_id, None, kind, version)


@router.get("/{plan_id}/territories/{territory}/report", response_class=Response, responses=_ANSWER)
def territory_report(
    services: S, caller: C, plan_id: str, territory: str, kind: Kind = "html",
    version: Version = None,
) -> Response:  # fmt: skip
    """One territory on a page: target, map, largest accounts, what changes, and why."""
    return _report(services, caller, plan_id, territory, kind, version)


def _report(
    services: Services, caller: Caller, plan_id: str, territory: str | None,
    kind: Literal["html", "pdf"], version: int | None,
) -> Response:  # fmt: skip
    from app.reports.files import MEDIA, file_name, report
    from app.reports.html import policy
    from sales.report.types import Extras

    with services.database.read() as session:
        plan, number = plans.at(session, plan_id, version)
        visible = services.visible(session, plan, caller)
    bundle = services.bundle(plan, visible, version=number)
    shown = {str(t["id"]) for t in bundle.document["territories"]}
    if not shown or (territory is not None and territory not in shown):
        raise NotFoundError(
            f"plan {plan_id!r} has no territory {territory!r:.80}"
            if territory is not None
            else f"plan {plan_id!r} has no territory of your region",
            hint=f"GET /v1/plans/{plan_id} lists the territories that you may see.",
        )
    extras = Extras(title=plan.name, worth=_worth(services, plan.id, number))
    content = report(bundle, territory, extras, kind)
    with services.database.write() as session:
        about = {"format": kind, "version": number, "territory": territory}
        audit.record(session, caller.name, "plan.report", plan.id, about)
    stem = file_name(territory) if territory is not None else "plan"
    headers = {
        "Content-Security-Policy": policy(),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{stem}.{kind}"',
    }
    return Response(content, media_type=MEDIA[kind], headers=headers)


def _worth(services: Services, plan_id: str, version: int) -> dict[str, float] | None:
    """What each account has of the first measure, as its dataset says."""
    from sales.rules.alignment import keys_of

    board, _ = services.drafts.state(plan_id, version)
    ids = board.bundle.assignments["account_id"].tolist()
    return dict(zip(keys_of(ids), board.worth[:, 0].tolist(), strict=True)) if ids else None
