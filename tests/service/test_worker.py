import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.jobs.kinds import kinds_with
from app.jobs.reader import Reader
from app.jobs.supervisor import Supervisor
from app.jobs.work import Upload, Work
from app.jobs.worker import run_next
from app.settings import Settings
from app.store import jobs, plans
from app.store.database import Database
from app.store.tables import Job, now
from geo.errors import NothingLocatedError, UnreadableInputError
from geo.progress import Progress
from tests.service.made_up import QUICK, keep_dataset, keep_job, plan_files

SLOW_WORKER = (sys.executable, "-m", "tests.service.slow_worker")


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return jobs.get(session, job_id)


def wait_for(database: Database, job_id: str, met: Callable[[Job], bool]) -> Job:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        job = look(database, job_id)
        if met(job):
            return job
        time.sleep(0.05)
    raise AssertionError(f"still {job.state}, {job.attempts} attempts: {job.message}")


@contextmanager
def supervised(settings: Settings, database: Database) -> Iterator[Supervisor]:
    supervisor = Supervisor(settings, database, SLOW_WORKER)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def test_a_finished_job_has_its_plan(settings: Settings, database: Database) -> None:
    job_id, plan_id = keep_job(database)
    assert run_next(database, settings, "w", QUICK)
    assert look(database, job_id).state == "done"
    with database.read() as session:
        assert plans.files(session, plan_id, 1) == plan_files()
    assert not run_next(database, settings, "w", QUICK)


def test_progress_is_seen_while_the_work_goes_on(settings: Settings, database: Database) -> None:
    job_id, _ = keep_job(database)

    def watched(
        work: Work, progress: Progress, should_stop: Callable[[], bool]
    ) -> dict[str, bytes]:
        progress("balance", 0.25, "largest deviation 7.0 %")
        job = wait_for(database, job_id, lambda job: job.stage == "balance")
        assert (job.state, job.fraction, job.best) == ("running", 0.25, "largest deviation 7.0 %")
        with database.read() as session:
            assert plans.newest(session, limit=5) == []
        return plan_files()

    run_next(database, settings, "w", kinds_with(watched))
    assert look(database, job_id).error is None
    assert look(database, job_id).state == "done"


def test_an_unusable_input_fails_the_job_in_words(settings: Settings, database: Database) -> None:
    job_id, _ = keep_job(database)

    def unusable(*_: object) -> dict[str, bytes]:
        raise NothingLocatedError("no account could be placed", hint="Add postal codes.")

    run_next(database, settings, "w", kinds_with(unusable))
    job = look(database, job_id)
    assert job.state == "failed"
    assert job.error == {
        "code": "nothing_located",
        "detail": "no account could be placed",
        "hint": "Add postal codes.",
    }


def test_a_defect_of_ours_fails_the_job_without_its_inner_life(
    settings: Settings, database: Database
) -> None:
    job_id, _ = keep_job(database)

    def broken(*_: object) -> dict[str, bytes]:
        raise ZeroDivisionError("secret inner life")

    run_next(database, settings, "w", kinds_with(broken))
    job = look(database, job_id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["code"] == "internal"
    assert "secret" not in str(job.error)


def test_a_waiting_job_that_is_stopped_never_runs(settings: Settings, database: Database) -> None:
    job_id, _ = keep_job(database)
    with database.write() as session:
        jobs.request_stop(session, job_id)
    assert not run_next(database, settings, "w", QUICK)
    assert look(database, job_id).state == "cancelled"


def test_work_at_a_job_that_another_took_over_is_dropped(
    settings: Settings, database: Database
) -> None:
    job_id, _ = keep_job(database)

    def outlived(
        work: Work, progress: Progress, should_stop: Callable[[], bool]
    ) -> dict[str, bytes]:
        with database.write() as session:
            session.execute(sa.update(Job).values(worker="other"))
        end = time.monotonic() + 20
        while not should_stop():
            assert time.monotonic() < end
            time.sleep(0.05)
        return plan_files()

    run_next(database, settings, "w", kinds_with(outlived))
    assert look(database, job_id).state == "running"
    with database.read() as session:
        assert plans.newest(session, limit=5) == []


def test_a_job_without_a_sign_of_life_is_taken_over(settings: Settings, database: Database) -> None:
    job_id, _ = keep_job(database)
    with database.write() as session:
        jobs.claim(session, "dead", lease_s=30, attempts=3)
    assert not run_next(database, settings, "w", QUICK)
    with database.write() as session:
        session.execute(sa.update(Job).values(heartbeat_at=now().replace(year=2020)))
    assert run_next(database, settings, "w", QUICK)
    job = look(database, job_id)
    assert (job.state, job.attempts) == ("done", 2)


def test_the_next_worker_does_a_killed_ones_job_and_stops_when_told_keeping_the_plan(
    settings: Settings, database: Database
) -> None:
    job_id, plan_id = keep_job(database)
    with supervised(settings, database) as supervisor:
        wait_for(database, job_id, lambda job: job.best.startswith("round"))
        (pid,) = supervisor.pids
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for(database, job_id, lambda job: job.attempts == 2)
        assert supervisor.pids[0] not in (pid, None)
        with database.write() as session:
            assert jobs.request_stop(session, job_id).state == "running"
        job = wait_for(database, job_id, lambda job: job.state != "running")
    assert (job.state, job.best[:5]) == ("done", "round")
    with database.read() as session:
        assert plans.files(session, plan_id, 1) == plan_files()


def test_a_job_that_kills_its_worker_fails_with_the_reason(
    settings: Settings, database: Database
) -> None:
    settings = settings.model_copy(update={"job_attempts": 2})
    dataset_id = keep_dataset(database)
    with database.write() as session:
        job_id = jobs.add(
            session,
            "design",
            caller="local",
            dataset_id=dataset_id,
            request={"name": "deadly"},
        ).id
    with supervised(settings, database):
        job = wait_for(database, job_id, lambda job: job.state == "failed")
    assert job.attempts == 2
    assert job.error is not None
    assert job.error["code"] == "worker_died"


def test_when_the_service_ends_the_worker_gives_its_job_back(
    settings: Settings, database: Database
) -> None:
    job_id, _ = keep_job(database)
    with supervised(settings, database) as supervisor:
        wait_for(database, job_id, lambda job: job.best.startswith("round"))
        (pid,) = supervisor.pids
    job = look(database, job_id)
    assert (job.state, job.attempts) == ("queued", 0)
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_two_workers_do_not_do_the_same_job(settings: Settings, database: Database) -> None:
    ids = [keep_job(database)[0] for _ in range(4)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda w: run_next(database, settings, w, QUICK), "abcd"))
    assert sum(done) == len(ids)
    assert {look(database, job_id).attempts for job_id in ids} == {1}


def test_a_reader_that_is_killed_is_replaced(tmp_path: Path) -> None:
    reader = Reader(nice=0)
    path = tmp_path / "a.csv"
    path.write_bytes(b"Account ID,Latitude,Longitude\n1,50,10\n")
    upload = Upload("a.csv", path, {})
    try:
        assert reader.read(upload).account_count == 1
        assert reader.pid is not None
        os.kill(reader.pid, signal.SIGKILL)
        with pytest.raises(UnreadableInputError, match=r"a\.csv"):
            reader.read(upload)
        assert reader.read(upload).account_count == 1
    finally:
        reader.close()
