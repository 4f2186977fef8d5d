"""Which stage of the work takes how long, by what it tells of its progress."""

import time


class StageClock:
    """A listener (`geo.progress.Progress`) that adds up the seconds of each stage.

    The time up to a call belongs to the stage that the call names, unless it says that this stage
    begins: then it belongs to the one before.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage = ""
        self._at = time.perf_counter()

    def __call__(self, stage: str, fraction: float, message: str = "") -> None:  # noqa: ARG002
        """Take note."""
        self._add(self._stage if fraction == 0.0 and self._stage else stage)
        self._stage = stage

    def stop(self) -> dict[str, float]:
        """Count the rest to the last stage; seconds by stage, in the order of their beginning."""
        self._add(self._stage)
        return self.seconds

    def _add(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._at
        self._at = now
