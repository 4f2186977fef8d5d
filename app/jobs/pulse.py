"""A worker's sign of life: takes progress to the table and the wish to stop back."""

import threading
from typing import Any, Final

from app.errors import UnavailableError
from app.store import jobs
from app.store.database import Database

INTERVAL_S: Final = 0.5
SOLVER_STAGES: Final = ("shape", "border", "balance")  # of geo.design.solve: they tell the best


class Stopped(Exception):  # noqa: N818
    """The work was told to stop, and has nothing to keep."""


class Pulse:
    """Beats in a thread of its own while a job runs, so that the work need not touch the table.

    Use it as a context manager around the work; hand `note` and `should_stop` to the work.
    """

    def __init__(self, database: Database, job_id: str, worker: str, *, stop: bool = False) -> None:
        """Nothing beats before `with`; `stop`: the planner asked to stop already."""
        self._database, self._job_id, self._worker = database, job_id, worker
        self._progress: dict[str, Any] = {}
        self._stop = threading.Event()
        if stop:
            self._stop.set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def note(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note of progress (see geo.progress.Progress)."""
        progress = {"stage": stage, "fraction": min(max(fraction, 0.0), 1.0), "message": message}
        if stage in SOLVER_STAGES and message:
            progress["best"] = message
        self._progress = self._progress | progress

    def step(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note of progress in work that keeps nothing when it is stopped; raises Stopped."""
        self.note(stage, fraction, message)
        if self.should_stop():
            raise Stopped

    def should_stop(self) -> bool:
        """Whether the planner asked to stop, or the job was given to another worker."""
        return self._stop.is_set()

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(INTERVAL_S):
            try:
                with self._database.write() as session:
                    stop = jobs.beat(session, self._job_id, self._worker, progress=self._progress)
            except UnavailableError:
                continue  # a busy moment of the database is no reason to lose the work
            if stop or stop is None:
                self._stop.set()
