"""The worker: a process at low priority that takes jobs from the table, one after the other.

The service starts it with its settings on the first line of standard input and keeps the pipe
open: when the pipe closes, the service is gone, and the worker gives its job back and ends.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.errors import UnavailableError
from app.jobs.kinds import KINDS
from app.jobs.pulse import Pulse, Stopped
from app.jobs.tidy import tidy
from app.jobs.work import Final, Run
from app.observe import logs
from app.settings import Settings
from app.store import jobs, publications
from app.store.database import Database
from app.store.tables import Job
from geo.errors import BailiwickError

POLL_S = 0.3
TIDY_EVERY_S = 60.0
_SAVE_TRIES = 5
log = logging.getLogger("bailiwick.worker")


def main(kinds: Mapping[str, Run]) -> None:
    """Work until the service that started this process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends us
    start = json.loads(sys.stdin.readline())
    settings, name = Settings(**start["settings"]), str(start["worker"])
    logs.set_up(settings.log_format)
    mine = {kind: run for kind, run in kinds.items() if kind in start["kinds"]}
    os.nice(settings.worker_nice)
    database = Database(settings.url)
    threading.Thread(target=_end_with_service, args=(database, settings, name), daemon=True).start()
    tidied = float("-inf")
    while True:
        _activate_due(database)
        if time.monotonic() - tidied > TIDY_EVERY_S:
            tidy(database, settings)
            tidied = time.monotonic()
        if not run_next(database, settings, name, mine):
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


def run_next(
    database: Database, settings: Settings, worker: str, kinds: Mapping[str, Run] = KINDS
) -> bool:
    """Do the oldest waiting job of these kinds; False where there was nothing to do."""
    try:
        with database.write() as session:
            job = jobs.claim(
                session,
                worker,
                lease_s=settings.job_lease_s,
                attempts=settings.job_attempts,
                kinds=tuple(kinds),
            )
    except UnavailableError:
        log.warning("the database is busy or cannot be reached")
        return False
    if job is None:
        return False
    try:
        with Pulse(database, job.id, worker, stop=job.stop_requested) as pulse:
            _do(database, job, worker, kinds[job.kind], pulse)
    except UnavailableError:
        log.exception("job %s goes back: the database cannot be reached", job.id)
        _give_back(database, settings, worker)
    return True


def _do(database: Database, job: Job, worker: str, run: Run, pulse: Pulse) -> None:
    """The work and its end, whatever that is. Raises UnavailableError without a database."""
    try:
        with run(database, job, pulse) as final:
            _end(database, job, worker, lambda session: _finish(session, job, final))
    except UnavailableError:
        raise
    except Stopped:
        _end(database, job, worker, lambda session: jobs.cancel(session, job.id))
    except BailiwickError as error:
        problem = {"code": error.code, "detail": error.message, "hint": error.hint}
        _end(database, job, worker, lambda session: jobs.fail(session, job.id, problem))
    except Exception:
        log.exception("job %s failed", job.id)
        defect = {
            "code": "internal",
            "detail": f"the {job.kind} failed for a reason of ours, not of your file",
            "hint": f"The service's log says more under {job.id}; please report it.",
        }
        _end(database, job, worker, lambda session: jobs.fail(session, job.id, defect))


def _finish(session: Session, job: Job, final: Final) -> None:
    final(session)
    jobs.finish(session, job.id)


def _end(database: Database, job: Job, worker: str, change: Final) -> None:
    """End the job in one transaction with what it changes, if it is still this worker's."""
    for trial in range(_SAVE_TRIES):
        try:
            with database.write() as session:
                if jobs.still_mine(session, job.id, worker):
                    change(session)
                else:
                    log.warning("job %s was given to another worker", job.id)
        except UnavailableError:
            if trial == _SAVE_TRIES - 1:
                raise
            time.sleep(2**trial)
        else:
            return


def _give_back(database: Database, settings: Settings, worker: str) -> None:
    """Give the job back as soon as there is a database again."""
    while True:
        try:
            with database.write() as session:
                jobs.release(session, worker, attempts=settings.job_attempts, died=True)
        except UnavailableError:
            time.sleep(POLL_S)
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
    main(KINDS)
