"""What must hold in every snapshot of the database, and what at the end."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import blobs, plans
from app.store.database import Database
from app.store.tables import Assignment, BlobPart, Dataset, Job, Plan, PlanFile, Publication


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """A session that sees one moment only."""
    engine = database.engine
    if not database.is_sqlite:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        yield session


def torn(session: Session) -> list[str]:
    """What is there by half."""
    found = []
    jobs = list(session.scalars(sa.select(Job)))
    present_plans = {plan.id: plan for plan in session.scalars(sa.select(Plan))}
    present_datasets = {d.id: d for d in session.scalars(sa.select(Dataset))}
    rows = _counts(session, Assignment.plan_id)
    files = _counts(session, PlanFile.plan_id)
    for plan in present_plans.values():
        if rows.get(plan.id, 0) != plan.summary["accounts"] or files.get(plan.id, 0) < 6:
            found.append(f"plan {plan.id}: {rows.get(plan.id)} rows, {files.get(plan.id)} files")
    found += [f"rows of no plan {i}" for i in {*rows, *files} - set(present_plans)]
    for job in jobs:
        if job.kind == "design" and (job.state == "done") != (job.plan_id in present_plans):
            found.append(f"job {job.id} is {job.state}, its plan is not")
        if job.kind == "import" and job.state == "done" and job.dataset_id not in present_datasets:
            found.append(f"job {job.id} is done, its dataset is not there")
    wanted = {d.upload_id for d in present_datasets.values()} | {
        job.request["upload_id"]
        for job in jobs
        if job.kind == "import" and job.state in ("queued", "running")
    }
    kept = set(session.scalars(sa.select(BlobPart.blob_id).distinct()))
    found += [f"upload {i} is kept for nothing" for i in kept - wanted]
    found += [f"upload {i} is lost" for i in wanted - kept]
    published = sum(plan.state == "published" for plan in present_plans.values())
    trail = session.scalars(sa.select(Publication).order_by(Publication.id)).all()
    if published != (1 if trail else 0):
        found.append(f"{published} plans are published after {len(trail)} publications")
    elif trail and present_plans[trail[-1].plan_id].state != "published":
        found.append("the plan in force is not the last one published")
    return found


def damaged(session: Session) -> list[str]:
    """What has other bytes than it should: uploads, and plans made of one request."""
    found = []
    for dataset in session.scalars(sa.select(Dataset)):
        digest = hashlib.sha256()
        for part in blobs.parts(session, dataset.upload_id):
            digest.update(part)
        if digest.hexdigest() != dataset.sha256:
            found.append(f"upload of {dataset.id}")
    first: dict[str, bytes] | None = None
    for plan in session.scalars(sa.select(Plan).order_by(Plan.created_at)):
        files = plans.files(session, plan.id, plan.version)
        first = first or files
        found += [f"{name} of {plan.id}" for name in files if files[name] != first.get(name)]
    return found


def count(session: Session, *where: sa.ColumnElement[bool]) -> int:
    """How many rows there are with these properties."""
    return session.scalar(sa.select(sa.func.count()).where(*where)) or 0


def _counts(session: Session, column: sa.orm.InstrumentedAttribute[str]) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).group_by(column)
    return {row[0]: row[1] for row in session.execute(query)}
