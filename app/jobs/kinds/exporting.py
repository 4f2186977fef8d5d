"""The export of a plan version to a file of another kind, kept to be fetched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.work import Final
from app.store import audit, blobs
from app.store.bundles import named
from app.store.database import Database
from app.store.tables import Job


@contextmanager
def export_plan(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Write the file that `request` asks for (`format`, of plan `version`)."""
    from app.drafts import Drafts
    from sales.export import FORMATS, export

    kind, version = job.request["format"], job.request["version"]
    with TemporaryDirectory(prefix="bailiwick-") as directory:
        pulse.step("reading", 0.0)
        found = Drafts(database).bundle(job.plan_id, version)
        bundle = named(database, found, job.dataset_id)
        pulse.step("writing", 0.0, kind)
        path = export(bundle, kind, Path(directory) / f"{job.plan_id}{FORMATS[kind].suffix}")
        pulse.step("keeping", 0.0)

        def final(session: Session) -> None:
            with path.open("rb") as file:
                size = blobs.put(session, job.id, file)
            kept = session.get_one(Job, job.id)
            kept.result = {
                "file_name": f"{job.plan_id}-v{version}{path.suffix}",
                "media_type": FORMATS[kind].media_type,
                "bytes": size,
            }
            about = {"job": job.id, "format": kind, "version": version}
            audit.record(session, job.caller, "plan.export", job.plan_id, about)

        yield final
