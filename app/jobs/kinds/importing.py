"""The import of a file: read it, put its accounts on the map, keep it as a dataset."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.uploads import fetched
from app.jobs.work import Final
from app.store import audit, datasets
from app.store.database import Database
from app.store.tables import Job


@contextmanager
def import_dataset(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Read the job's upload; one that cannot be used is dropped when the job fails."""
    from app.jobs.pipeline import read_upload

    asked = job.request
    with fetched(database, asked["upload_id"], asked["file_name"], asked["overrides"]) as upload:
        pulse.step("reading", 0.0, upload.file_name)
        reading = read_upload(upload, progress=pulse.step)

    def final(session: Session) -> None:
        new = datasets.keep(
            session,
            dataset_id=job.dataset_id,
            file_name=asked["file_name"],
            sha256=asked["sha256"],
            upload_id=asked["upload_id"],
            overrides=asked["overrides"],
            reading=reading,
        )
        if new:
            about = {
                "job": job.id, "file_name": asked["file_name"], "sha256": asked["sha256"],
                "accounts": reading.account_count,
            }  # fmt: skip
            audit.record(session, job.caller, "dataset.upload", job.dataset_id, about)

    yield final
