"""The design of a plan: read, locate, solve; told to stop it keeps the best so far."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.uploads import fetched
from app.jobs.work import Design, Final, Run, Work
from app.store import audit, datasets, plans
from app.store.database import Database
from app.store.tables import Job


def designing(design: Design) -> Run:
    """The kind of job whose plans are made by `design`."""

    @contextmanager
    def run(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
        with database.read() as session:
            dataset = datasets.get(session, job.dataset_id)
            before = job.request.get("incumbent")
            base = None if before is None else plans.get(session, before)
        incumbent = None if base is None else _files(database, base.id, base.version)
        with fetched(database, dataset.upload_id, dataset.file_name, dataset.overrides) as upload:
            files = design(Work(upload, job.request, incumbent), pulse.note, pulse.should_stop)

        def final(session: Session) -> None:
            plans.add(
                session,
                plan_id=job.plan_id,
                dataset_id=job.dataset_id,
                name=job.request["name"],
                request=job.request,
                files=files,
            )
            audit.record(session, job.caller, "plan.create", job.plan_id, {"job": job.id})

        yield final

    return run


def _files(database: Database, plan_id: str, version: int) -> dict[str, bytes]:
    """The files of a version, also where they are not kept."""
    from app.drafts import Drafts
    from sales.planfiles import plan_files

    return plan_files(Drafts(database).bundle(plan_id, version))
