"""Bring the database to the present shape."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.errors import UnavailableError
from app.store.database import Database

_LOCK = 0xBA111  # any number of our own: two services that start together take turns


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this version of the code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(database: Database) -> str:
    """The revision that the database is at; empty for a new database."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() or ""


def upgrade(database: Database) -> None:
    """Run the migrations that are missing, in one transaction.

    Raises UnavailableError where the database is newer than this version of the code.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        at = MigrationContext.configure(connection).get_current_revision()
        if at is not None and at not in known:
            raise UnavailableError(
                f"the database is at revision {at}, which this version does not know",
                hint="Run the version of Bailiwick that last used this database, or a newer one.",
            )
        command.upgrade(_config(connection), "head")
