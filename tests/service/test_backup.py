"""Backups taken while others write, restored into either kind of database."""

import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.store import audit, jobs, migrate, plans, publications
from app.store.archive import opened
from app.store.backup import copy_sqlite, tables_of, write_archive
from app.store.database import Database
from app.store.restore import restore
from app.store.tables import AuditEntry, Base, Publication, now
from geo.errors import ConflictError, OptionError, UnreadableInputError
from tests.service.conftest import empty_database
from tests.service.made_up import keep_job, keep_plan


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database without tables; with `database` there are all four directions."""
    with empty_database(request, request.param, tmp_path / "target.db") as url:
        database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
        yield database
        database.close()


@pytest.fixture
def filled(database: Database) -> Database:
    """With something in every table that has a use yet, and every kind of value."""
    old, new = keep_plan(database, name="Ünï \U0001f4a9"), keep_plan(database)
    keep_job(database)
    failed, _ = keep_job(database)
    with database.write() as session:
        publications.publish(session, old, "*", actor="test")
        audit.record(session, "Ann", "plan.publish", old, {"a": [1, None, {"b": 0.1}], "ü": "\\"})
    with database.write() as session:
        publications.publish(session, new, "*", actor="test")
        jobs.claim(session, "somebody", lease_s=30, attempts=3)
        jobs.fail(session, failed, {"code": "x", "detail": "y", "hint": ""})
    return database


def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows, by table, as this version's models read them."""
    with database.read() as session:
        return {
            name: sorted(map(tuple, session.execute(sa.select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


@contextmanager
def writer_at_work(database: Database) -> Iterator[None]:
    """Somebody who writes pairs of rows, each pair in one transaction, from start to end."""
    over, begun = threading.Event(), threading.Event()

    def write() -> None:
        own = Database(database.engine.url.render_as_string(hide_password=False))
        number = 0
        while not over.is_set():
            with own.write() as session:
                for half in ("a", "b"):
                    audit.record(session, "writer", half, str(number), {})
                    session.flush()
            number += 1
            begun.set()
        own.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        over.set()
        thread.join()


def halves(database: Database) -> tuple[list[str], list[str]]:
    with database.read() as session:
        rows = session.execute(
            sa.select(AuditEntry.action, AuditEntry.subject).where(AuditEntry.actor == "writer")
        ).all()
    return sorted(s for a, s in rows if a == "a"), sorted(s for a, s in rows if a == "b")


def test_every_row_comes_back_in_either_kind_of_database(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    before = content(filled)
    manifest = write_archive(filled, tmp_path / "backup.zip")
    assert manifest.rows == sum(map(len, before.values()))
    done = restore(target, tmp_path / "backup.zip", force=False)
    assert done.rows == manifest.rows
    assert done.now_at == migrate.newest()
    assert content(target) == before
    with target.read() as session:  # nothing in JSON is NULL, and not the word null
        nothing = session.scalar(sa.text("SELECT count(*) FROM jobs WHERE error IS NULL"))
    assert nothing == 1


def test_a_backup_of_a_busy_database_is_of_one_moment(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    with writer_at_work(filled):
        write_archive(filled, tmp_path / "backup.zip")
    restore(target, tmp_path / "backup.zip", force=False)
    first, second = halves(target)
    assert first == second != []
    assert len(first) <= len(halves(filled)[0])


def test_what_was_restored_goes_on_counting_where_it_was(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    write_archive(filled, tmp_path / "backup.zip")
    restore(target, tmp_path / "backup.zip", force=False)
    with target.write() as session:
        newest = session.scalar(sa.select(sa.func.max(Publication.id)))
        audit.record(session, "Bo", "test", "x", {})
        publications.publish(session, plans.newest(session, limit=2)[1].id, "*", actor="test")
        assert session.scalar(sa.select(sa.func.max(Publication.id))) == (newest or 0) + 1


def test_rows_that_are_there_are_replaced_only_by_force(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    write_archive(filled, tmp_path / "backup.zip")
    migrate.upgrade(target)
    keep_plan(target, name="in the way")
    there = content(target)
    with pytest.raises(ConflictError, match="not empty") as refused:
        restore(target, tmp_path / "backup.zip", force=False)
    assert "--force" in refused.value.hint
    assert content(target) == there
    restore(target, tmp_path / "backup.zip", force=True)
    assert content(target) == content(filled)


def test_a_restored_database_keeps_its_rules(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    write_archive(filled, tmp_path / "backup.zip")
    restore(target, tmp_path / "backup.zip", force=False)
    with target.engine.connect() as connection:
        for table in tables_of(connection, migrate.newest()):
            own = Base.metadata.tables[table.name]
            assert len(table.foreign_key_constraints) == len(own.foreign_key_constraints)
    with pytest.raises(sa.exc.IntegrityError), target.write() as session:
        session.add(Publication(plan_id="pl_none", version=1, published_at=now()))


def test_somebody_elses_database_is_left_alone(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    write_archive(filled, tmp_path / "backup.zip")
    with target.write() as session:
        session.execute(sa.text("CREATE TABLE theirs (x INTEGER)"))
    with pytest.raises(ConflictError, match="something else"):
        restore(target, tmp_path / "backup.zip", force=True)


@pytest.mark.parametrize("where", [0.3, 0.6])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    filled: Database, target: Database, tmp_path: Path, where: float
) -> None:
    path = tmp_path / "backup.zip"
    write_archive(filled, path)
    damaged = bytearray(path.read_bytes())
    damaged[int(len(damaged) * where)] ^= 0x40
    path.write_bytes(damaged)
    with pytest.raises(UnreadableInputError, match="damaged"):
        restore(target, path, force=True)
    assert migrate.current(target) == ""


def test_a_backup_whose_rows_were_changed_is_refused(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    path, forged = tmp_path / "backup.zip", tmp_path / "forged.zip"
    write_archive(filled, path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(forged, "w") as sink:
        for name in source.namelist():
            other = "tables/jobs.parquet" if name == "tables/plans.parquet" else name
            sink.writestr(name, source.read(other))
    with pytest.raises(UnreadableInputError, match="checksum of table plans"):
        restore(target, forged, force=True)


def test_a_backup_of_a_newer_version_is_refused(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    path, newer = tmp_path / "backup.zip", tmp_path / "newer.zip"
    write_archive(filled, path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(newer, "w") as sink:
        for name in source.namelist():
            data = source.read(name)
            if name == "manifest.json":
                data = json.dumps(json.loads(data) | {"revision": "9999"}).encode()
            sink.writestr(name, data)
    with pytest.raises(UnreadableInputError, match="9999"):
        restore(target, newer, force=True)


@pytest.mark.parametrize("bytes_", [b"", b"PK\x03\x04", b"id,name\n1,x\n", b"SQLite format 3\0 no"])
def test_any_other_file_is_refused(target: Database, tmp_path: Path, bytes_: bytes) -> None:
    (tmp_path / "other").write_bytes(bytes_)
    with pytest.raises(UnreadableInputError):
        restore(target, tmp_path / "other", force=False)
    with pytest.raises(UnreadableInputError):
        restore(target, tmp_path / "none.zip", force=False)


def test_a_copy_of_sqlite_is_whole_and_can_be_restored_anywhere(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    if not filled.is_sqlite:
        with pytest.raises(OptionError, match="only SQLite"):
            copy_sqlite(filled, copy)
        assert not copy.exists()
        return
    with writer_at_work(filled):
        assert copy_sqlite(filled, copy) == migrate.newest()
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    before = copy.read_bytes()
    restore(target, copy, force=False)
    assert copy.read_bytes() == before
    first, second = halves(target)
    assert first == second != []
    assert content(target)["plan_files"] == content(filled)["plan_files"]


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_beside_it(
    filled: Database, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    write_archive(filled, place / "b.zip")
    assert (place / "b.zip").stat().st_mode & 0o077 == 0
    assert [path.name for path in place.iterdir()] == ["b.zip"]
    with opened(place / "b.zip") as archive:
        assert archive.manifest.source in ("sqlite", "postgresql")
    with pytest.raises(OptionError, match="cannot be written"):
        write_archive(filled, tmp_path / "nowhere" / "b.zip")


def test_an_empty_database_is_no_backup(target: Database, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="revision none"):
        write_archive(target, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
