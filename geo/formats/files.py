"""Writing files so that nobody ever sees half of one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import OptionError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; what is there at the end takes the place of `path` at once.

    The given path has the name of `path`, in a new directory beside it; other files written there
    move with it (a Shapefile is several). Where the body fails, `path` stays as it was.
    Raises OptionError where `path` is a directory or cannot be written.
    """
    if path.is_dir():
        raise OptionError(
            f"{path} is a directory, not a file to write", hint="Name a file inside it."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(dir=path.parent, prefix=".writing-"))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield workshop / path.name
        for made in sorted(workshop.iterdir()):
            made.replace(path.parent / made.name)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> OptionError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OptionError(
        f"cannot write {path}: {reason}",
        hint="Choose a place that exists, has room and may be written to.",
    )
