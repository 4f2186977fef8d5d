"""Forgetting what is past its time: results of exports, and keys of repeated requests."""

import logging
from datetime import timedelta

from app.errors import UnavailableError
from app.settings import Settings
from app.store import blobs, idempotency, jobs
from app.store.database import Database
from app.store.tables import now

log = logging.getLogger("bailiwick.tidy")


def tidy(database: Database, settings: Settings) -> None:
    """Forget what the settings do not keep any longer; a database that is busy is left alone."""
    try:
        with database.write() as session:
            before = now() - timedelta(days=settings.export_keep_days)
            for job in jobs.outdated(session, before=before):
                blobs.drop(session, job.id)
                job.result = None
            idempotency.forget(session, before=now() - timedelta(hours=settings.idempotency_hours))
    except UnavailableError:
        log.info("the database is busy; tidying up later")
