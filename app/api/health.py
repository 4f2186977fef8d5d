"""Alive, and able to serve."""

from importlib.metadata import version

from fastapi import APIRouter

from app.api.context import S
from app.api.problems import responses
from app.api.schemas import Health
from app.errors import UnavailableError
from app.store import migrate

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Health:
    """Alive: the process answers."""
    return Health(status="ok", version=version("bailiwick"))


@router.get("/readyz", responses=responses())
def readyz(services: S) -> Health:
    """Able to serve: the database answers and has the shape that this version needs."""
    at, needed = migrate.current(services.database), migrate.newest()
    if at != needed:
        raise UnavailableError(
            f"the database is at revision {at or 'none'}, not {needed}",
            hint="Start the service again: it brings the database up to date.",
        )
    return healthz()
