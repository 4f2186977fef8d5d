"""The table of long work: who does what, how far it is, and whether anybody is still at it."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.errors import QueueFullError
from app.store import blobs, outbox
from app.store.tables import Job, now
from geo.errors import NotFoundError

KINDS: Final = ("import", "design", "export", "publish", "scenarios", "ensemble")
UNFINISHED: Final = ("queued", "running")
RETRY_AFTER_S: Final = 10


def new_id(kind: str) -> str:
    """An id that nobody can guess, e.g. `pl_3f…`."""
    return f"{kind}_{secrets.token_hex(12)}"


def add(
    session: Session,
    kind: str,
    *,
    caller: str,
    request: Mapping[str, Any],
    dataset_id: str = "",
    plan_id: str = "",
    most_queued: int | None = None,
) -> Job:
    """Queue a job; a design gets the id of the plan that it will make.

    Raises QueueFullError where `most_queued` jobs wait already.
    """
    if most_queued is not None:
        waiting = sa.select(sa.func.count()).where(Job.state == "queued")
        if (session.scalar(waiting) or 0) >= most_queued:
            raise QueueFullError(
                f"{most_queued} jobs are waiting already",
                hint="Try again later, run more workers, or raise BAILIWICK_MAX_QUEUED_JOBS.",
                retry_after_s=RETRY_AFTER_S,
            )
    job = Job(
        id=new_id("jb"),
        kind=kind,
        caller=caller,
        state="queued",
        dataset_id=dataset_id,
        plan_id=new_id("pl") if kind == "design" else plan_id,
        request=dict(request),
        message="waiting for its turn",
        created_at=now(),
    )
    session.add(job)
    session.flush()
    return job


def importing(session: Session, dataset_id: str) -> Job | None:
    """The unfinished import of a dataset, if there is one."""
    query = sa.select(Job).where(
        Job.dataset_id == dataset_id, Job.kind == "import", Job.state.in_(UNFINISHED)
    )
    return session.scalars(query.order_by(Job.created_at).limit(1)).one_or_none()


def get(session: Session, job_id: str) -> Job:
    """The job; raises NotFoundError."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id!r}")
    return job


def unfinished(session: Session, kind: str) -> list[Job]:
    """Jobs of a kind that wait or run, oldest first."""
    query = sa.select(Job).where(Job.state.in_(UNFINISHED), Job.kind == kind)
    return list(session.scalars(query.order_by(Job.created_at)))


def failed(session: Session, kind: str, *, limit: int) -> list[Job]:
    """The jobs of a kind that failed last, newest first."""
    query = sa.select(Job).where(Job.state == "failed", Job.kind == kind)
    return list(session.scalars(query.order_by(Job.created_at.desc()).limit(limit)))


def done(session: Session, kind: str, *, plan_id: str, limit: int) -> list[Job]:
    """Jobs of a kind about a plan that came to an end with a result, newest first."""
    query = sa.select(Job).where(
        Job.state == "done", Job.kind == kind, Job.plan_id == plan_id, Job.result.is_not(None)
    )
    return list(session.scalars(query.order_by(Job.finished_at.desc(), Job.id).limit(limit)))


def claim(
    session: Session, worker: str, *, lease_s: float, attempts: int, kinds: Collection[str] = KINDS
) -> Job | None:
    """Take the oldest job of these kinds that nobody works at; None where there is none.

    A running job without a sign of life for `lease_s` seconds counts as nobody's. One whose
    worker died `attempts` times fails, with the reason.
    """
    moment = clock(session)
    abandoned = sa.and_(
        Job.state == "running", Job.heartbeat_at < moment - timedelta(seconds=lease_s)
    )
    oldest = (
        sa.select(Job)
        .where(sa.or_(Job.state == "queued", abandoned), Job.kind.in_(kinds))
        .order_by(Job.created_at, Job.id)
        .limit(1)  # only this one is locked: the others are for other workers
        .with_for_update(skip_locked=True)
    )
    while (job := session.scalars(oldest).one_or_none()) is not None:
        if job.attempts >= attempts:
            _give_up(session, job)
            session.flush()
            continue
        job.state, job.worker, job.attempts = "running", worker, job.attempts + 1
        job.heartbeat_at = moment
        job.started_at = job.started_at or now()
        job.stage, job.fraction, job.message = "starting", 0.0, ""
        return job
    return None


def clock(session: Session) -> datetime:
    """The database's time: the clocks of several hosts need not agree on leases."""
    if session.get_bind().dialect.name == "sqlite":
        return now()  # one host
    moment = session.scalar(sa.select(sa.func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment


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
        .values(heartbeat_at=clock(session), **progress)
        .returning(Job.stop_requested)
    ).first()
    return None if changed is None else bool(changed[0])


def still_mine(session: Session, job_id: str, worker: str) -> bool:
    """Lock the job and say whether the worker may finish it."""
    query = sa.select(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running")
    return session.scalars(query.with_for_update()).one_or_none() is not None


def finish(session: Session, job_id: str) -> None:
    """Mark a job as done; what it made is added in the same transaction."""
    job = get(session, job_id)
    stopped = job.stop_requested and job.kind == "design"
    _finish(
        session, job, "done", "stopped; the best plan so far is kept" if stopped else "finished"
    )
    job.fraction = 1.0


def cancel(session: Session, job_id: str) -> None:
    """Mark a job as stopped with nothing to keep."""
    _finish(session, get(session, job_id), "cancelled", "stopped; nothing was changed")


def fail(session: Session, job_id: str, error: Mapping[str, Any]) -> None:
    """Mark a job as failed, with the problem in the words of the API."""
    job = get(session, job_id)
    job.error = dict(error)
    _finish(session, job, "failed", str(error["detail"]))


def release(session: Session, worker: str, *, attempts: int, died: bool) -> None:
    """Give back what a worker that is no more was working at.

    `died`: it ended by itself, and the attempt counts; after `attempts` of them the job fails.
    """
    query = sa.select(Job).where(Job.worker == worker, Job.state == "running").with_for_update()
    for job in session.scalars(query):
        job.worker = None
        if died and job.attempts >= attempts:
            _give_up(session, job)
            continue
        job.state, job.message = "queued", "taken up again after an interruption"
        if not died:
            job.attempts -= 1


def request_stop(session: Session, job_id: str) -> Job:
    """Ask a job to stop: one that waits is cancelled, a design that runs keeps its best plan."""
    job = session.scalars(sa.select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        return get(session, job_id)
    if job.state in UNFINISHED:
        job.stop_requested = True
        if job.state == "queued":
            _finish(session, job, "cancelled", "stopped before it began")
    return job


def _finish(session: Session, job: Job, state: str, message: str) -> None:
    job.state, job.message, job.finished_at, job.worker = state, message, now(), None
    if job.kind == "import" and state != "done":
        blobs.drop(session, job.request["upload_id"])  # nobody will read it any more
    told = {
        "job": job.id, "kind": job.kind, "plan": job.plan_id, "message": message,
        "error": job.error,
    }  # fmt: skip
    outbox.emit(session, f"job.{state}", told)


def outdated(session: Session, *, before: datetime) -> list[Job]:
    """Exports whose file was made before that moment, and is still kept."""
    query = sa.select(Job).where(
        Job.result.is_not(None), Job.kind == "export", Job.finished_at < before
    )
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def _give_up(session: Session, job: Job) -> None:
    job.error = {
        "code": "worker_died",
        "detail": f"the worker died {job.attempts} times while it was at this job",
        "hint": "It may need more memory than there is (of a design: try a coarser "
        "resolution). The service's log says more.",
    }
    _finish(session, job, "failed", job.error["detail"])
