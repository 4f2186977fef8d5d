"""Maps drawn at random, and where today's stands; told to stop it keeps what it has."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.work import Final
from app.store import audit, blobs, plans
from app.store.database import Database
from app.store.tables import Job

_MEDIA = {"json": "application/json", "zip": "application/zip"}


@contextmanager
def judge_plan(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Judge plan `version`, or the `incumbent` plan on its cells; the result is one file."""
    from app.drafts import Drafts
    from sales.ensemble.judge import judge
    from sales.ensemble.written import ensemble_files
    from sales.rules.alignment import alignment_of

    asked = job.request
    pulse.step("reading", 0.0)
    drafts = Drafts(database)
    bundle = drafts.bundle(job.plan_id, asked["version"])
    today = None
    if asked.get("incumbent"):
        with database.read() as session:
            other = plans.get(session, asked["incumbent"])
        today = alignment_of(drafts.bundle(other.id, other.version), other.name)
    board, _ = drafts.state(job.plan_id, asked["version"])
    document = judge(
        bundle, maps=asked["maps"], seed=asked["seed"], tolerance=asked.get("tolerance"),
        tree=asked["tree"], incumbent=today,
        worth=board.worth if len(bundle.assignments) else None, progress=pulse.note,
        should_stop=pulse.should_stop,
    )  # fmt: skip
    pulse.note("keeping", 0.0)
    files = ensemble_files(document)
    kind = asked["format"]
    content = files["ensemble.json"] if kind == "json" else _zipped(files)

    def final(session: Session) -> None:
        size = blobs.put(session, job.id, io.BytesIO(content))
        kept = session.get_one(Job, job.id)
        kept.result = {
            "file_name": f"{job.plan_id}-ensemble.{kind}",
            "media_type": _MEDIA[kind],
            "bytes": size,
        }
        about = {"job": job.id, "maps": document["maps"], "version": asked["version"]}
        audit.record(session, job.caller, "plan.ensemble", job.plan_id, about)

    yield final


def _zipped(files: dict[str, bytes]) -> bytes:
    """All files in one, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content,
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return out.getvalue()
