"""`bailiwick worker` does the jobs of a database, with no API: for further hosts."""

import signal
import threading
from typing import Annotated

import typer

from app.cli.console import err


def worker(
    database_url: Annotated[
        str | None, typer.Option(metavar="URL", help="PostgreSQL database, or SQLite file.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Jobs done at once.", min=1, max=64)] = None,
) -> None:
    """Do the jobs that services on the same database have taken on, until told to end."""
    from app.jobs.supervisor import Supervisor
    from app.observe import logs
    from app.settings import Settings
    from app.store import migrate
    from app.store.database import Database

    given = {"database_url": database_url, "workers": workers}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    logs.set_up(settings.log_format)
    database = Database(settings.url)
    migrate.upgrade(database)
    supervisor = Supervisor(settings, database)
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    supervisor.start()
    err.print(f"{settings.workers} workers are at work; Ctrl-C ends them")
    told.wait()
    supervisor.stop()
    database.close()
