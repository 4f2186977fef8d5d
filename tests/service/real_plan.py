"""A small plan made by the solver, with everything that edits and `verify` need."""

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from app.jobs.pipeline import read_upload
from app.jobs.work import Upload
from app.store import blobs, datasets, jobs, plans
from app.store.database import Database
from geo.geocode import default_geocoder
from sales.design import design
from sales.inputs import read_input
from sales.planfiles import plan_files
from sales.request import BalanceGoal, DesignRequest

DATASET = "ds_real"


def accounts_csv(count: int = 60) -> bytes:
    """Accounts around Hamburg; the last one has no place."""
    rng = np.random.default_rng(7)
    lines = ["Id,City,latitude,longitude,potential"]
    for i in range(count - 1):
        place = f"{53.55 + rng.normal(0, 0.1):.6f},{10.0 + rng.normal(0, 0.15):.6f}"
        lines.append(f"A{i},Hamburg,{place},{rng.integers(10, 90)}")
    lines.append(f"A{count - 1},,,,5")
    return "\n".join(lines).encode()


@cache
def _upload() -> tuple[datasets.Reading, dict[int, dict[str, bytes]]]:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "accounts.csv"
        path.write_bytes(accounts_csv())
        made = {}
        for seed in (0, 1):
            request = DesignRequest(
                territories=3, balance=(BalanceGoal("potential", 0.5),), resolution=6, seed=seed
            )
            bundle = design(read_input(path), request, geocoder=default_geocoder())
            made[seed] = plan_files(bundle)
        return read_upload(Upload("accounts.csv", path, {})), made


def real_files(seed: int = 0) -> dict[str, bytes]:
    """The files of the plan, as in its directory."""
    return _upload()[1][seed]


def keep_real_plan(database: Database, seed: int = 0) -> str:
    """The plan in the store; its id."""
    reading, made = _upload()
    plan_id = jobs.new_id("pl")
    upload_id = jobs.new_id("up")
    with database.write() as session:
        blobs.put(session, upload_id, io.BytesIO(accounts_csv()))
        datasets.keep(
            session, dataset_id=DATASET, file_name="accounts.csv", sha256="0" * 64,
            upload_id=upload_id, overrides={}, reading=reading,
        )  # fmt: skip
        plans.add(
            session, plan_id=plan_id, dataset_id=DATASET, name="Hamburg", request={},
            files=made[seed],
        )  # fmt: skip
    return plan_id
