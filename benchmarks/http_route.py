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
            with httpx.Client(base_url=base, timeout=120) as client:
                dataset = _published(client)
                if not given.idle:
                    _solves(client, dataset)
                figures = asyncio.run(_drive(base, given.rate, given.seconds))
                if not given.idle:
                    figures["jobs running at the end"] = _running(client)
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


def _solves(client: httpx.Client, dataset: str) -> None:
    """Long solves, one after the other, and a check that they do keep the cores busy."""
    for seed in range(1, 5):
        asked = {"dataset": dataset, "territories": 120, "seed": seed, "resolution": 7}
        client.post("/v1/plans", json=asked).raise_for_status()
    for _ in range(300):
        time.sleep(0.2)
        if _running(client):
            break
    time.sleep(8)  # past reading and geocoding, into the search


def _running(client: httpx.Client) -> int:
    listing = client.get("/v1/jobs")
    if listing.status_code != 200:
        return -1
    return sum(job["state"] == "running" for job in listing.json()["jobs"])


async def _drive(base: str, rate: float, seconds: float) -> dict[str, Any]:
    chance = random.Random(0)
    late: list[float] = []
    errors: list[str] = []
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    busy = _cpu()
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30) as client:
        await asyncio.gather(*(client.get("/v1/route?lat=40&lng=-100") for _ in range(20)))
        began = time.perf_counter()

        async def one(due: float, url: str) -> None:
            try:
                answer = await client.get(url)
                if answer.status_code != 200:
                    errors.append(str(answer.status_code))
            except httpx.HTTPError as error:
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
        "cores busy, of all processes": round(_busy(busy), 2),
    }


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
