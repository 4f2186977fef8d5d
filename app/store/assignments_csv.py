"""The rows of `assignments.csv` as rows of the database, fast and in bounded memory."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv
from sqlalchemy.orm import Session

from app.store.tables import Assignment
from sales.accounts.identity import canonical_id

_TEXT: Final = (
    "account_id", "territory_id", "rep", "segment", "cell", "precision", "rule",
)  # fmt: skip
_DEGREES: Final = ("lat", "lng")
_COLUMNS: Final = ("plan_id", "version", "position", "record_id", *_TEXT, *_DEGREES)
_BLOCK_BYTES: Final = 4 << 20


def keep(session: Session, plan_id: str, version: int, content: bytes) -> None:
    """Add the rows of a plan version, in the order of the file. Raises KeyError, ValueError."""
    for rows in _batches(plan_id, version, content):
        if session.get_bind().dialect.name == "sqlite":
            marks = ", ".join("?" * len(_COLUMNS))
            session.connection().exec_driver_sql(
                f"INSERT INTO {Assignment.__tablename__} ({', '.join(_COLUMNS)}) VALUES ({marks})",
                rows,
            )
        else:
            connection: Any = session.connection().connection.driver_connection
            with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)


_COPY: Final = f"COPY assignments ({', '.join(_COLUMNS)}) FROM STDIN"


def _batches(plan_id: str, version: int, content: bytes) -> Iterator[list[tuple[Any, ...]]]:
    types: dict[str, pa.DataType] = dict.fromkeys(_TEXT, pa.string())
    types |= dict.fromkeys(_DEGREES, pa.float64())
    # On one thread the blocks come in the order of the file.
    reader = csv.open_csv(
        pa.BufferReader(content),
        read_options=csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=False
        ),
    )
    position = 0
    for batch in reader:
        columns = [batch.column(name).to_pylist() for name in (*_TEXT, *_DEGREES)]
        rows = zip(*columns, strict=True)
        yield [
            (plan_id, version, position + i, canonical_id(row[0]), *row)
            for i, row in enumerate(rows)
        ]
        position += len(batch)
