"""The publication of a plan, where the one who asks does not want to wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.work import Final
from app.store import plans, publications
from app.store.database import Database
from app.store.tables import Job


@contextmanager
def publish_plan(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Publish in the final step; the plan must be what `if_match` of the request says."""
    from app.drafts import Drafts

    pulse.step("keeping", 0.0)
    with database.read() as session:
        version = plans.get(session, job.plan_id).version
    Drafts(database).keep(job.plan_id, version)  # files of a version: the same whenever kept
    pulse.step("publishing", 0.5)
    date = job.request["effective_at"]

    def final(session: Session) -> None:
        publications.publish(
            session, job.plan_id, job.request["if_match"], actor=job.caller,
            reason=job.request["reason"], effective_at=date and datetime.fromisoformat(date),
        )  # fmt: skip

    yield final
