"""Backups while the service writes: an archive of either database, or a copy of SQLite's file."""

import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from app.store import migrate
from app.store.archive import Manifest, Row, Writer, plain
from app.store.database import Database, reachable
from geo.errors import OptionError, UnreadableInputError


def write_archive(database: Database, path: Path) -> Manifest:
    """Write all tables, as of one moment, to an archive that either database can be restored from.

    Raises OptionError where the database is empty or of an unknown revision.
    """
    with _in_place_of(path) as partial, _snapshot(database) as connection:
        revision = _revision(connection)
        tables = tables_of(connection, revision)
        # Parquet is compressed already.
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            writer = Writer(archive)
            for table in tables:
                writer.add(table, _rows(connection, table))
            return writer.finish(
                revision=revision,
                version=version("bailiwick"),
                source=connection.dialect.name,
            )


def copy_sqlite(database: Database, path: Path) -> str:
    """Copy SQLite's file by its backup API, check the copy, and return its revision.

    Raises OptionError for a PostgreSQL database.
    """
    if not database.is_sqlite:
        raise OptionError(
            "only SQLite can be copied to a file of SQLite",
            hint="Name the file .zip, for an archive that either database can be restored from.",
        )
    with _in_place_of(path) as partial, _snapshot(database) as connection:
        revision = _revision(connection)
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        with sqlite3.connect(partial) as target:
            source.backup(target, pages=4096)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        check_sqlite(target)
        target.close()
    return revision


def check_sqlite(connection: sqlite3.Connection) -> None:
    """Raise UnreadableInputError for a damaged file, or a row whose parent is not there."""
    try:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        said, orphan = str(error), None
    if said != "ok" or orphan is not None:
        raise UnreadableInputError(
            f"the database is damaged: {said if orphan is None else f'orphans in {orphan[0]}'}",
            hint="Take another backup, one whose file is whole, and look at the disk.",
        )


def tables_of(connection: sa.Connection, revision: str) -> list[sa.Table]:
    """The tables of that revision as they are in this database, by name."""
    names = migrate.tables_at(revision)
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _metadata: name in names)
    tables = [metadata.tables[name] for name in sorted(metadata.tables)]
    for column in (column for table in tables for column in table.columns):
        if isinstance(column.type, sa.JSON):
            column.type.none_as_null = True
    return tables


def _revision(connection: sa.Connection) -> str:
    revision = migrate.revision_of(connection)
    if not migrate.is_known(revision):
        raise OptionError(
            f"the database is at revision {revision or 'none'}, which this version does not know",
            hint="Back it up with the version of Bailiwick that last used it.",
        )
    return revision


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[Row]:
    is_heavy = any(isinstance(column.type, sa.LargeBinary) for column in table.columns)
    query = sa.select(table).execution_options(yield_per=4 if is_heavy else 1000)
    for values in connection.execute(query):
        yield plain(table, values)


@contextmanager
def _snapshot(database: Database) -> Iterator[sa.Connection]:
    """A connection that sees one moment, whatever others write."""
    options = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    engine = database.engine.execution_options(**options)
    with reachable(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _in_place_of(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place once it is whole and on the disk."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)  # it holds customers
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError as error:
        raise OptionError(
            f"{path} cannot be written: {error.strerror}",
            hint="Name a file in a directory that exists and has room.",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
