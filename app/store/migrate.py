"""Bring the database to the present shape."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

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
        return revision_of(session.connection())


def revision_of(connection: Connection) -> str:
    """The same for a connection."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(database: Database, to: str = "head") -> None:
    """Run the migrations that are missing, in one transaction.

    Raises UnavailableError where the database is newer than this version of the code.
    """
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            take_turn(connection)
        upgrade_on(connection, to)


def upgrade_on(connection: Connection, to: str = "head") -> None:
    """The same in a transaction under way."""
    at = revision_of(connection)
    if at and not is_known(at):
        raise UnavailableError(
            f"the database is at revision {at}, which this version does not know",
            hint="Run the version of Bailiwick that last used this database, or a newer one.",
        )
    command.upgrade(_config(connection), to)


def take_turn(connection: Connection) -> None:
    """Wait until no other service changes the shape of this PostgreSQL database."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def is_known(revision: str) -> bool:
    """Whether this version of the code knows the revision."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return revision in {script.revision for script in scripts}


@cache
def tables_at(revision: str) -> frozenset[str]:
    """The names of the tables at a revision, without Alembic's own."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
        names = inspect(connection).get_table_names()
    engine.dispose()
    return frozenset(names) - {"alembic_version"}
