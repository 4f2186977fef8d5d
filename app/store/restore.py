"""Restore a backup into an empty database, of either kind, and bring it up to date."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, DropConstraint

from app.store import migrate
from app.store.archive import Archive, opened
from app.store.backup import check_sqlite, tables_of
from app.store.database import Database, reachable
from geo.errors import ConflictError, UnreadableInputError

_SQLITE: Final = b"SQLite format 3\0"


@dataclass(frozen=True)
class Restored:
    """What was restored: rows, at which revision they were, and at which they are now."""

    rows: int
    revision: str
    now_at: str


def restore(database: Database, path: Path, *, force: bool, upgrade: bool = True) -> Restored:
    """Replace what the database holds by the backup, all or nothing.

    `force`: even if it holds something. Raises ConflictError without it, UnreadableInputError for
    a damaged backup or one of a newer version.
    """
    with _archive(path) as archive:
        revision = archive.manifest.revision
        if not migrate.is_known(revision):
            raise UnreadableInputError(
                f"the backup is at revision {revision}, which this version does not know",
                hint=f"Restore it with Bailiwick {archive.manifest.version} or newer.",
            )
        _check_target(database, force=force)
        if database.is_sqlite:
            _into_sqlite(database, archive, upgrade=upgrade)
        else:
            _into_postgres(database, archive, upgrade=upgrade)
        return Restored(archive.manifest.rows, revision, migrate.current(database))


@contextmanager
def _archive(path: Path) -> Iterator[Archive]:
    """The archive; a copy of SQLite's file is made into one first."""
    from app.store.backup import write_archive

    if not path.is_file():
        raise UnreadableInputError(f"there is no file {path}", hint="Name the backup's file.")
    with path.open("rb") as file:
        is_sqlite = file.read(len(_SQLITE)) == _SQLITE
    if not is_sqlite:
        with opened(path) as archive:
            yield archive
        return
    with TemporaryDirectory(prefix="bailiwick-") as directory:
        copy, packed = Path(directory) / "copy.db", Path(directory) / "copy.zip"
        shutil.copyfile(path, copy)  # opening it would leave a log beside the backup
        with _closing(sqlite3.connect(copy)) as connection:
            check_sqlite(connection)
        source = Database(f"sqlite:///{copy}")
        try:
            write_archive(source, packed)
        finally:
            source.close()
        with opened(packed) as archive:
            yield archive


def _check_target(database: Database, *, force: bool) -> None:
    with reachable(), database.engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        if not there:
            return
        if "alembic_version" not in there:
            raise ConflictError(
                "the database holds tables of something else",
                hint="Restore into a database of Bailiwick's own.",
            )
        tables = tables_of(connection, migrate.newest())
        filled = [t.name for t in tables if connection.execute(sa.select(t).limit(1)).first()]
    if filled and not force:
        raise ConflictError(
            f"the database is not empty: there are rows in {', '.join(filled)}",
            hint="Restore into an empty database, or say --force to replace what this one holds.",
        )


def _into_sqlite(database: Database, archive: Archive, *, upgrade: bool) -> None:
    """Fill a new file, and put it in the place of the old one by SQLite's own backup API."""
    with TemporaryDirectory(prefix="bailiwick-") as directory:
        file = Path(directory) / "restored.db"
        fresh = Database(f"sqlite:///{file}")
        try:
            migrate.upgrade(fresh, archive.manifest.revision)
            with fresh.write() as session:
                connection = session.connection()
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                _fill(connection, archive)
            if upgrade:
                migrate.upgrade(fresh)
        finally:
            fresh.close()
        with _closing(sqlite3.connect(file)) as source:
            check_sqlite(source)
            with reachable(), database.engine.connect() as connection:
                target = connection.connection.driver_connection
                assert isinstance(target, sqlite3.Connection)
                source.backup(target)


def _into_postgres(database: Database, archive: Archive, *, upgrade: bool) -> None:
    """Everything in one transaction, so that others see the old rows or the new ones."""
    with database.write() as session:
        connection = session.connection()
        migrate.take_turn(connection)
        ours = migrate.tables_at(migrate.newest()) | archive.manifest.tables.keys()
        there = ours & set(sa.inspect(connection).get_table_names())
        for name in (*sorted(there), "alembic_version"):
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        migrate.upgrade_on(connection, archive.manifest.revision)
        _fill(connection, archive)
        if upgrade:
            migrate.upgrade_on(connection)


def _fill(connection: sa.Connection, archive: Archive) -> None:
    tables = tables_of(connection, archive.manifest.revision)
    missing = archive.manifest.tables.keys() ^ {table.name for table in tables}
    if missing:
        raise UnreadableInputError(f"the backup's tables are not those of its revision: {missing}")
    on_postgres = connection.dialect.name == "postgresql"
    links = [link for table in tables for link in table.foreign_key_constraints] * on_postgres
    for link in links:  # so that the order of tables and rows is free
        connection.execute(DropConstraint(link))
    for table in tables:
        connection.execute(sa.delete(table))  # what the migrations put there
        for rows in archive.batches(table):
            connection.execute(sa.insert(table), rows)
        if on_postgres:
            _go_on_counting(connection, table)
    for link in links:
        connection.execute(AddConstraint(link))


def _go_on_counting(connection: sa.Connection, table: sa.Table) -> None:
    for column in table.primary_key.columns:
        if not isinstance(column.type, sa.Integer):
            continue
        name = sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
        sequence = connection.scalar(sa.select(name))
        if sequence is not None:
            most = connection.scalar(sa.select(sa.func.max(column))) or 0
            connection.execute(sa.select(sa.func.setval(sequence, max(most, 1), most > 0)))


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()
