"""Reading uploads in a process of its own, so that a large file does not hold up the service.

The process speaks pickle over its pipes, one upload and one answer at a time, and ends when they
close. (The standard library's process pools would run the caller's main module a second time.)
"""

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any, Final

from app.jobs.work import Upload
from app.store.datasets import Reading
from geo.errors import BailiwickError, InternalInvariantError, UnreadableInputError

READER: Final = (sys.executable, "-m", "app.jobs.reader")


class Reader:
    """One helper process, kept warm, and started with the first upload at the latest."""

    def __init__(self, *, nice: int) -> None:
        """`nice`: how far the process steps back for others."""
        self._nice = nice
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process now, so that the first upload need not wait for it."""
        with self._lock:
            self._process = self._process or self._spawn()

    def read(self, upload: Upload) -> Reading:
        """Read and locate; blocks until done. Raises BailiwickError."""
        with self._lock:
            process = self._process = self._process or self._spawn()
            try:
                answer = _exchange(process, upload)
            except (EOFError, BrokenPipeError) as error:
                self._end()
                raise UnreadableInputError(
                    f"reading {upload.file_name} ended the process that read it, "
                    "probably for want of memory",
                    hint="Upload it in parts, or as .parquet or .csv instead of .xlsx.",
                ) from error
        if isinstance(answer, BailiwickError):
            raise answer
        assert isinstance(answer, Reading)
        return answer

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            (*READER, str(self._nice)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None


def _exchange(process: "subprocess.Popen[bytes]", upload: Upload) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    pickle.dump(upload, process.stdin)
    process.stdin.flush()
    return pickle.load(process.stdout)


def main() -> None:
    """Answer uploads from standard input until it closes."""
    asks, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between the answers
    os.nice(int(sys.argv[1]))
    _warm_up()
    while True:
        try:
            upload = pickle.load(asks)
        except EOFError:
            return
        pickle.dump(_answer(upload), answers)
        answers.flush()


def _warm_up() -> None:
    from app.jobs import pipeline  # noqa: F401
    from geo.geocode import default_geocoder
    from sales import inputs, locate  # noqa: F401

    default_geocoder()


def _answer(upload: Upload) -> Reading | BailiwickError:
    from app.jobs.pipeline import read_upload

    try:
        return read_upload(upload)
    except BailiwickError as error:
        return error
    except Exception as error:
        import traceback

        traceback.print_exc()
        return InternalInvariantError(
            f"reading {upload.file_name} failed for a reason of ours: {type(error).__name__}",
            hint="The service's log says more; please report it.",
        )


if __name__ == "__main__":
    main()
