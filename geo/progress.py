"""How long work tells how far it is, without knowing who listens."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """Called a few times a second at most; `fraction` in 0..1 of the stage named."""

    def __call__(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note."""
        ...


def silent(stage: str, fraction: float, message: str = "") -> None:
    """Tell nobody."""


@dataclass
class Stopwatch:
    """Progress that is passed on to `listener`, and what each stage took so far, in `seconds`.

    What comes before the first stage is "read".
    """

    listener: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _stage: str = "read"
    _since: float = field(default_factory=time.perf_counter)

    def __call__(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note of the time, and tell the listener."""
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now
        self.listener(stage, fraction, message)
