"""A worker whose design lasts until it is stopped, or dies with the file that says so."""

import os
import signal
import time
from collections.abc import Callable

from app.jobs import worker
from app.jobs.kinds import kinds_with
from app.jobs.work import Work
from geo.progress import Progress
from tests.service.made_up import plan_files


def slow_design(
    work: Work, progress: Progress, should_stop: Callable[[], bool]
) -> dict[str, bytes]:
    """Go on for up to a minute, and come back with a plan when told to stop."""
    if work.request["name"] == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    for step in range(1200):
        progress("balance", step / 1200, f"round {step}")
        if should_stop():
            break
        time.sleep(0.05)
    return plan_files()


if __name__ == "__main__":
    worker.main(kinds_with(slow_design))
