"""Single look-ups over HTTP while a solve keeps both cores busy: 200 a second, at set times.

    python -m benchmarks.http_route [--seconds 30] [--rate 200] [--idle]

The service runs as it is delivered, with its worker. Requests are sent at their scheduled moment,
whether or not earlier ones have been answered, and a latency is counted from that moment: a stall
counts for every request that it delays (no coordinated omission).
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "us" / "accounts.csv"


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--seconds", type=float, default=30)
    asked.add_argument("--rate", type=float, default=200)
    asked.add_argument("--idle", action="store_true", help="without the solve, to compare")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        base, server = _start(Path(directory))
        try:
            with httpx.Client(base_url=base, timeout=600) as client:
                dataset = _published(client)
                jobs = [] if given.idle else _solves(client, dataset)
                port = int(base.rpartition(":")[2])
                figures = asyncio.run(_drive(port, server.pid, given.rate, given.seconds))
                figures["solves running at the end"] = _running(client, jobs)
        finally:
            server.terminate()
            server.wait(20)
    print(json.dumps(figures, indent=1))
    return 1 if figures["errors"] else 0


def _start(directory: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)]
    log = (directory / "log").open("wb")
    env = os.environ | {"BAILIWICK_DATA_DIR": str(directory)}
    server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{base}/readyz").status_code == 200:
                return base, server
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    server.kill()
    raise RuntimeError((directory / "log").read_text("utf-8", "replace"))


def _published(client: httpx.Client) -> str:
    with SAMPLE.open("rb") as file:
        uploaded = client.post("/v1/datasets", files={"file": file})
    dataset = str(uploaded.raise_for_status().json()["id"])
    asked = {"dataset": dataset, "territories": 40, "effort": "quick"}
    started = client.post("/v1/plans", json=asked).raise_for_status().json()
    while client.get(f"/v1/jobs/{started['job']}").json()["state"] not in ("done", "failed"):
        time.sleep(0.2)
    client.post(
        f"/v1/plans/{started['plan']}/publish", headers={"If-Match": "*"}
    ).raise_for_status()
    return dataset


def _solves(client: httpx.Client, dataset: str) -> list[str]:
    """Long solves, one after the other, the first of them in its search; their jobs."""
    jobs = []
    for seed in range(1, 5):
        asked = {"dataset": dataset, "territories": 120, "seed": seed, "resolution": 7}
        started = client.post("/v1/plans", json=asked).raise_for_status().json()
        jobs.append(str(started["job"]))
    for _ in range(300):
        time.sleep(0.2)
        if _running(client, jobs):
            break
    time.sleep(8)  # past reading and geocoding, into the search
    return jobs


def _running(client: httpx.Client, jobs: list[str]) -> int:
    return sum(client.get(f"/v1/jobs/{job}").json()["state"] == "running" for job in jobs)


class _Line:
    """One kept-alive connection, without a library: the driver shares the cores it measures."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def get(self, url: str) -> int:
        """The status of the answer, read to its end."""
        self._writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await self._reader.readexactly(length)
        return int(head.split(b" ", 2)[1])


async def _drive(port: int, pid: int, rate: float, seconds: float) -> dict[str, Any]:
    chance = random.Random(0)
    late: list[float] = []
    errors: list[str] = []
    idle: list[_Line] = []
    for _ in range(20):
        line = _Line(*await asyncio.open_connection("127.0.0.1", port))
        await line.get("/v1/route?lat=40&lng=-100")
        idle.append(line)
    busy, own = _cpu(), _cpu_of(pid)
    began = time.perf_counter()

    async def one(due: float, url: str) -> None:
        line = idle.pop() if idle else _Line(*await asyncio.open_connection("127.0.0.1", port))
        try:
            try:
                status = await line.get(url)
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise
                # The service closes what was not used for 5 s; the clock goes on.
                line = _Line(*await asyncio.open_connection("127.0.0.1", port))
                status = await line.get(url)
            idle.append(line)
            if status != 200:
                errors.append(str(status))
        except (OSError, EOFError) as error:
            errors.append(type(error).__name__)
        late.append(time.perf_counter() - due)

    tasks = []
    for i in range(int(rate * seconds)):
        due = began + i / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        place = (chance.uniform(25, 49), chance.uniform(-124, -67))
        tasks.append(asyncio.create_task(one(due, "/v1/route?lat={}&lng={}".format(*place))))
    await asyncio.gather(*tasks)
    took = time.perf_counter() - began
    ms = np.array(late) * 1e3
    return {
        "requests": len(ms),
        "per second": round(len(ms) / took, 1),
        "p50 ms": round(float(np.percentile(ms, 50)), 2),
        "p90 ms": round(float(np.percentile(ms, 90)), 2),
        "p99 ms": round(float(np.percentile(ms, 99)), 2),
        "p99.9 ms": round(float(np.percentile(ms, 99.9)), 2),
        "max ms": round(float(ms.max()), 2),
        "errors": len(errors),
        "kinds of error": sorted(set(errors)),
        "cpu ms of the service per request": round((_cpu_of(pid) - own) / len(ms) * 1e3, 2),
        "cores busy, of all processes": round(_busy(busy), 2),
        "load average": round(os.getloadavg()[0], 1),
    }


def _cpu_of(pid: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _cpu() -> tuple[float, float]:
    """Seconds that the machine's cores have worked, and the moment."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    ticks = [int(field) for field in fields]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK"), time.perf_counter()


def _busy(before: tuple[float, float]) -> float:
    worked, moment = _cpu()
    return (worked - before[0]) / (moment - before[1])


if __name__ == "__main__":
    sys.exit(main())
