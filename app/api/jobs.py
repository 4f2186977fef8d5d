"""Long work: how far it is, live, and how to stop it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.answered import Answered
from app.api.caller import C
from app.api.context import S, Services
from app.api.problems import responses
from app.api.schemas import JobOut
from app.errors import ForbiddenError, ResultNotReadyError
from app.store import audit, blobs, jobs
from app.store.tables import Job
from geo.errors import NotFoundError

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
_LOOK_EVERY_S = 0.4
_RETRY_MS = 2000
_WITH_FILES = ("export", "ensemble")
EventId = Annotated[str, Header(alias="Last-Event-ID")]


def shown(job: Job) -> JobOut:
    """A job as the API shows it."""
    return JobOut.model_validate(
        {
            "id": job.id, "kind": job.kind, "state": job.state,
            "plan": job.plan_id or None, "dataset": job.dataset_id or None,
            "result": _result(job),
            "stage": job.stage, "fraction": job.fraction,
            "message": job.message, "best": job.best, "stop_requested": job.stop_requested,
            "attempts": job.attempts, "error": job.error, "created_at": job.created_at,
            "started_at": job.started_at, "finished_at": job.finished_at,
        }
    )  # fmt: skip


def _result(job: Job) -> str | None:
    if not job.result:
        return None
    if job.kind == "scenarios":
        return f"/v1/plans/{job.plan_id}/scenarios"
    return f"/v1/jobs/{job.id}/result"


def _look(services: S, job_id: str) -> JobOut:
    with services.database.read() as session:
        return shown(jobs.get(session, job_id))


Found = Annotated[JobOut, Depends(_look)]


@router.get("/{job_id}", responses=responses(NotFoundError))
def job(found: Found) -> JobOut:
    """How far the work is; `error` says in words why it failed."""
    return found


async def _unless_over(found: Found, last_event_id: EventId = "") -> JobOut:
    """Tell a browser that has seen the end not to come back: 204 ends its attempts."""
    if found.state not in jobs.UNFINISHED and last_event_id == _event_id(found):
        raise Answered(Response(status_code=204))
    return found


@router.get(
    "/{job_id}/events", responses=responses(NotFoundError), response_class=EventSourceResponse
)
async def events(
    services: S,
    found: Annotated[JobOut, Depends(_unless_over)],
    last_event_id: EventId = "",
) -> AsyncIterator[ServerSentEvent]:
    """The same as a stream: an event named `progress` at each change, then one named as the end.

    Each has the whole job, so that nothing is missed by who comes back; who sends
    `Last-Event-ID` is not told again what that event said.
    """
    seen = last_event_id
    while True:
        if (at := _event_id(found)) != seen:
            over = found.state not in jobs.UNFINISHED
            name = found.state if over else "progress"
            yield ServerSentEvent(data=found, event=name, id=at, retry=_RETRY_MS)
            if over:
                return
            seen = at
        await asyncio.sleep(_LOOK_EVERY_S)
        found = await run_in_threadpool(_look, services, found.id)


def _event_id(found: JobOut) -> str:
    return hashlib.sha256(found.model_dump_json().encode()).hexdigest()[:16]


@router.get(
    "/{job_id}/result",
    response_class=StreamingResponse,
    responses=responses(NotFoundError, ForbiddenError)
    | {200: {"description": "The file that an export or ensemble made."}},
)
def result(services: S, caller: C, job_id: str) -> StreamingResponse:
    """What an export or ensemble has made: for who asked for it, and for planners."""
    with services.database.read() as session:
        found = jobs.get(session, job_id)
    if caller.role not in ("planner", "admin") and caller.name != found.caller:
        raise ForbiddenError(
            "the job is another's", hint=f"Ask for it yourself: see plan {found.plan_id}."
        )
    if found.kind not in _WITH_FILES:
        raise NotFoundError(
            f"the {found.kind} {job_id!r} makes no file",
            hint="Exports and ensembles do: see the plan's.",
        )
    if found.state in jobs.UNFINISHED:
        raise ResultNotReadyError(
            f"the {found.kind} is {found.state}", hint=f"Follow /v1/jobs/{job_id} until it is done."
        )
    if found.result is None:
        raise NotFoundError(
            f"the {found.kind} failed" if found.state != "done" else "the file is no longer kept",
            hint="Ask for it again.",
        )
    return StreamingResponse(
        _parts(services, job_id),
        media_type=found.result["media_type"],
        headers={
            "Content-Length": str(found.result["bytes"]),
            "Content-Disposition": f'attachment; filename="{found.result["file_name"]}"',
        },
    )


def _parts(services: Services, blob_id: str) -> Iterator[bytes]:
    """A part at a time, each in a transaction of its own: a slow client holds none."""
    number = 0
    while True:
        with services.database.read() as session:
            content = blobs.part(session, blob_id, number)
        if content is None:
            return
        yield content
        number += 1


@router.delete("/{job_id}", responses=responses(NotFoundError) | {202: {"model": JobOut}})
def stop(services: S, caller: C, job_id: str, response: Response) -> JobOut:
    """Stop the work; 202 while it is still winding up. A design keeps its best plan so far."""
    with services.database.write() as session:
        found = shown(jobs.request_stop(session, job_id))
        about = {"kind": found.kind, "plan": found.plan}
        audit.record(session, caller.name, "job.stop", job_id, about)
    response.status_code = 202 if found.state in jobs.UNFINISHED else 200
    return found
