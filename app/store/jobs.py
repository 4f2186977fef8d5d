"""The table of long work: who does what, how far it is, and whether anybody is still at it."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from app.store import outbox
from app.store.tables import Job, now
from geo.errors import NotFoundError

UNFINISHED: Final = ("queued", "running")


def new_id(kind: str) -> str:
    """An id that nobody can guess, e.g. `pl_3f…`."""
    return f"{kind}_{secrets.token_hex(12)}"


def add(session: Session, *, dataset_id: str, request: Mapping[str, Any]) -> Job:
    """Queue the design of a plan."""
    job = Job(
        id=new_id("jb"),
        kind="design",
        state="queued",
        dataset_id=dataset_id,
        plan_id=new_id("pl"),
        request=dict(request),
        message="waiting for its turn",
        created_at=now(),
    )
    session.add(job)
    return job


def get(session: Session, job_id: str) -> Job:
    """The job; raises NotFoundError."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id!r}")
    return job


def unfinished(session: Session) -> list[Job]:
    """Jobs that wait or run, oldest first."""
    return list(
        session.scalars(sa.select(Job).where(Job.state.in_(UNFINISHED)).order_by(Job.created_at))
    )


def failed(session: Session, *, limit: int) -> list[Job]:
    """The jobs that failed last, newest first."""
    query = sa.select(Job).where(Job.state == "failed").order_by(Job.created_at.desc())
    return list(session.scalars(query.limit(limit)))


def claim(session: Session, worker: str, *, lease_s: float, attempts: int) -> Job | None:
    """Take the oldest job that nobody works at; None where there is none.

    A running job without a sign of life for `lease_s` seconds counts as nobody's. One whose
    worker died `attempts` times fails, with the reason.
    """
    stale = now() - timedelta(seconds=lease_s)
    abandoned = sa.and_(Job.state == "running", Job.heartbeat_at < stale)
    oldest = (
        sa.select(Job)
        .where(sa.or_(Job.state == "queued", abandoned))
        .order_by(Job.created_at, Job.id)
        .limit(1)  # only this one is locked: the others are for other workers
        .with_for_update(skip_locked=True)
    )
    while (job := session.scalars(oldest).one_or_none()) is not None:
        if job.attempts >= attempts:
            _give_up(job)
            session.flush()
            continue
        job.state, job.worker, job.attempts = "running", worker, job.attempts + 1
        job.heartbeat_at = now()
        job.started_at = job.started_at or now()
        job.stage, job.fraction, job.message = "starting", 0.0, ""
        return job
    return None


def beat(
    session: Session,
    job_id: str,
    worker: str,
    *,
    progress: Mapping[str, Any],
) -> bool | None:
    """Tell that the worker is alive and how far it is.

    Returns whether the job shall stop, or None where the job is no longer this worker's.
    """
    changed = session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.worker == worker, Job.state == "running")
        .values(heartbeat_at=now(), **progress)
        .returning(Job.stop_requested)
    ).first()
    return None if changed is None else bool(changed[0])


def still_mine(session: Session, job_id: str, worker: str) -> bool:
    """Lock the job and say whether the worker may finish it."""
    query = sa.select(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running")
    return session.scalars(query.with_for_update()).one_or_none() is not None


def finish(session: Session, job_id: str) -> None:
    """Mark a job as done; its plan is added in the same transaction."""
    job = get(session, job_id)
    _finish(
        job, "done", "stopped; the best plan so far is kept" if job.stop_requested else "finished"
    )
    job.fraction = 1.0


def fail(session: Session, job_id: str, error: Mapping[str, Any]) -> None:
    """Mark a job as failed, with the problem in the words of the API."""
    job = get(session, job_id)
    job.error = dict(error)
    _finish(job, "failed", str(error["detail"]))


def release(session: Session, worker: str, *, attempts: int, died: bool) -> None:
    """Give back what a worker that is no more was working at.

    `died`: it ended by itself, and the attempt counts; after `attempts` of them the job fails.
    """
    query = sa.select(Job).where(Job.worker == worker, Job.state == "running").with_for_update()
    for job in session.scalars(query):
        job.worker = None
        if died and job.attempts >= attempts:
            _give_up(job)
            continue
        job.state, job.message = "queued", "taken up again after an interruption"
        if not died:
            job.attempts -= 1


def request_stop(session: Session, job_id: str) -> Job:
    """Ask a job to stop: one that waits is cancelled, one that runs keeps its best plan."""
    job = session.scalars(sa.select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        return get(session, job_id)
    if job.state in UNFINISHED:
        job.stop_requested = True
        if job.state == "queued":
            _finish(job, "cancelled", "stopped before it began")
    return job


def _finish(job: Job, state: str, message: str) -> None:
    job.state, job.message, job.finished_at, job.worker = state, message, now(), None
    session = object_session(job)
    assert session is not None
    told = {"job": job.id, "plan": job.plan_id, "message": message, "error": job.error}
    outbox.emit(session, f"job.{state}", told)


def _give_up(job: Job) -> None:
    job.error = {
        "code": "worker_died",
        "detail": f"the worker died {job.attempts} times while it was at this job",
        "hint": "It may need more memory than there is: try a coarser resolution, "
        "and look at the service's log.",
    }
    _finish(job, "failed", job.error["detail"])
