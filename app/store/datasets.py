"""Datasets: uploaded files with what was read from them."""

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from app.store.tables import Dataset, now
from geo.errors import NotFoundError

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_GROUP = 5_000


@dataclass(frozen=True)
class Reading:
    """What was read from an uploaded file, ready to be kept.

    `accounts`, `review`: Parquet, one row per account (or unit) and per doubt; `columns` maps field
    to header; `measures` names the numeric columns that a plan can balance.
    """

    kind: str
    columns: Mapping[str, str]
    measures: tuple[str, ...]
    account_count: int
    review_count: int
    accounts: bytes
    review: bytes


def id_of(content_sha256: str, overrides: Mapping[str, Any]) -> str:
    """The id that the same bytes, read with the same columns, always have."""
    key = content_sha256 + json.dumps(dict(overrides), sort_keys=True)
    return "ds_" + hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def keep(
    session: Session,
    *,
    dataset_id: str,
    file_name: str,
    sha256: str,
    content: bytes,
    overrides: Mapping[str, Any],
    reading: Reading,
) -> None:
    """Add a dataset; one that is there already stays as it is."""
    session.execute(_insert_if_new(session), {
        "id": dataset_id, "file_name": file_name, "sha256": sha256, "kind": reading.kind,
        "overrides": dict(overrides), "columns": dict(reading.columns),
        "measures": list(reading.measures), "account_count": reading.account_count,
        "review_count": reading.review_count, "created_at": now(), "content": content,
        "accounts": reading.accounts, "review": reading.review,
    })  # fmt: skip


def _insert_if_new(session: Session) -> sa.Insert:
    # Both databases spell it alike, but SQLAlchemy has one insert construct for each.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(Dataset).on_conflict_do_nothing(index_elements=["id"])
    from sqlalchemy.dialects.postgresql import insert as postgres_insert

    return postgres_insert(Dataset).on_conflict_do_nothing(index_elements=["id"])


def find(session: Session, dataset_id: str) -> Dataset | None:
    """The dataset without its bytes, or None."""
    return session.get(Dataset, dataset_id)


def get(session: Session, dataset_id: str, *, load: str | None = None) -> Dataset:
    """The dataset, with one of its blobs (`content`, `accounts` or `review`) if asked for.

    Raises NotFoundError.
    """
    query = sa.select(Dataset).where(Dataset.id == dataset_id)
    if load:
        query = query.options(undefer(getattr(Dataset, load)))
    dataset = session.scalars(query).one_or_none()
    if dataset is None:
        raise NotFoundError(
            f"there is no dataset {dataset_id!r}",
            hint="GET /v1/datasets lists those that there are.",
        )
    return dataset


def newest(session: Session, *, limit: int, before: str | None = None) -> list[Dataset]:
    """The datasets uploaded last, newest first; `before` continues after that dataset."""
    query = sa.select(Dataset).order_by(Dataset.created_at.desc(), Dataset.id.desc()).limit(limit)
    if before is not None:
        last = get(session, before)
        at = sa.tuple_(Dataset.created_at, Dataset.id)
        query = query.where(at < sa.tuple_(last.created_at, last.id))
    return list(session.scalars(query))


def to_parquet(frame: "pd.DataFrame") -> bytes:
    """A table as Parquet in small row groups."""
    buffer = io.BytesIO()
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False),
        buffer,
        row_group_size=ROWS_PER_GROUP,
        compression="zstd",
    )
    return buffer.getvalue()


def page_of(parquet: bytes, start: int, count: int) -> tuple[list[dict[str, Any]], int]:
    """Rows `start` … of a Parquet table as JSON-ready dicts, and how many rows there are in all."""
    file = pq.ParquetFile(pa.BufferReader(parquet))
    total = file.metadata.num_rows
    end = min(start + count, total)
    if start >= end:
        return [], total
    groups = range(start // ROWS_PER_GROUP, (end - 1) // ROWS_PER_GROUP + 1)
    table = file.read_row_groups(list(groups))
    rows = table.slice(start - groups.start * ROWS_PER_GROUP, end - start).to_pylist()
    return [{key: _finite(value) for key, value in row.items()} for row in rows], total


def frame_of(parquet: bytes) -> "pd.DataFrame":
    """The whole table."""
    frame: pd.DataFrame = pq.read_table(pa.BufferReader(parquet)).to_pandas()
    return frame


def names_of(parquet: bytes) -> tuple[str, ...]:
    """The names of the accounts in their order; empty where the table has none."""
    file = pq.ParquetFile(pa.BufferReader(parquet))
    if "name" not in file.schema_arrow.names:
        return ()
    return tuple(name or "" for name in file.read(["name"]).column("name").to_pylist())


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
