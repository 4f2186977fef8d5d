"""What-ifs: each scenario becomes a draft plan, and their comparison is kept with the job."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.jobs.pulse import Pulse
from app.jobs.uploads import fetched
from app.jobs.work import Final, Upload
from app.store import audit, blobs, datasets, jobs, plans
from app.store.database import Database
from app.store.datasets import Reading
from app.store.tables import Job

if TYPE_CHECKING:
    from sales.accounts.types import AccountTable
    from sales.prepare import Source
    from sales.realign.run import Made
    from sales.realign.scenario import Scenario


@dataclass(frozen=True)
class _Dataset:
    """Accounts that a scenario changed: a dataset to come."""

    id: str
    content: bytes
    columns: Mapping[str, str]
    reading: Reading


@contextmanager
def make_scenarios(database: Database, job: Job, pulse: Pulse) -> Iterator[Final]:
    """Make all plans of the request, then keep them and the comparison at once."""
    from app.drafts import Drafts
    from geo.geocode import default_geocoder
    from sales.planfiles import plan_files
    from sales.realign.compare import compare
    from sales.realign.run import Base

    asked, geocoder = job.request, default_geocoder()
    pulse.step("reading", 0.0)
    with TemporaryDirectory(prefix="bailiwick-") as directory, ExitStack() as files:
        from app.jobs.scenarios import book_from

        place = Path(directory)
        book = book_from(asked, place, geocoder, bookings=place / "bookings.csv")
        bundle = Drafts(database).bundle(job.plan_id, asked["version"])
        with database.read() as session:
            name = plans.get(session, job.plan_id).name

        def source_of(dataset_id: str) -> "Source":
            return _source(database, files, dataset_id)

        scenarios = [
            _whole(database, scenario, given, source_of)
            for scenario, given in zip(book.scenarios, asked["scenarios"], strict=True)
        ]
        base = Base(bundle, source_of(job.dataset_id), name, geocoder, asked["seed"])
        found = compare(
            base, scenarios, book.basis, progress=pulse.note, should_stop=pulse.should_stop
        )
        ids = asked["plans"]
        made = {slug: plan_files(entry.bundle) for slug, entry in found.made.items()}
        changed = {
            slug: _dataset(place, entry.source)
            for slug, entry in found.made.items()
            if entry.source is not base.source
        }
    told = {
        "plans": [
            {"scenario": entry.scenario.name, "plan": ids[slug]}
            for slug, entry in found.made.items()
        ],
        "comparison": found.document,
    }

    def final(session: Session) -> None:
        for slug, entry in found.made.items():
            dataset_id = job.dataset_id
            if slug in changed:
                dataset_id = changed[slug].id
                _keep(session, job, changed[slug], entry)
            plans.add(
                session,
                plan_id=ids[slug],
                dataset_id=dataset_id,
                name=f"{name}: {entry.scenario.name}"[:200],
                request={"scenario": asked["scenarios"][list(found.made).index(slug)]}
                | {"plan": job.plan_id, "version": asked["version"]},
                files=made[slug],
            )
            about = {"job": job.id, "scenario": entry.scenario.name, "of": job.plan_id}
            audit.record(session, job.caller, "plan.create", ids[slug], about)
        session.get_one(Job, job.id).result = told

    yield final


def _source(database: Database, files: ExitStack, dataset_id: str) -> "Source":
    from app.jobs.pipeline import source_of_upload

    with database.read() as session:
        dataset = datasets.get(session, dataset_id)
    known = dataset.upload_id, dataset.file_name, dataset.overrides
    return source_of_upload(files.enter_context(fetched(database, *known)))


def _whole(
    database: Database,
    scenario: "Scenario",
    given: Mapping[str, Any],
    source_of: Callable[[str], "Source"],
) -> "Scenario":
    """The scenario with what other plans and datasets add to it."""
    from app.drafts import Drafts
    from sales.realign.merger import merger_of_plan
    from sales.realign.scenario import NewPotential
    from sales.realign.scores import scores_of

    if given.get("merge"):
        with database.read() as session:
            other = plans.get(session, given["merge"]["plan"])
        bundle = Drafts(database).bundle(other.id, other.version)
        merger = merger_of_plan(bundle, other.name, _accounts(source_of(other.dataset_id)))
        scenario = replace(scenario, merger=merger)
    dataset = (given.get("potential") or {}).get("dataset")
    if dataset:
        scores = scores_of(_accounts(source_of(dataset)))
        potential = scenario.potential or NewPotential()
        scenario = replace(scenario, potential=replace(potential, scores=scores))
    return scenario


def _accounts(source: "Source") -> "AccountTable":
    from geo.errors import OptionError
    from sales.accounts.types import AccountTable

    if not isinstance(source, AccountTable):
        raise OptionError(
            "this can be done with accounts, and the dataset is of cells or units",
            hint="Upload accounts, and design the plan from them.",
        )
    return source


def _dataset(place: Path, source: "Source") -> _Dataset:
    """The changed accounts as an upload, read back as any other."""
    from app.jobs.pipeline import read_upload
    from app.jobs.scenarios import accounts_csv

    content, columns = accounts_csv(_accounts(source))
    path = place / "accounts.csv"
    path.write_bytes(content)
    overrides = {"columns": columns}
    reading = read_upload(Upload("accounts.csv", path, overrides))
    identity = datasets.id_of(hashlib.sha256(content).hexdigest(), overrides)
    return _Dataset(identity, content, columns, reading)


def _keep(session: Session, job: Job, new: _Dataset, made: "Made") -> None:
    upload_id = jobs.new_id("up")
    blobs.put(session, upload_id, io.BytesIO(new.content))
    kept = datasets.keep(
        session,
        dataset_id=new.id,
        file_name=f"{made.scenario.name}.csv",
        sha256=hashlib.sha256(new.content).hexdigest(),
        upload_id=upload_id,
        overrides={"columns": dict(new.columns)},
        reading=new.reading,
    )
    if kept:
        about = {"job": job.id, "scenario": made.scenario.name}
        audit.record(session, job.caller, "dataset.upload", new.id, about)
