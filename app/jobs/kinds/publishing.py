"""The publication of a plan, where the one who asks does not want to wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.work import Final
from app.store import plans
from app.store.database import Database
from app.store.tables import Job


@contextmanager
def publish_plan(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Publish in the final step; the plan must be what `if_match` of the request says."""
    del database
    pulse.step("publishing", 0.0)

    def final(session: Session) -> None:
        plans.publish(session, job.plan_id, job.request["if_match"])

    yield final
