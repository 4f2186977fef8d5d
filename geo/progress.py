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

    The time up to a call belongs to the stage that the call names, unless it says that this stage
    begins: then it belongs to the one before, `stage` at first.
    """

    listener: Progress = silent
    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = "read"

    def __post_init__(self) -> None:
        self._since = time.perf_counter()

    def __call__(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note of the time, and tell the listener."""
        self._add(self.stage if fraction == 0.0 else stage)
        self.stage = stage
        self.listener(stage, fraction, message)

    def stop(self) -> dict[str, float]:
        """Count the rest to the last stage; seconds by stage, in the order of their beginning."""
        self._add(self.stage)
        return self.seconds

    def _add(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now
