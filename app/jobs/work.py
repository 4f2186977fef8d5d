"""What long work is given, kept apart from the library that does it so that it loads at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geo.progress import Progress


@dataclass(frozen=True)
class Upload:
    """A file as it came, and how its columns are to be read (`columns`, `unit_id`)."""

    file_name: str
    content: bytes
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
