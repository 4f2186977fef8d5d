"""The service as it is run: its own process, a real socket, the real solver."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

COMMAND = "from app.main import serve; from app.settings import Settings; serve(Settings())"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    database_url: str, port: int, *command: str
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    env = os.environ | {
        "BAILIWICK_DATABASE_URL": database_url,
        "BAILIWICK_PORT": str(port),
        "BAILIWICK_WORKER_NICE": "0",
    }
    process = subprocess.Popen([sys.executable, *(command or ("-c", COMMAND))], env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: ready(url))
        yield process, url
    finally:
        process.terminate()
        process.wait(20)


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def wait_until(met, seconds: float = 120) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def accounts(n: int = 400) -> bytes:
    rng = np.random.default_rng(1)
    lat, lng = rng.uniform(40, 44, n), rng.uniform(-100, -94, n)
    potential = rng.integers(1, 100, n)
    rows = (f"A{i},{lat[i]:.5f},{lng[i]:.5f},{potential[i]}" for i in range(n))
    return ("Account ID,Latitude,Longitude,Potential\n" + "\n".join(rows) + "\n").encode()


def test_from_upload_to_route(database_url: str) -> None:
    with served(database_url, free_port()) as (_, url), httpx.Client(base_url=url) as http:
        http.timeout = httpx.Timeout(120)
        dataset = http.post("/v1/datasets", files={"file": ("crm.csv", accounts())}).json()
        assert dataset["accounts"] == 400, dataset
        reps = [{"name": f"Rep {i}"} for i in range(4)]
        started = http.post("/v1/plans", json={"dataset": dataset["id"], "reps": reps})
        with http.stream("GET", started.headers["location"] + "/events") as stream:
            events = [e for e in stream.iter_lines() if e.startswith("event: ")]
        assert events[-1] == "event: done"
        address = f"/v1/plans/{started.json()['plan']}"
        plan = http.get(address)
        assert plan.json()["summary"]["assigned"] == 400
        assert plan.json()["summary"]["max_deviation"] <= 0.05
        assert all(territory["contiguous"] for territory in plan.json()["territories"])
        tag = {"If-Match": plan.headers["etag"]}
        assert http.post(f"{address}/publish", headers=tag).json()["state"] == "published"
        rows = http.get(f"{address}/assignments").json()["assignments"]
        points = [{"id": row["account_id"], "lat": row["lat"], "lng": row["lng"]} for row in rows]
        routed = http.post("/v1/route", json={"points": points}).json()
        assert routed["notice"] == ""
        assert [r["territory"] for r in routed["results"]] == [r["territory_id"] for r in rows]
        assert {r["rep"] for r in routed["results"]} == {rep["name"] for rep in reps}
        assert "<html" in http.get(f"{address}/map").text


def test_work_that_was_acknowledged_outlives_a_killed_service(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'killed.db'}"
    port = free_port()
    with served(database_url, port) as (process, url):
        upload = {"file": ("crm.csv", accounts())}
        dataset = httpx.post(f"{url}/v1/datasets", files=upload, timeout=120).json()
        wish = {"dataset": dataset["id"], "territories": 3}
        started = httpx.post(f"{url}/v1/plans", json=wish).json()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with served(database_url, port) as (_, url):
        job = f"{url}/v1/jobs/{started['job']}"
        wait_until(lambda: httpx.get(job).json()["state"] not in ("queued", "running"))
        assert httpx.get(job).json()["error"] is None
        assert httpx.get(f"{url}/v1/plans/{started['plan']}").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0"])
def test_it_refuses_to_listen_to_strangers(host: str, tmp_path: Path) -> None:
    env = os.environ | {"BAILIWICK_HOST": host, "BAILIWICK_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND], env=env, check=False, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "this machine only" in ended.stderr
    assert list(tmp_path.iterdir()) == []
