"""A backup's file: a zip with a manifest and each table as Parquet, the same for both databases.

`manifest.json` has the schema's revision, and rows and SHA-256 of each table's file.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from geo.errors import InternalInvariantError, UnreadableInputError

FORMAT: Final = "bailiwick-backup/1"
_MOST_ROWS, _MOST_BYTES = 5_000, 32_000_000
Row = dict[str, Any]


@dataclass(frozen=True)
class TableNote:
    """What the manifest says of a table."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: tables at a revision of the schema."""

    revision: str
    version: str
    made_at: str
    source: str
    tables: dict[str, TableNote]

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(table.rows for table in self.tables.values())


class Writer:
    """Writes an archive table by table, with memory for some thousand rows."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Into an open zip file."""
        self._archive, self._tables = archive, dict[str, TableNote]()

    def add(self, table: sa.Table, rows: Iterable[Row]) -> None:
        """Add a table with its rows."""
        schema = pa.schema([(c.name, _arrow_type(c)) for c in table.columns])
        count = 0
        with self._archive.open(f"tables/{table.name}.parquet", "w", force_zip64=True) as sink:
            hashed = _Hashed(sink)
            with pq.ParquetWriter(pa.PythonFile(hashed, "w"), schema, compression="zstd") as out:
                for batch in _batches(rows):
                    out.write_table(pa.Table.from_pylist(batch, schema))
                    count += len(batch)
        self._tables[table.name] = TableNote(count, hashed.sha256.hexdigest())

    def finish(self, *, revision: str, version: str, source: str) -> Manifest:
        """Write the manifest, without which the archive is none."""
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(revision, version, made_at, source, self._tables)
        text = json.dumps({"format": FORMAT} | asdict(manifest), indent=1)
        self._archive.writestr("manifest.json", text)
        return manifest


class Archive:
    """An archive whose checksums have been verified."""

    def __init__(self, manifest: Manifest, directory: Path) -> None:
        """`directory` has the tables' files."""
        self.manifest, self._directory = manifest, directory

    def batches(self, table: sa.Table) -> Iterator[list[Row]]:
        """The rows of a table, some thousand at a time."""
        json_columns = [c.name for c in table.columns if isinstance(c.type, sa.JSON)]
        with pq.ParquetFile(self._directory / f"{table.name}.parquet") as file:
            for group in range(file.num_row_groups):
                rows: list[Row] = file.read_row_group(group).to_pylist()
                for row in rows:
                    for name in json_columns:
                        row[name] = None if row[name] is None else json.loads(row[name])
                yield rows


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at `path`; raises UnreadableInputError where it is none, or is damaged."""
    with TemporaryDirectory(prefix="bailiwick-") as directory:
        yield Archive(_unpack(path, Path(directory)), Path(directory))


def _unpack(path: Path, directory: Path) -> Manifest:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            for name, note in manifest.tables.items():
                _extract(archive, name, note, directory)
            return manifest
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as error:
        raise UnreadableInputError(
            f"{path} is no backup, or is damaged: {error}",
            hint="Take another backup, one that `bailiwick backup` wrote.",
        ) from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    document = json.loads(archive.read("manifest.json"))
    if document.pop("format", None) != FORMAT:
        raise ValueError("it is of another format")
    tables = {name: TableNote(**note) for name, note in document.pop("tables").items()}
    return Manifest(**document, tables=tables)


def _extract(archive: zipfile.ZipFile, name: str, note: TableNote, directory: Path) -> None:
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name of a table")
    sha256 = hashlib.sha256()
    with (
        archive.open(f"tables/{name}.parquet") as source,
        (directory / f"{name}.parquet").open("wb") as sink,
    ):
        while block := source.read(1 << 20):
            sha256.update(block)
            sink.write(block)
    if sha256.hexdigest() != note.sha256:
        raise ValueError(f"the checksum of table {name} is wrong")


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(v) for v in row.values() if isinstance(v, bytes | str))
        if len(batch) >= _MOST_ROWS or size >= _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def plain(table: sa.Table, values: Sequence[Any]) -> Row:
    """A row as Parquet has it: moments in UTC, JSON as text."""
    return {
        column.name: _plain(column, value)
        for column, value in zip(table.columns, values, strict=True)
    }


def _plain(column: "sa.Column[Any]", value: Any) -> Any:
    if value is not None and isinstance(column.type, sa.JSON):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _arrow_type(column: "sa.Column[Any]") -> pa.DataType:
    kinds: tuple[tuple[type[Any], pa.DataType], ...] = (
        (sa.Boolean, pa.bool_()),
        (sa.Integer, pa.int64()),
        (sa.Float, pa.float64()),
        (sa.DateTime, pa.timestamp("us", tz="UTC")),
        (sa.Date, pa.date32()),
        (sa.LargeBinary, pa.large_binary()),
        (sa.JSON, pa.large_string()),
        (sa.String, pa.large_string()),
    )
    for kind, arrow in kinds:
        if isinstance(column.type, kind):
            return arrow
    raise InternalInvariantError(f"no backup can hold {column}, a {column.type}")


class _Hashed:
    """A file that is written to once, with the checksum of what was."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink, self._at, self.sha256 = sink, 0, hashlib.sha256()
        self.closed = False

    def write(self, data: Any) -> int:
        block = bytes(data)
        self.sha256.update(block)
        self._at += len(block)
        return self._sink.write(block)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
