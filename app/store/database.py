"""The connection to SQLite or PostgreSQL, and the two kinds of transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.errors import InvalidRequestError, UnavailableError
from geo.errors import OptionError

BUSY_TIMEOUT_S: Final = 5


class Database:
    """An engine and how to use it: `read()` sees one snapshot, `write()` is one transaction."""

    def __init__(self, url: str) -> None:
        """Open `url` (`sqlite:///…` or `postgresql+psycopg://…`); nothing is connected yet.

        Raises OptionError where the URL cannot be read or SQLite's directory cannot be made.
        """
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_room(Path(parsed.database or ""))
            self.engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(parsed, pool_pre_ping=True)
        sa.event.listen(self.engine, "handle_error", _refuse_unstorable)
        self.writes = 0  # how many transactions this process has committed: memory may be stale
        # PostgreSQL's default would show each statement of a reader a moment of its own.
        once = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(**once)
        self._writing = self.engine.execution_options(bailiwick_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only, at one moment; what it loads stays usable afterwards."""
        with reachable(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits all of its changes at the end, or none on an error."""
        make = Session(self._writing, expire_on_commit=False)
        with reachable(), make as session, session.begin():
            yield session
        self.writes += 1

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise OptionError(
            "the database URL cannot be read",
            hint="Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, "
            "with special characters of the password percent-encoded.",
        ) from error


def _make_room(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(
            f"the directory {path.parent} cannot be made: {error.strerror}",
            hint="Set BAILIWICK_DATA_DIR to a directory that the service may write to.",
        ) from error


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a database that cannot be reached into UnavailableError."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise UnavailableError(
            "the database cannot be reached or is busy",
            hint="Try again in a moment; if it persists, look at the database and its disk.",
        ) from error


def _refuse_unstorable(context: sa.engine.ExceptionContext) -> None:
    """Say of too large a number, or a NUL in a text, that it is the request's fault."""
    error = context.original_exception
    # SQLite's driver raises an OverflowError of its own for numbers.
    if isinstance(context.sqlalchemy_exception, DataError) or isinstance(error, OverflowError):
        raise InvalidRequestError(
            "a value of the request is not one that the database can hold",
            hint="Leave out NUL characters, and give numbers below 2147483648.",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred BEGIN that turns into a write fails at once when another writer is at work.
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("bailiwick_write") else "BEGIN")
