"""Many writers on one plan over HTTP, each edit on condition of the version it was made for.

    python -m benchmarks.edits [--database-url URL] [--writers 16] [--edits 1000] [--services 1]

Each writer moves cells of its own to and fro until its edits are made, and asks again whenever it
was too late. An update is lost if two edits took the same version, if one that was accepted is not
in the log, or if a cell ends elsewhere than its writer put it last.
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "us" / "accounts.csv"
_BACK_OFF_S = 0.3  # at most, of a writer that was too late
_SERVE = "from app.main import serve; from app.settings import Settings; serve(Settings(**{}))"


@dataclass
class Written:
    """What one writer did: accepted versions, refusals, and where it left each of its cells."""

    versions: list[int]
    conflicts: int
    busy: int
    left: dict[str, str]


@contextmanager
def _served(settings: dict[str, Any]) -> Iterator[str]:
    """A service in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SERVE.format(settings | {"port": port})]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _plan(url: str, territories: int) -> str:
    """The id of a plan of the sample company."""
    with httpx.Client(base_url=url, timeout=600) as client:
        with SAMPLE.open("rb") as file:
            dataset = client.post("/v1/datasets", files={"file": file}).raise_for_status().json()
        wish = {"dataset": dataset["id"], "territories": territories, "effort": "quick"}
        started = client.post("/v1/plans", json=wish).raise_for_status().json()
        while (job := client.get(f"/v1/jobs/{started['job']}").json())["state"] != "done":
            if job["state"] == "failed":
                raise SystemExit(job["message"])
            time.sleep(0.5)
        return str(started["plan"])


def _cells(url: str, plan: str) -> dict[str, str]:
    """Cell → territory, of cells that have accounts."""
    found: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=600) as client:
        address: str | None = f"/v1/plans/{plan}/assignments?limit=10000"
        while address:
            page = client.get(address).raise_for_status().json()
            found |= {r["cell"]: r["territory_id"] for r in page["assignments"] if r["cell"]}
            address = page["next"]
    return found


def _write(
    url: str,
    plan: str,
    cells: list[str],
    territories: list[str],
    edits: int,
    before: dict[str, str],
) -> Written:
    done, rng = Written([], 0, 0, {}), random.Random(cells[0])
    address = f"/v1/plans/{plan}/moves"
    with httpx.Client(base_url=url, timeout=600) as client:
        tag = client.get(f"/v1/plans/{plan}").headers["etag"]
        while len(done.versions) < edits:
            n = len(done.versions)
            cell = cells[n % len(cells)]
            # Another place each time, so that no move is none.
            to = territories[(n // len(cells)) % len(territories)]
            if done.left.get(cell, before[cell]) == to:
                to = territories[(n // len(cells) + 1) % len(territories)]
            body = {"moves": [{"cell": cell, "territory": to}]}
            answer = client.post(address, headers={"If-Match": tag}, json=body)
            if answer.status_code == 200:
                done.versions.append(answer.json()["version"])
                done.left[cell] = to
            elif answer.status_code == 412:
                done.conflicts += 1
                time.sleep(rng.uniform(0, _BACK_OFF_S))
            elif answer.status_code == 503:
                done.busy += 1
                continue
            else:
                raise SystemExit(answer.text)
            tag = answer.headers["etag"]  # a refusal has the present one
    return done


def _lost(url: str, plan: str, before: dict[str, str], writers: list[Written]) -> list[str]:
    """What is not as the writers left it."""
    accepted = sorted(v for writer in writers for v in writer.versions)
    wrong = []
    if accepted != list(range(2, len(accepted) + 2)):
        wrong.append("the accepted versions are not each the next one")
    log: list[dict[str, Any]] = []
    with httpx.Client(base_url=url, timeout=600) as client:
        head = client.get(f"/v1/plans/{plan}").raise_for_status().json()["version"]
        address: str | None = f"/v1/plans/{plan}/history?limit=1000"
        while address:
            page = client.get(address).raise_for_status().json()
            log, address = log + page["entries"], page["next"]
    if head != len(accepted) + 1 or len(log) != len(accepted):
        wrong.append(f"the head is {head}, the log has {len(log)}, after {len(accepted)} edits")
    where = dict(before)
    for entry in reversed(log):
        for step in entry["steps"]:
            if where[step["cell"]] != step["was"]:
                wrong.append(f"version {entry['version']} did not start from the one before")
            where[step["cell"]] = step["to"]
    now = _cells(url, plan)
    if any(now[cell] != where[cell] for cell in now):
        wrong.append("the assignments are not what the log says")
    for writer in writers:
        wrong += [f"cell {c} is in {now[c]}" for c, to in writer.left.items() if now[c] != to]
    return wrong


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--edits", type=int, default=1000, help="of each writer")
    parser.add_argument("--services", type=int, default=1, help="processes that are asked in turn")
    parser.add_argument("--territories", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = asked.database_url or f"sqlite:///{directory}/bailiwick.db"
        settings = {"data_dir": directory, "database_url": url}
        with _served(settings) as first:
            plan = _plan(first, asked.territories)
            if asked.services == 1:
                _run([first], plan, asked)
                return
            with _served(settings | {"run_worker": False}) as second:
                _run([first, second], plan, asked)


def _run(urls: list[str], plan: str, asked: argparse.Namespace) -> None:
    before = _cells(urls[0], plan)
    territories = sorted(set(before.values()))
    shared = sorted(before)
    # Of cells that are one of many in their territory none is its last.
    per = min(8, len(shared) // asked.writers)
    own = [shared[w :: asked.writers][:per] for w in range(asked.writers)]
    began = time.perf_counter()
    with ThreadPoolExecutor(asked.writers) as pool:
        written = list(
            pool.map(
                lambda w: _write(
                    urls[w % len(urls)], plan, own[w], territories, asked.edits, before
                ),
                range(asked.writers),
            )
        )
    seconds = time.perf_counter() - began
    wrong = _lost(urls[0], plan, before, written)
    total = sum(len(w.versions) for w in written)
    print(f"cells {len(before)}, territories {len(territories)}, services {len(urls)}")
    print(f"edits {total}, conflicts {sum(w.conflicts for w in written)}", end=", ")
    print(f"busy {sum(w.busy for w in written)}, lost updates {len(wrong)}")
    print(f"{seconds:.1f} s, {total / seconds:.0f} edits/s")
    for line in wrong[:10]:
        print(line)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
