"""Alive, and able to serve."""

from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from app.api.context import S
from app.api.problems import problem, responses
from app.api.schemas import Check, Health, Ready
from app.errors import UnavailableError
from app.jobs.supervisor import Supervisor
from app.store import migrate
from app.store.database import Database

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Health:
    """Alive: the process answers."""
    return Health(status="ok", version=version("bailiwick"))


@router.get("/readyz", response_model=Ready, responses=responses())
def readyz(services: S, request: Request) -> Ready | Response:
    """Able to serve: the database answers and has the shape that this version needs.

    Without its worker the service still answers whose a lead is, so it is `degraded` and no 503.
    """
    needed = [_database(services.database)]
    if needed[0].ok:
        needed.append(_schema(services.database))
    checks = [*needed, *_worker(request.app.state.supervisor)]
    broken = [check.detail for check in needed if not check.ok]
    if broken:
        hint = "Look at `checks`, at the database, and at the service's log."
        shown = [check.model_dump() for check in checks]
        return problem(503, UnavailableError.code, "; ".join(broken), hint, more={"checks": shown})
    well = all(check.ok for check in checks)
    return Ready(status="ok" if well else "degraded", version=version("bailiwick"), checks=checks)


def _database(database: Database) -> Check:
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    try:
        migrate.current(database)
    except UnavailableError as error:
        return Check(name="database", ok=False, detail=error.message)
    return Check(name="database", ok=True, detail=f"{kind} answers")


def _schema(database: Database) -> Check:
    at, needed = migrate.current(database), migrate.newest()
    if at == needed:
        return Check(name="schema", ok=True, detail=f"at revision {at}")
    detail = f"the database is at revision {at or 'none'}, not {needed}"
    return Check(name="schema", ok=False, detail=detail)


def _worker(supervisor: Supervisor | None) -> list[Check]:
    if supervisor is None:
        return []
    pid = supervisor.pid
    detail = "is being started" if pid is None else f"runs as process {pid}"
    return [Check(name="worker", ok=pid is not None, detail=detail)]
