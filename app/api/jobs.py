"""Long work: how far it is, live, and how to stop it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.caller import C
from app.api.context import S
from app.api.problems import responses
from app.api.schemas import JobOut
from app.store import audit, jobs
from app.store.tables import Job
from geo.errors import NotFoundError

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
_LOOK_EVERY_S = 0.4


def shown(job: Job) -> JobOut:
    """A job as the API shows it."""
    return JobOut.model_validate(
        {
            "id": job.id, "kind": job.kind, "state": job.state, "plan": job.plan_id,
            "dataset": job.dataset_id, "stage": job.stage, "fraction": job.fraction,
            "message": job.message, "best": job.best, "stop_requested": job.stop_requested,
            "attempts": job.attempts, "error": job.error, "created_at": job.created_at,
            "started_at": job.started_at, "finished_at": job.finished_at,
        }
    )  # fmt: skip


def _look(services: S, job_id: str) -> JobOut:
    with services.database.read() as session:
        return shown(jobs.get(session, job_id))


Found = Annotated[JobOut, Depends(_look)]


@router.get("/{job_id}", responses=responses(NotFoundError))
def job(found: Found) -> JobOut:
    """How far the work is; `error` says in words why it failed."""
    return found


@router.get(
    "/{job_id}/events", responses=responses(NotFoundError), response_class=EventSourceResponse
)
async def events(services: S, found: Found) -> AsyncIterator[ServerSentEvent]:
    """The same as a stream: an event named `progress` at each change, then one named as the end."""
    last: JobOut | None = None
    while True:
        if found != last:
            over = found.state not in jobs.UNFINISHED
            yield ServerSentEvent(data=found, event=found.state if over else "progress")
            if over:
                return
            last = found
        await asyncio.sleep(_LOOK_EVERY_S)
        found = await run_in_threadpool(_look, services, found.id)


@router.delete("/{job_id}", responses=responses(NotFoundError) | {202: {"model": JobOut}})
def stop(services: S, caller: C, job_id: str, response: Response) -> JobOut:
    """Stop the work and keep the best plan so far; 202 while it is still winding up."""
    with services.database.write() as session:
        found = shown(jobs.request_stop(session, job_id))
        audit.record(session, caller.name, "job.stop", job_id, {"plan": found.plan})
    response.status_code = 202 if found.state in jobs.UNFINISHED else 200
    return found
