"""Reading uploads in a process of its own, so that a large file does not hold up the service."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from app.jobs.pipeline import Upload, read_upload
from app.store.datasets import Reading
from geo.errors import UnreadableInputError


class Reader:
    """One helper process, started with the first upload and kept warm."""

    def __init__(self, *, nice: int) -> None:
        """`nice`: how far the process steps back for others."""
        self._nice = nice
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def read(self, upload: Upload) -> Reading:
        """Read and locate; blocks until done. Raises BailiwickError."""
        with self._lock:
            pool = self._pool = self._pool or ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=_settle, initargs=(self._nice,)
            )
        try:
            return pool.submit(read_upload, upload).result()
        except BrokenProcessPool as error:
            with self._lock:
                if self._pool is pool:
                    self._pool = None
            raise UnreadableInputError(
                f"reading {upload.file_name} used up the memory that there is",
                hint="Upload it in parts, or as .parquet or .csv instead of .xlsx.",
            ) from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None


def _settle(nice: int) -> None:
    os.nice(nice)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
