"""Putting plans in force: now or later, back again, and what was when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.draft_schemas import PublicationOut, Publications, PublishAsked, Published, Reason
from app.api.drafts import Limit, Tag, required
from app.api.exports import JobStarted
from app.api.idempotency import O, Once
from app.api.plans import line
from app.api.problems import responses
from app.api.schemas import LARGEST, PlanLine
from app.errors import (
    IdempotencyKeyReusedError,
    PlanNotReadyError,
    PreconditionFailedError,
    PreconditionRequiredError,
    QueueFullError,
)
from app.store import jobs, plans, publications
from app.store.tables import Plan, Publication
from geo.errors import ConflictError, NotFoundError

router = APIRouter(prefix="/v1", tags=["publications"])


@router.post(
    "/plans/{plan_id}/publish",
    response_model=Published,
    responses=responses(
        PlanNotReadyError, ConflictError, PreconditionFailedError, PreconditionRequiredError,
        IdempotencyKeyReusedError, QueueFullError,
    )
    | {202: {"model": JobStarted, "description": "Asked with `wait=false`: follow the job."}},
)  # fmt: skip
def publish(
    services: S,
    caller: C,
    once: O,
    plan_id: str,
    asked: PublishAsked | None = None,
    *,
    if_match: Tag = None,
    wait: Annotated[bool, Query(description="false: answer 202, and publish by a job")] = True,
) -> Response:
    """Put the newest version in force, now or on a date; the plan that was is archived.

    `If-Match`: the plan's ETag.
    """
    tag = required(plan_id, if_match)
    asked = asked or PublishAsked()
    once.check(services.database)
    if not wait:
        return _publish_later(services, caller, once, plan_id, tag, asked)
    with services.database.read() as session:
        version = plans.get(session, plan_id).version
    services.drafts.keep(plan_id, version)  # if it changes meanwhile, the tag does not fit
    with once.write(services.database) as session:
        plan, publication = publications.publish(
            session, plan_id, tag,
            actor=caller.name, reason=asked.reason, effective_at=asked.effective_at,
            lookups=services.lookup,
        )  # fmt: skip
        headers = {"ETag": plans.etag(plan)}
        return once.answer(session, 200, _published(plan, publication), headers)


def _publish_later(
    services: Services, caller: Caller, once: Once, plan_id: str, tag: str, asked: PublishAsked
) -> Response:
    with once.write(services.database) as session:
        plan = plans.get(session, plan_id)
        job = jobs.add(
            session,
            "publish",
            caller=caller.name,
            dataset_id=plan.dataset_id,
            plan_id=plan_id,
            request={"if_match": tag} | asked.model_dump(mode="json"),
            most_queued=services.settings.max_queued_jobs,
        )
        headers = {"Location": f"/v1/jobs/{job.id}"}
        return once.answer(session, 202, JobStarted(plan=plan_id, job=job.id), headers)


@router.post(
    "/plans/{plan_id}/archive",
    responses=responses(
        PlanNotReadyError, ConflictError, PreconditionFailedError, PreconditionRequiredError
    ),
)
def archive(
    services: S, caller: C, plan_id: str, response: Response, if_match: Tag = None
) -> PlanLine:
    """Put a draft away. It stays readable and can be published again."""
    tag = required(plan_id, if_match)
    with services.database.write() as session:
        plan = publications.archive(session, plan_id, tag, actor=caller.name)
    response.headers["ETag"] = plans.etag(plan)
    return line(plan)


@router.post("/publications/rollback", responses=responses(ConflictError))
def rollback(services: S, caller: C, response: Response, asked: Reason | None = None) -> Published:
    """Put in force again what was before: the version and the plan, as a new publication.

    Called again it goes back one step further; 409 where nothing was before.
    """
    reason = asked.reason if asked else ""
    with services.database.write() as session:
        plan, publication = publications.rollback(
            session, actor=caller.name, reason=reason, lookups=services.lookup
        )
    response.headers["ETag"] = plans.etag(plan)
    return _published(plan, publication)


@router.delete("/publications/{number:int}", responses=responses(ConflictError, NotFoundError))
def withdraw(
    services: S, caller: C, number: Annotated[int, Path(ge=1, le=LARGEST)]
) -> PublicationOut:
    """Take back a publication whose date has not come."""
    with services.database.write() as session:
        return _shown(publications.withdraw(session, number, actor=caller.name))


@router.get("/publications")
def listing(
    services: S,
    limit: Limit = 100,
    before: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="continue behind this one")
    ] = None,
) -> Publications:
    """What was, is and will be in force, newest first."""
    limit = min(limit, services.settings.max_page_size)
    services.activate_due()
    with services.database.read() as session:
        found = publications.listing(session, limit=limit + 1, before=before)
    following = None
    if len(found) > limit:
        following = f"/v1/publications?limit={limit}&before={found[limit - 1].id}"
    return Publications(publications=[_shown(p) for p in found[:limit]], next=following)


def _published(plan: Plan, publication: Publication | None) -> Published:
    return Published.model_validate(
        line(plan).model_dump()
        | {
            "publication": publication.id if publication else None,
            "effective_at": publication.effective_at if publication else None,
        }
    )


def _shown(publication: Publication) -> PublicationOut:
    return PublicationOut.model_validate(
        {
            "id": publication.id, "plan": publication.plan_id, "version": publication.version,
            "former_plan": publication.former_plan_id,
            "former_version": publication.former_version, "state": publication.state,
            "cause": publication.cause, "actor": publication.actor, "reason": publication.reason,
            "effective_at": publication.effective_at, "published_at": publication.published_at,
        }
    )  # fmt: skip
