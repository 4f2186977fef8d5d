"""The worker: a process at low priority that takes jobs from the table, one after the other.

The service starts it with its settings on the first line of standard input and keeps the pipe
open: when the pipe closes, the service is gone, and the worker gives its job back and ends.
"""

import json
import logging
import os
import sys
import threading
import time
from typing import Final

from app.drafts import Drafts
from app.errors import UnavailableError
from app.jobs.pulse import Pulse
from app.jobs.work import Design, Upload, Work
from app.observe import logs
from app.settings import Settings
from app.store import datasets, jobs, plans, publications
from app.store.database import Database
from app.store.tables import Job
from geo.errors import BailiwickError

POLL_S: Final = 0.3
_SAVE_TRIES: Final = 5
log = logging.getLogger("bailiwick.worker")


def main(design: Design) -> None:
    """Work until the service that started this process ends."""
    start = json.loads(sys.stdin.readline())
    settings, name = Settings(**start["settings"]), str(start["worker"])
    logs.set_up(settings.log_format)
    os.nice(settings.worker_nice)
    database = Database(settings.url)
    threading.Thread(target=_end_with_service, args=(database, settings, name), daemon=True).start()
    while True:
        _activate_due(database)
        if not run_next(database, settings, name, design):
            time.sleep(POLL_S)


def _activate_due(database: Database) -> None:
    """Put in force what was planned for a moment that has come, also where nobody asks."""
    try:
        with database.read() as session:
            if not publications.is_due(session):
                return
        with database.write() as session:
            publications.activate_due(session)
    except BailiwickError:
        log.exception("what is due could not be put in force")


def run_next(database: Database, settings: Settings, worker: str, design: Design) -> bool:
    """Do the oldest waiting job, if there is one; False where there was nothing to do."""
    try:
        with database.write() as session:
            job = jobs.claim(
                session, worker, lease_s=settings.job_lease_s, attempts=settings.job_attempts
            )
    except UnavailableError:
        log.warning("the database is busy or cannot be reached")
        return False
    if job is None:
        return False
    try:
        with Pulse(database, job.id, worker) as pulse:
            work = _work(database, job)
            files = design(work, pulse.note, pulse.should_stop)
    except BailiwickError as error:
        problem = {"code": error.code, "detail": error.message, "hint": error.hint}
        _save(database, job, worker, problem)
    except Exception:
        log.exception("job %s failed", job.id)
        problem = {
            "code": "internal",
            "detail": "the design failed for a reason of ours, not of your file",
            "hint": f"The service's log says more under {job.id}; please report it.",
        }
        _save(database, job, worker, problem)
    else:
        _save(database, job, worker, files)
    return True


def _work(database: Database, job: Job) -> Work:
    with database.read() as session:
        dataset = datasets.get(session, job.dataset_id, load="content")
        before = job.request.get("incumbent")
        incumbent = None
        if before is not None:
            base = plans.get(session, before)
    if before is not None:
        from sales.planfiles import plan_files

        incumbent = plan_files(Drafts(database).bundle(before, base.version))
    upload = Upload(dataset.file_name, dataset.content, dataset.overrides)
    return Work(upload, job.request, incumbent)


def _save(
    database: Database, job: Job, worker: str, result: dict[str, bytes] | dict[str, str]
) -> None:
    """Keep the plan (or the problem) and end the job, in one transaction."""
    for trial in range(_SAVE_TRIES):
        try:
            with database.write() as session:
                if not jobs.still_mine(session, job.id, worker):
                    log.warning("job %s was given to another worker", job.id)
                elif "plan.json" in result:
                    plans.add(
                        session,
                        plan_id=job.plan_id,
                        dataset_id=job.dataset_id,
                        name=job.request["name"],
                        request=job.request,
                        files=result,  # type: ignore[arg-type]
                    )
                    jobs.finish(session, job.id)
                else:
                    jobs.fail(session, job.id, result)
        except UnavailableError:
            if trial == _SAVE_TRIES - 1:
                raise
            time.sleep(2**trial)
        else:
            return


def _end_with_service(database: Database, settings: Settings, name: str) -> None:
    sys.stdin.read()
    try:
        with database.write() as session:
            jobs.release(session, name, attempts=settings.job_attempts, died=False)
    finally:
        os._exit(0)


if __name__ == "__main__":
    from app.jobs.pipeline import design_plan

    main(design_plan)
