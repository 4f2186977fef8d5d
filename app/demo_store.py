"""The sample company in a database of its own, with its plan published."""

import hashlib
from pathlib import Path

from app.jobs.pipeline import read_upload
from app.jobs.work import Upload
from app.settings import Settings
from app.store import datasets, migrate, plans, publications
from app.store.database import Database

_NOT_KEPT = {"map.html", "run.json"}  # made anew by the service, or about one run only


def fill(settings: Settings, accounts: Path, plan_dir: Path) -> str:
    """Keep a file of accounts and a plan designed from it, publish the plan, and return its id."""
    if settings.database_url == "":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url)
    migrate.upgrade(database)
    content = accounts.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    overrides: dict[str, dict[str, str]] = {"columns": {}}
    dataset_id = datasets.id_of(sha256, overrides)
    files = {
        path.name: path.read_bytes()
        for path in sorted(plan_dir.iterdir())
        if path.is_file() and path.name not in _NOT_KEPT
    }
    with database.write() as session:
        datasets.keep(
            session,
            dataset_id=dataset_id,
            file_name=accounts.name,
            sha256=sha256,
            content=content,
            overrides=overrides,
            reading=read_upload(Upload(accounts.name, content, overrides)),
        )
        plans.add(
            session,
            plan_id="pl_demo",
            dataset_id=dataset_id,
            name="Sample company",
            request={"name": "Sample company", "dataset": dataset_id},
            files=files,
        )
        publications.publish(session, "pl_demo", "*", actor="demo")
    database.close()
    return "pl_demo"
