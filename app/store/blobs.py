"""Large contents, written and read part by part."""

from collections.abc import Iterator
from typing import IO, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store.tables import BlobPart

PART_BYTES: Final = 4 << 20


def put(session: Session, blob_id: str, source: IO[bytes]) -> int:
    """Keep all that `source` holds from where it stands on; how many bytes that was."""
    size = part = 0
    while content := source.read(PART_BYTES):
        session.execute(
            sa.insert(BlobPart), [{"blob_id": blob_id, "part": part, "content": content}]
        )
        size, part = size + len(content), part + 1
    return size


def part(session: Session, blob_id: str, number: int) -> bytes | None:
    """One part, counted from 0; None behind the last one."""
    query = sa.select(BlobPart.content).where(BlobPart.blob_id == blob_id, BlobPart.part == number)
    return session.scalar(query)


def parts(session: Session, blob_id: str) -> Iterator[bytes]:
    """All parts in their order, one in memory at a time."""
    number = 0
    while (content := part(session, blob_id, number)) is not None:
        yield content
        number += 1


def drop(session: Session, blob_id: str) -> None:
    """Forget a blob."""
    session.execute(sa.delete(BlobPart).where(BlobPart.blob_id == blob_id))
