"""Plans: asking for one, reading what came out, and putting it in force."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import JSONResponse

from app.api.context import S
from app.api.problems import responses
from app.api.schemas import (
    AssignmentOut,
    Assignments,
    PlanLine,
    PlanRequest,
    Plans,
    PlanStarted,
)
from app.errors import PlanNotReadyError, PreconditionFailedError, PreconditionRequiredError
from app.store import datasets, jobs, ownership, plans, reroute
from app.store.tables import Plan
from geo.errors import ConflictError, NotFoundError, OptionError

router = APIRouter(prefix="/v1/plans", tags=["plans"])
GEOJSON = "application/geo+json"
_RULES = ("locks", "together", "apart", "limits", "homes")
Limit = Annotated[int, Query(ge=1, description="rows on the page, up to the setting")]
Tag = Annotated[str | None, Header()]


def line(plan: Plan) -> PlanLine:
    """A plan in short, as listings show it."""
    return PlanLine.model_validate(
        {
            "id": plan.id, "name": plan.name, "dataset": plan.dataset_id, "state": plan.state,
            "version": plan.version, "within_tolerance": plan.within_tolerance,
            "summary": plan.summary, "created_at": plan.created_at,
        }
    )  # fmt: skip


@router.post(
    "", status_code=202, responses=responses(NotFoundError, OptionError, PlanNotReadyError)
)
def start(services: S, asked: PlanRequest, response: Response) -> PlanStarted:
    """Ask for a plan. It is made in the background: follow the job in `Location`."""
    request = asked.model_dump(mode="json", exclude_none=True, exclude={"dataset"})
    unused = [rule for rule in _RULES if request.get(rule) in ([], "soft")]
    for rule in unused:  # so that a request without rules is the same as ever
        del request[rule]
    roster = None
    if asked.reps:
        from app.jobs.pipeline import roster_of

        roster = roster_of(request["reps"])  # an unusable roster is said now, not by the job
    with services.database.write() as session:
        dataset = datasets.get(session, asked.dataset)
        if asked.incumbent is not None:
            plans.get(session, asked.incumbent)  # there, and finished
        if roster is not None:
            size = f"{len(roster.reps)} reps"
        elif asked.territories in (None, "auto"):
            size = "as many territories as needed" if asked.capacity else "realigned"
        else:
            size = f"{asked.territories} territor{'y' if asked.territories == 1 else 'ies'}"
        request["name"] = asked.name or f"{dataset.file_name}, {size}"
        job = jobs.add(session, dataset_id=dataset.id, request=request)
        session.flush()
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    doubts = [
        {"row": i.row, "column": i.column, "code": i.code, "message": i.message, "hint": i.hint}
        for i in (roster.issues if roster else ())
    ]
    return PlanStarted(plan=job.plan_id, job=job.id, review=doubts)


@router.get("", responses=responses(NotFoundError))
def listing(services: S, limit: Limit = 100, before: str | None = None) -> Plans:
    """The finished plans, newest first; `before` continues after that plan."""
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        found = plans.newest(session, limit=limit + 1, before=before)
    more = len(found) > limit
    following = f"/v1/plans?limit={limit}&before={found[limit - 1].id}" if more else None
    return Plans(plans=[line(plan) for plan in found[:limit]], next=following)


@router.get("/{plan_id}", responses=responses(PlanNotReadyError))
def plan(services: S, plan_id: str, if_none_match: Tag = None) -> Response:
    """`plan.json` with `id`, `name`, `version` and `state`; send its ETag to publish it."""
    with services.database.read() as session:
        found = plans.get(session, plan_id)
        tag = plans.etag(found)
        if if_none_match is not None and tag in if_none_match:
            return Response(status_code=304, headers={"ETag": tag})
        document = json.loads(plans.file(session, found, "plan.json"))
    own = {
        "id": found.id, "name": found.name, "dataset": found.dataset_id,
        "version": found.version, "state": found.state,
    }  # fmt: skip
    return JSONResponse(own | document, headers={"ETag": tag, "Cache-Control": "no-cache"})


@router.get("/{plan_id}/territories", responses=responses(PlanNotReadyError))
def territories(services: S, plan_id: str) -> Response:
    """All territories as a GeoJSON FeatureCollection."""
    with services.database.read() as session:
        content = plans.file(session, plans.get(session, plan_id), "territories.geojson")
    return Response(content, media_type=GEOJSON)


@router.get("/{plan_id}/territories/{territory}", responses=responses(PlanNotReadyError))
def territory(services: S, plan_id: str, territory: str) -> Response:
    """One territory as a GeoJSON Feature."""
    with services.database.read() as session:
        content = plans.file(session, plans.get(session, plan_id), "territories.geojson")
    for feature in json.loads(content)["features"]:
        if str(feature["id"]) == territory:
            body = json.dumps(feature, allow_nan=False, ensure_ascii=False)
            return Response(body, media_type=GEOJSON)
    raise NotFoundError(
        f"plan {plan_id!r} has no territory {territory!r}",
        hint=f"GET /v1/plans/{plan_id} lists its territories.",
    )


@router.get(
    "/{plan_id}/assignments",
    response_model=Assignments,
    responses=responses(PlanNotReadyError)
    | {200: {"content": {"text/csv": {}}, "description": "A page of JSON, or all as CSV."}},
)
def assignments(
    services: S,
    request: Request,
    plan_id: str,
    *,
    after: Annotated[int, Query(ge=-1, description="position to continue behind")] = -1,
    limit: Limit = 1000,
    territory: Annotated[str | None, Query(description="only this territory's")] = None,
) -> Any:
    """Whose every account is: pages of JSON, or with `Accept: text/csv` all in one file."""
    with services.database.read() as session:
        found = plans.get(session, plan_id)
        if _wants_csv(request.headers.get("accept", "")):
            content = plans.file(session, found, "assignments.csv")
            return Response(content, media_type="text/csv", headers={"Vary": "Accept"})
        limit = min(limit, services.settings.max_page_size)
        rows = plans.assignments(session, found, after=after, limit=limit + 1, territory=territory)
    following = None
    if len(rows) > limit:
        following = str(
            request.url.replace(scheme="", netloc="").include_query_params(
                after=rows[limit - 1].position, limit=limit
            )
        )
    shown = [AssignmentOut.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Assignments(plan=found.id, version=found.version, assignments=shown, next=following)


def _wants_csv(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip() for part in accept.split(",")]
    return "text/csv" in kinds and "application/json" not in kinds[: kinds.index("text/csv")]


@router.post(
    "/{plan_id}/publish",
    responses=responses(
        PlanNotReadyError, ConflictError, PreconditionFailedError, PreconditionRequiredError
    ),
)
def publish(services: S, plan_id: str, response: Response, if_match: Tag = None) -> PlanLine:
    """Put the plan in force; the one that was is archived. `If-Match`: the plan's ETag."""
    if if_match is None:
        raise PreconditionRequiredError(
            "publishing needs an If-Match header",
            hint=f"Send the ETag that GET /v1/plans/{plan_id} answers.",
        )
    with services.database.read() as session:
        services.lookup(plans.get(session, plan_id))  # made now, not while others wait
    with services.database.write() as session:
        ownership.lock(session)
        reroute.settle_due(session, services.lookup)
        found = plans.publish(session, plan_id, if_match)
        reroute.reroute(session, found, services.lookup(found), "publish")
    response.headers["ETag"] = plans.etag(found)
    return line(found)
