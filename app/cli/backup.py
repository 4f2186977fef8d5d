"""`bailiwick backup` and `bailiwick restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import out

if TYPE_CHECKING:
    from app.store.database import Database

_COPIES: Final = (".db", ".sqlite", ".sqlite3")
DatabaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="SQLite file or PostgreSQL database."),
]


def backup(
    file: Annotated[
        Path, typer.Option("--out", help="File to write: .zip, or .db for a copy of SQLite's file.")
    ],
    database_url: DatabaseUrl = None,
) -> None:
    """Back the database up, while the service runs if need be."""
    from app.store import audit, migrate
    from app.store.backup import copy_sqlite, write_archive

    with _database(database_url) as database:
        if file.suffix in _COPIES:
            revision = copy_sqlite(database, file)
            said = "a checked copy of the database"
        else:
            manifest = write_archive(database, file)
            revision = manifest.revision
            said = f"{manifest.rows} rows of {len(manifest.tables)} tables"
        if revision == migrate.newest():  # an older database has no such log, or another
            with database.write() as session:
                audit.record(session, "command line", "database.backup", file.name, {})
    size = file.stat().st_size / 1e6
    out.print(f"{file}: {said}, revision {revision}, {size:.1f} MB", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    database_url: DatabaseUrl = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what the database holds.")
    ] = False,
) -> None:
    """Restore a backup, of SQLite or PostgreSQL, into SQLite or PostgreSQL."""
    from app.store import audit
    from app.store import restore as store

    with _database(database_url) as database:
        done = store.restore(database, file, force=force)
        with database.write() as session:
            detail = {"rows": done.rows, "revision": done.revision}
            audit.record(session, "command line", "database.restore", file.name, detail)
    upgraded = f", brought up to {done.now_at}" if done.now_at != done.revision else ""
    out.print(f"{done.rows} rows restored at revision {done.revision}{upgraded}", markup=False)


@contextmanager
def _database(url: str | None) -> Iterator["Database"]:
    from app.settings import Settings
    from app.store.database import Database

    settings = Settings() if url is None else Settings(database_url=url)
    database = Database(settings.url)
    try:
        yield database
    finally:
        database.close()
