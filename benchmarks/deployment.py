"""Two API processes and two worker hosts over one database, as docs/deploy.md has it: does it hold?

    python -m benchmarks.deployment DATABASE_URL

Prints a line for each thing tried, with how long it took; stops at the first that is not so.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.chaos.hosts import BAILIWICK
from benchmarks.chaos.rounds import accounts

_ROWS = 4000


class Cluster:
    """The processes, each with a log of its own in a directory."""

    def __init__(self, database_url: str, directory: Path) -> None:
        """Nothing runs before `start`."""
        self._environment = os.environ | {
            "BAILIWICK_DATABASE_URL": database_url,
            "BAILIWICK_RUN_WORKER": "false",
            "BAILIWICK_JOB_LEASE_S": "5",
        }
        self._directory = directory
        self.apis: list[tuple[subprocess.Popen[bytes], httpx.Client]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """All four at the same moment, on a database without tables."""
        for _ in range(2):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
            self.apis.append((self._spawn("serve", "--port", str(port)), client))
        self.workers = [self._spawn("worker", "--workers", "1") for _ in range(2)]
        for _, client in self.apis:
            until(lambda client=client: _answers(client))  # type: ignore[misc]

    def stop(self) -> None:
        """End all."""
        for process in [*(p for p, _ in self.apis), *self.workers]:
            process.terminate()
        for process in [*(p for p, _ in self.apis), *self.workers]:
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()

    def _spawn(self, *arguments: str) -> "subprocess.Popen[bytes]":
        number = len(self.apis) + len(self.workers)
        log = (self._directory / f"{arguments[0]}-{number}-{time.time_ns()}.log").open("wb")
        return subprocess.Popen(
            (*BAILIWICK, *arguments), env=self._environment, stdout=log, stderr=log
        )


def _answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


def until(holds: Callable[[], bool], seconds: float = 180) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("it never came about")
        time.sleep(0.05)


def told(what: str, began: float) -> None:
    """Say what was found to hold."""
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


def tried(cluster: Cluster) -> None:
    """Everything, one after the other."""
    (first_process, first), (_, second) = cluster.apis
    began = time.monotonic()
    plans: list[str] = []
    datasets = [
        first.post("/v1/datasets", files={"file": ("crm.csv", accounts(seed, _ROWS))})
        .raise_for_status().json()["id"]
        for seed in (1, 2)
    ]  # fmt: skip
    wishes = [{"dataset": d, "territories": 8, "effort": "quick"} for d in datasets]
    started = [second.post("/v1/plans", json=w).raise_for_status().json() for w in wishes]
    most = 0
    while any(_job(first, s)["state"] in ("queued", "running") for s in started):
        most = max(most, sum(_job(first, s)["state"] == "running" for s in started))
        time.sleep(0.1)
    assert all(_job(second, s)["state"] == "done" for s in started)
    plans = [s["plan"] for s in started]
    told(f"two designs asked of one API and followed at the other, {most} at once", began)

    began = time.monotonic()
    first.post(f"/v1/plans/{plans[0]}/publish", headers={"If-Match": "*"}).raise_for_status()
    point = {"points": [{"id": "x", "lat": 39.5, "lng": -92.5}]}
    until(lambda: _routed(second, point)["plan"] == plans[0], 5)
    told("a plan published at one is in force at the other", began)

    began = time.monotonic()
    edits = _edit(cluster, plans[1])
    told(f"{edits} edits of one plan by 4 writers at both, each the next version", began)

    began = time.monotonic()
    victim = second.post("/v1/plans", json=wishes[0] | {"name": "again"}).json()
    until(lambda: _job(second, victim)["state"] == "running")
    for host in cluster.workers[:1]:
        host.send_signal(signal.SIGKILL)
    first_process.kill()
    until(lambda: _job(second, victim)["state"] == "done")
    told("one API and one worker host killed under a design, which the others finish", began)


def _job(client: httpx.Client, started: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/jobs/{started['job']}").raise_for_status().json()
    return found


def _routed(client: httpx.Client, point: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/route", json=point).raise_for_status().json()
    return found


def _edit(cluster: Cluster, plan: str) -> int:
    (_, first), (_, second) = cluster.apis
    rows = first.get(f"/v1/plans/{plan}/assignments?limit=1000").json()["assignments"]
    territories = sorted({row["territory_id"] for row in rows})

    def write(number: int) -> list[int]:
        client, row = (first, second)[number % 2], rows[number]
        made: list[int] = []
        tag, at = "*", territories.index(row["territory_id"])
        while len(made) < 10:
            move = {"account": row["account_id"], "territory": territories[at - 1]}
            answer = client.post(
                f"/v1/plans/{plan}/moves", headers={"If-Match": tag}, json={"moves": [move]}
            )
            if answer.status_code == 200:
                made.append(answer.json()["version"])
                at = (at - 1) % len(territories)
            elif answer.status_code != 412:
                raise SystemExit(answer.text)
            tag = answer.headers["etag"]
        return made

    with ThreadPoolExecutor(4) as pool:
        versions = sorted(v for made in pool.map(write, range(4)) for v in made)
    assert versions == list(range(2, len(versions) + 2)), versions
    return len(versions)


def main() -> None:
    """Run and print; status 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    asked = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="deployment-"))
    print(f"what the processes say is in {directory}", file=sys.stderr)
    cluster = Cluster(asked.database_url, directory)
    try:
        began = time.monotonic()
        cluster.start()
        told("two API processes and two worker hosts started at once on an empty database", began)
        tried(cluster)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
