"""Uploaded files on the disk of whoever reads them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.jobs.work import Upload
from app.store import blobs
from app.store.database import Database


@contextmanager
def place_for(file_name: str) -> Iterator[Path]:
    """Where a file of that name may be written; gone afterwards."""
    # The name shows in messages and its ending helps to tell the kind; its path is not ours.
    name = re.sub(r"[^\w.\- ]", "_", Path(file_name).name)[-120:] or "upload"
    with TemporaryDirectory(prefix="bailiwick-") as directory:
        yield Path(directory) / name


@contextmanager
def fetched(
    database: Database, upload_id: str, file_name: str, overrides: Mapping[str, Any]
) -> Iterator[Upload]:
    """A kept upload as a file; gone afterwards."""
    with place_for(file_name) as path:
        with path.open("wb") as file, database.read() as session:
            for part in blobs.parts(session, upload_id):
                file.write(part)
        yield Upload(file_name, path, overrides)
