"""A PostGIS of our own for the length of a run, from Debian's packages."""

import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
import shapely

from geo.arrays import Float, Int32

_QUERY = (
    "SELECT p.id, min(t.id) FROM points p JOIN territories t ON ST_Intersects(t.shape, p.place)"
    " GROUP BY p.id"
)


class Answering:
    """Territories in a table with a spatial index; `load` points, then `ask`."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._connection = connection

    def load(self, lat: Float, lng: Float) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE raw (id int, lng float8, lat float8)")
            with cursor.copy("COPY raw FROM STDIN") as copy:
                for i, (x, y) in enumerate(zip(lng.tolist(), lat.tolist(), strict=True)):
                    copy.write_row((i, x, y))
            cursor.execute(
                "CREATE TEMP TABLE points AS SELECT id, ST_SetSRID(ST_Point(lng, lat), 4326) place"
                " FROM raw"
            )
            cursor.execute("ANALYZE points")

    def __call__(self, lat: Float, lng: Float) -> Int32:
        """Answer for the points that were loaded, which must be these."""
        assert len(lat) == len(lng)
        found = np.full(len(lat), -1, dtype=np.int32)
        with self._connection.cursor() as cursor:
            rows = np.array(cursor.execute(_QUERY.encode()).fetchall(), dtype=np.int64)
        if len(rows):
            found[rows[:, 0]] = rows[:, 1]
        return found


def routed_by_postgis(
    way: Callable[[Float, Float], Int32], lat: Float, lng: Float
) -> tuple[float, Int32]:
    """Seconds of the query alone, and the answers: the points are in the database beforehand."""
    assert isinstance(way, Answering)
    way.load(lat, lng)
    began = time.perf_counter()
    found = way(lat, lng)
    return time.perf_counter() - began, found


@contextmanager
def postgis(shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> Iterator[Answering | None]:
    """A server with the outlines in it; None where Debian's packages are not installed."""
    there = sorted(Path("/usr/lib/postgresql").glob("*/lib/postgis-3.so"))
    if not there:
        yield None
        return
    programs = there[-1].parents[1] / "bin"
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        home.chmod(0o755)
        data = home / "data"
        data.mkdir()
        # PostgreSQL does not run as root.
        user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            for path in (home, data):
                os.chown(path, pwd.getpwnam(user).pw_uid, -1)
        run = {"user": user, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust"], check=True, cwd=home, **run
        )  # type: ignore[call-overload]
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c work_mem=256MB"
        control = [programs / "pg_ctl", "-D", data, "-w"]
        subprocess.run(
            [*control, "start", "-l", home / "log", "-o", options], check=True, cwd=home, **run
        )  # type: ignore[call-overload]
        try:
            where = f"host={home} dbname=postgres user={user}"
            with psycopg.connect(where, autocommit=True) as connection:
                _fill(connection, shapes)
                yield Answering(connection)
        finally:
            subprocess.run([*control, "stop", "-m", "immediate"], check=False, cwd=home, **run)  # type: ignore[call-overload]


def _fill(
    connection: "psycopg.Connection[tuple[object, ...]]",
    shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]",
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION postgis")
        cursor.execute("CREATE TABLE territories (id int, shape geometry(Geometry, 4326))")
        cursor.executemany(
            "INSERT INTO territories VALUES (%s, ST_SetSRID(ST_GeomFromWKB(%s), 4326))",
            list(enumerate(shapely.to_wkb(shapes).tolist())),
        )
        cursor.execute("CREATE INDEX ON territories USING gist (shape)")
        cursor.execute("ANALYZE territories")
