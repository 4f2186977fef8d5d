"""Plans: asking for one, reading what came out, and putting it in force."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import JSONResponse

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.idempotency import O
from app.api.problems import responses
from app.api.schemas import (
    LARGEST,
    AssignmentOut,
    Assignments,
    PlanLine,
    PlanRequest,
    Plans,
    PlanStarted,
)
from app.errors import IdempotencyKeyReusedError, PlanNotReadyError, QueueFullError
from app.store import audit, datasets, jobs, plans
from app.store.tables import Plan
from geo.errors import NotFoundError, OptionError
from geo.formats.geojson import dumps

if TYPE_CHECKING:
    import pandas as pd

router = APIRouter(prefix="/v1/plans", tags=["plans"])
GEOJSON = "application/geo+json"
_RULES = ("locks", "together", "apart", "limits", "homes")
Limit = Annotated[int, Query(ge=1, description="rows on the page, up to the setting")]
Tag = Annotated[str | None, Header()]
Version = Annotated[int | None, Query(ge=1, le=LARGEST, description="the newest if left out")]


class GeoJson(Response):
    """An answer in GeoJSON."""

    media_type = GEOJSON


def line(plan: Plan, own: Mapping[str, Any] | None = None) -> PlanLine:
    """A plan in short, as listings show it; `own` is the plan.json of who may not see it all."""
    summary = plan.summary if own is None else own["summary"]
    within = plan.within_tolerance if own is None else not own["violations"]
    return PlanLine.model_validate(
        {
            "id": plan.id, "name": plan.name, "dataset": plan.dataset_id,
            "state": plans.state_of(plan),
            "version": plan.version, "within_tolerance": within,
            "summary": summary, "created_at": plan.created_at,
        }
    )  # fmt: skip


@router.post(
    "",
    status_code=202,
    response_model=PlanStarted,
    responses=responses(
        NotFoundError, OptionError, PlanNotReadyError, IdempotencyKeyReusedError, QueueFullError
    ),
)
def start(services: S, caller: C, once: O, asked: PlanRequest) -> Response:
    """Ask for a plan. It is made in the background: follow the job in `Location`."""
    request = asked.model_dump(mode="json", exclude_none=True, exclude={"dataset"})
    unused = [rule for rule in _RULES if request.get(rule) in ([], "soft")]
    for rule in unused:  # so that a request without rules is the same as ever
        del request[rule]
    roster = None
    if asked.reps:
        from app.jobs.pipeline import roster_of

        roster = roster_of(request["reps"])  # an unusable roster is said now, not by the job
    if asked.segments is not None:
        from app.jobs.pipeline import model_in

        request["segments"] = model_in(request).text  # so is an unusable model
    doubts = [
        {"row": i.row, "column": i.column, "code": i.code, "message": i.message, "hint": i.hint}
        for i in (roster.issues if roster else ())
    ]
    with once.write(services.database) as session:
        dataset = datasets.get(session, asked.dataset)
        if asked.incumbent is not None:
            plans.get(session, asked.incumbent)  # there, and finished
        if asked.segments is not None:
            size = "by segments"
        elif roster is not None:
            size = f"{len(roster.reps)} reps"
        elif asked.territories in (None, "auto"):
            size = "as many territories as needed" if asked.capacity else "realigned"
        else:
            size = f"{asked.territories} territor{'y' if asked.territories == 1 else 'ies'}"
        request["name"] = asked.name or f"{dataset.file_name}, {size}"
        job = jobs.add(
            session,
            "design",
            caller=caller.name,
            dataset_id=dataset.id,
            request=request,
            most_queued=services.settings.max_queued_jobs,
        )
        audit.record(
            session, caller.name, "plan.start", job.plan_id, {"job": job.id, "dataset": dataset.id}
        )
        body = PlanStarted(plan=job.plan_id, job=job.id, review=doubts)
        return once.answer(session, 202, body, {"Location": f"/v1/jobs/{job.id}"})


@router.get("", responses=responses(NotFoundError))
def listing(services: S, caller: C, limit: Limit = 100, before: str | None = None) -> Plans:
    """The finished plans, newest first; `before` continues after that plan."""
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        found = plans.newest(session, limit=limit + 1, before=before)
        visible = [services.visible(session, plan, caller) for plan in found]
    more = len(found) > limit
    following = f"/v1/plans?limit={limit}&before={found[limit - 1].id}" if more else None
    shown = zip(found[:limit], visible, strict=False)
    return Plans(plans=[line(p, own_document(services, p, v)) for p, v in shown], next=following)


def own_document(
    services: Services, plan: Plan, visible: frozenset[str] | None
) -> Mapping[str, Any] | None:
    """The plan.json of a caller who may not see all of the plan; None for one who may."""
    return None if visible is None else services.bundle(plan, visible).document


@router.get("/{plan_id}", responses=responses(PlanNotReadyError))
def plan(
    services: S, caller: C, plan_id: str, version: Version = None, if_none_match: Tag = None
) -> Response:
    """`plan.json` with `id`, `name`, `version` and `state`; its ETag is for changing it."""
    with services.database.read() as session:
        found, number = plans.at(session, plan_id, version)
        visible = services.visible(session, found, caller)
    state = plans.state_of(found, number)
    tag = f'"{number}-{state}"' if visible is None else _own_tag(number, state, visible)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    if visible is None:
        document = services.document(found, number)
    else:
        document = services.bundle(found, visible, version=number).document
    own = {
        "id": found.id, "name": found.name, "dataset": found.dataset_id,
        "version": number, "state": state, "newest_version": found.version,
        "published_version": found.published_version,
    }  # fmt: skip
    return JSONResponse(own | dict(document), headers=headers)


def _own_tag(version: int, state: str, visible: frozenset[str]) -> str:
    seen = hashlib.sha256("\0".join(sorted(visible)).encode("utf-8", "replace")).hexdigest()
    return f'"{version}-{state}-{seen[:16]}"'


@router.get(
    "/{plan_id}/territories", response_class=GeoJson, responses=responses(PlanNotReadyError)
)
def territories(services: S, caller: C, plan_id: str, version: Version = None) -> Response:
    """All territories as a GeoJSON FeatureCollection."""
    return Response(_outlines(services, caller, plan_id, version), media_type=GEOJSON)


def _outlines(services: Services, caller: Caller, plan_id: str, version: int | None) -> bytes:
    with services.database.read() as session:
        found, number = plans.at(session, plan_id, version)
        visible = services.visible(session, found, caller)
    if visible is None:
        return services.file(found, number, "territories.geojson")
    return dumps(services.bundle(found, visible, version=number).outlines)


@router.get(
    "/{plan_id}/territories/{territory}",
    response_class=GeoJson,
    responses=responses(PlanNotReadyError),
)
def territory(
    services: S, caller: C, plan_id: str, territory: str, version: Version = None
) -> Response:
    """One territory as a GeoJSON Feature."""
    for feature in json.loads(_outlines(services, caller, plan_id, version))["features"]:
        if str(feature["id"]) == territory:
            body = json.dumps(feature, allow_nan=False, ensure_ascii=False)
            return GeoJson(body)
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
    caller: C,
    request: Request,
    plan_id: str,
    *,
    after: Annotated[
        int, Query(ge=-1, le=2**31 - 1, description="position to continue behind")
    ] = -1,
    limit: Limit = 1000,
    territory: Annotated[str | None, Query(description="only this territory's")] = None,
    version: Version = None,
) -> Any:
    """Whose every account is: pages of JSON, or with `Accept: text/csv` all in one file."""
    if _wants_csv(request.headers.get("accept", "")):
        content = _assignments_csv(services, caller, plan_id, version)
        return Response(content, media_type="text/csv", headers={"Vary": "Accept"})
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        found, number = plans.at(session, plan_id, version)
        visible = services.visible(session, found, caller)
        kept = None
        if plans.has_files(session, found.id, number):
            kept = plans.assignments(
                session, found.id, number,
                after=after, limit=limit + 1, territory=territory, visible=visible,
            )  # fmt: skip
    if kept is not None:
        shown = [
            (row.position, AssignmentOut.model_validate(row, from_attributes=True)) for row in kept
        ]
    else:
        table = services.bundle(found, version=number).assignments
        shown = _rows(table, after, limit + 1, territory, visible)
    following = None
    if len(shown) > limit:
        following = str(
            request.url.replace(scheme="", netloc="").include_query_params(
                after=shown[limit - 1][0], limit=limit, version=number
            )
        )
    return Assignments(
        plan=found.id, version=number, assignments=[row for _, row in shown[:limit]], next=following
    )


def _rows(
    table: "pd.DataFrame",
    after: int,
    limit: int,
    territory: str | None,
    visible: frozenset[str] | None,
) -> list[tuple[int, AssignmentOut]]:
    """Rows behind `after` with their positions, of a version whose rows are not in the store."""
    table = table.assign(position=range(len(table))).iloc[after + 1 :]
    if territory is not None:
        table = table[table["territory_id"] == territory]
    if visible is not None:
        table = table[table["territory_id"].isin(visible)]
    rows = table.iloc[:limit].astype(object)
    return [
        (int(row.pop("position")), AssignmentOut.model_validate(row))
        for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def _assignments_csv(
    services: Services, caller: Caller, plan_id: str, version: int | None
) -> bytes:
    with services.database.write() as session:
        found, number = plans.at(session, plan_id, version)
        visible = services.visible(session, found, caller)
        audit.record(
            session, caller.name, "plan.export", plan_id,
            {"format": "assignments", "version": number},
        )  # fmt: skip
    if visible is None:
        return services.file(found, number, "assignments.csv")
    from sales.planfiles import plan_files

    return plan_files(services.bundle(found, visible, version=number))["assignments.csv"]


def _wants_csv(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip() for part in accept.split(",")]
    return "text/csv" in kinds and "application/json" not in kinds[: kinds.index("text/csv")]
