"""Real processes of the service, to be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

BAILIWICK: Final = (sys.executable, "-m", "app.cli.main")
VICTIMS: Final = ("api", "worker", "worker host", "both")
_TRIES: Final = 2400  # 50 ms apart


class Hosts:
    """An API process without workers, and a worker host with one worker, over one database."""

    def __init__(self, database_url: str, log: Path) -> None:
        """Nothing runs before `start`; what the processes say goes to `log`."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._environment = os.environ | {
            "BAILIWICK_DATABASE_URL": database_url,
            "BAILIWICK_RUN_WORKER": "false",
            "BAILIWICK_JOB_LEASE_S": "3",
            "BAILIWICK_JOB_ATTEMPTS": "10",
            "BAILIWICK_WORKER_NICE": "0",
        }
        self._api: subprocess.Popen[bytes] | None = None
        self._host: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start what does not run, and wait until the API answers."""
        for _ in range(_TRIES):
            if self._api is None or self._api.poll() is not None:
                self._api = self._spawn("serve", "--port", str(self.port))
            if self._host is None or self._host.poll() is not None:
                self._host = self._spawn("worker", "--workers", "1")
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the API does not answer; see {self._log}")

    def kill(self, victim: str) -> int:
        """Kill without warning: the API, the worker, the host that keeps the worker, or all.

        Returns how many processes were killed.
        """
        killed = 0
        if victim in ("api", "both") and self._api is not None:
            killed += _kill(self._api)
            self._api = None
        if victim in ("worker", "both") and self._host is not None:
            for child in _children(self._host.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    killed += 1
        if victim in ("worker host", "both") and self._host is not None:
            killed += _kill(self._host)
            self._host = None
        return killed

    def stop(self) -> None:
        """End all."""
        for process in (self._api, self._host):
            if process is not None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()

    def _spawn(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                (*BAILIWICK, *arguments), env=self._environment, stdout=log, stderr=log
            )


def _kill(process: "subprocess.Popen[bytes]") -> int:
    process.kill()
    process.wait()
    return 1


def _children(pid: int) -> list[int]:
    # A child belongs to the thread that started it, and each worker has a thread of its keeper's.
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in listed.read_text().split()]
    return found
