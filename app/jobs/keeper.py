"""Keeps one worker process alive."""

import json
import logging
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from app.errors import UnavailableError
from app.settings import Settings
from app.store import jobs
from app.store.database import Database

WORKER: Final = (sys.executable, "-m", "app.jobs.worker")
_LONGEST_PAUSE_S: Final = 30.0
log = logging.getLogger("bailiwick.keeper")


class Keeper:
    """Starts a worker, gives back the job of one that died, and starts the next."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        kinds: Sequence[str],
        command: Sequence[str] = WORKER,
    ) -> None:
        """Nothing runs before `start`; the worker does jobs of these `kinds`."""
        self._settings, self._database = settings, database
        self._kinds, self._command = tuple(kinds), tuple(command)
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the worker and watch it."""
        self._thread.start()

    def stop(self, grace_s: float = 5.0) -> None:
        """End the worker; its job goes back to the queue without counting as an attempt."""
        self.let_go()
        process = self._process
        if process is not None:
            try:
                process.wait(grace_s)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def let_go(self) -> None:
        """Tell the worker to end, without waiting until it has."""
        self._ending.set()
        with self._lock:
            if self._process is not None:
                _close(self._process)

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _run(self) -> None:
        pause = 0.5
        while not self._ending.is_set():
            name = secrets.token_hex(8)
            with self._lock:
                if self._ending.is_set():
                    return
                self._process = self._spawn(name)
            began = time.monotonic()
            code = self._process.wait()
            if time.monotonic() - began > _LONGEST_PAUSE_S:
                pause = 0.5  # it lived for a while: this is no crash at the start
            stopped = self._ending.is_set()
            _close(self._process)
            self._give_back(name, died=not stopped)
            if not stopped:
                log.warning("the worker ended with code %s; starting another", code)
                self._ending.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _spawn(self, name: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, text=True)
        assert process.stdin is not None
        start: dict[str, object] = {
            "settings": self._settings.model_dump(mode="json"),
            "worker": name,
        }
        start["kinds"] = self._kinds
        try:
            process.stdin.write(json.dumps(start) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            log.warning("the worker ended before it began")
        return process

    def _give_back(self, name: str, *, died: bool) -> None:
        try:
            with self._database.write() as session:
                jobs.release(session, name, attempts=self._settings.job_attempts, died=died)
        except UnavailableError:
            log.warning("the worker's job will be taken up when its lease ends")


def _close(process: "subprocess.Popen[str]") -> None:
    """Close the pipe whose end tells the worker to end."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
