"""What long work is given, kept apart from the library that does it so that it loads at once."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.store.database import Database
from app.store.tables import Job
from geo.progress import Progress


@dataclass(frozen=True)
class Upload:
    """A file as it came, now at `path`, and how its columns are to be read.

    `overrides` may have `columns` and `unit_id`.
    """

    file_name: str
    path: Path
    overrides: Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """All that the design of a plan needs; `request` as in `POST /v1/plans`.

    `incumbent` holds the files of the plan in force, where the request names one.
    """

    upload: Upload
    request: Mapping[str, Any]
    incumbent: Mapping[str, bytes] | None = None


Design = Callable[[Work, Progress, Callable[[], bool]], dict[str, bytes]]

Final = Callable[[Session], None]
"""Makes all that a job does visible, in the transaction that ends the job."""

Run = Callable[[Database, Job, Pulse], AbstractContextManager[Final]]
"""A kind of job: entering does the work and gives the final step, leaving cleans up.

Nothing may be visible to others before the final step, and the same job done again has to give the
same result: then a worker may be killed at any instant.
"""
