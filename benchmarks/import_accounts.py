"""How long a large file takes from the upload's bytes to a dataset, and how much memory.

    python -m benchmarks.import_accounts [--rows 1000000] [--database-url URL]

The job is what a worker does: fetch the upload from the database, read, geocode, keep. Two files,
made from a seed: one with city, state and ZIP, one with coordinates. Without a URL, a new SQLite
file. The machine may have other work: the CPU seconds say what the import itself takes.
"""

import argparse
import csv
import hashlib
import json
import multiprocessing
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from app.jobs.worker import run_next
from app.settings import Settings
from app.store import blobs, datasets, jobs, migrate
from app.store.database import Database

_SPAWN: Final = multiprocessing.get_context("spawn")
KINDS: Final = ("addresses", "coordinates")


def main() -> None:
    """Make the files, import each in a process of its own, print one JSON line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database-url")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = asked.database_url or f"sqlite:///{directory}/import.db"
        for kind in KINDS:
            path = Path(directory) / f"{kind}.csv"
            _apart(write, path, kind, asked.rows)
            _apart(measure, path, url)


def _apart(work: Any, *arguments: Any) -> None:
    process = _SPAWN.Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def write(path: Path, kind: str, rows: int, seed: int = 0) -> None:
    """Write a file of accounts around the ZIP codes of the US."""
    from geo.geocode.us_zip_table import zips

    rng, places = random.Random(seed), sorted(zips().values())
    where = {
        "addresses": ["Billing City", "Billing State", "Billing Zip"],
        "coordinates": ["Latitude", "Longitude"],
    }[kind]
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Account ID", "Account Name", *where, "Annual Revenue", "Industry"])
        for i in range(rows):
            at = rng.choice(places)
            address = (
                [at.cities[0], at.state, at.code]
                if kind == "addresses"
                else [f"{at.lat + rng.gauss(0, 0.05):.5f}", f"{at.lng + rng.gauss(0, 0.05):.5f}"]
            )
            revenue = f"{rng.lognormvariate(9, 1.2):.2f}"
            out.writerow([f"A-{i:07d}", f"Account {i}", *address, revenue, "Retail"])


def measure(path: Path, url: str) -> None:
    """Import the file by a job and print the figures."""
    settings = Settings(database_url=url)
    database = Database(settings.url)
    migrate.upgrade(database)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    dataset_id, upload_id = datasets.id_of(sha256, {}), jobs.new_id("up")
    began, cpu = time.monotonic(), time.process_time()
    with database.write() as session, path.open("rb") as file:
        blobs.put(session, upload_id, file)
        request = {
            "upload_id": upload_id, "file_name": path.name, "sha256": sha256, "overrides": {},
        }  # fmt: skip
        jobs.add(session, "import", caller="benchmark", dataset_id=dataset_id, request=request)
    stored = time.monotonic() - began
    run_next(database, settings, "benchmark")
    figures = {
        "file": path.name, "mb": round(path.stat().st_size / 1e6),
        "database": url.partition(":")[0],
        "seconds": round(time.monotonic() - began, 1),
        "of_which_upload": round(stored, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
    }  # fmt: skip
    with database.read() as session:
        dataset = datasets.get(session, dataset_id)
        figures |= {"accounts": dataset.account_count, "review": dataset.review_count}
    print(json.dumps(figures), flush=True)
    database.close()


if __name__ == "__main__":
    main()
