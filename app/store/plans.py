"""Plans: finished, immutable versions; which of them is in force is decided in one transaction."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import PlanNotReadyError, PreconditionFailedError
from app.store.tables import Assignment, Job, Plan, PlanFile, Publication, now
from geo.errors import ConflictError, NotFoundError
from sales.accounts.identity import canonical_id

_ROWS_PER_INSERT = 5_000


def etag(plan: Plan) -> str:
    """The entity tag of the plan: of its contents and of its state."""
    return f'"{plan.version}-{plan.state}"'


def add(
    session: Session,
    *,
    plan_id: str,
    dataset_id: str,
    name: str,
    request: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> None:
    """Add a finished plan as version 1 of a draft: files, rows and summary together."""
    document = json.loads(files["plan.json"])
    session.add(
        Plan(
            id=plan_id,
            dataset_id=dataset_id,
            name=name,
            request=dict(request),
            summary=document["summary"],
            within_tolerance=not document["violations"],
            state="draft",
            version=1,
            created_at=now(),
        )
    )
    session.flush()
    session.execute(
        sa.insert(PlanFile),
        [
            {"plan_id": plan_id, "version": 1, "name": file, "content": content}
            for file, content in files.items()
        ],
    )
    rows = _assignment_rows(files["assignments.csv"])
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        batch = rows[start : start + _ROWS_PER_INSERT]
        session.execute(
            sa.insert(Assignment), [{"plan_id": plan_id, "version": 1} | r for r in batch]
        )


def _assignment_rows(content: bytes) -> list[dict[str, Any]]:
    lines = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [
        row
        | {
            "position": i,
            "record_id": canonical_id(row["account_id"]),
            "lat": _degrees(row["lat"]),
            "lng": _degrees(row["lng"]),
        }
        for i, row in enumerate(lines)
    ]


def _degrees(text: str) -> float | None:
    return float(text) if text else None


def get(session: Session, plan_id: str) -> Plan:
    """The plan; raises PlanNotReadyError while its job is at work, else NotFoundError."""
    plan = session.get(Plan, plan_id)
    if plan is not None:
        return plan
    job = session.scalars(sa.select(Job).where(Job.plan_id == plan_id)).one_or_none()
    if job is not None:
        raise PlanNotReadyError(
            f"plan {plan_id!r} is not there: its job is {job.state}", hint=f"See /v1/jobs/{job.id}."
        )
    raise NotFoundError(
        f"there is no plan {plan_id!r}", hint="GET /v1/plans lists those that there are."
    )


def newest(session: Session, *, limit: int, before: str | None = None) -> list[Plan]:
    """Plans, newest first; `before` continues after that plan."""
    query = sa.select(Plan).order_by(Plan.created_at.desc(), Plan.id.desc()).limit(limit)
    if before is not None:
        last = get(session, before)
        query = query.where(
            sa.or_(
                Plan.created_at < last.created_at,
                sa.and_(Plan.created_at == last.created_at, Plan.id < last.id),
            )
        )
    return list(session.scalars(query))


def in_force(session: Session) -> Plan | None:
    """The published plan; where none is, the newest finished one; None where there is no plan."""
    published = sa.select(Plan).where(Plan.state == "published")
    return session.scalars(published).one_or_none() or next(iter(newest(session, limit=1)), None)


def file(session: Session, plan: Plan, name: str) -> bytes:
    """One file of the plan's present version; raises NotFoundError."""
    found = session.get(PlanFile, (plan.id, plan.version, name))
    if found is None:
        raise NotFoundError(f"plan {plan.id!r} has no {name}")
    return found.content


def files(session: Session, plan_id: str, version: int) -> dict[str, bytes]:
    """All files of a plan version, by name."""
    query = sa.select(PlanFile.name, PlanFile.content).where(
        PlanFile.plan_id == plan_id, PlanFile.version == version
    )
    return {row.name: row.content for row in session.execute(query)}


def assignments(
    session: Session, plan: Plan, *, after: int, limit: int, territory: str | None = None
) -> list[Assignment]:
    """Accounts of the present version in the order of the upload, from behind `after` on."""
    query = (
        sa.select(Assignment)
        .where(
            Assignment.plan_id == plan.id,
            Assignment.version == plan.version,
            Assignment.position > after,
        )
        .order_by(Assignment.position)
        .limit(limit)
    )
    if territory is not None:
        query = query.where(Assignment.territory_id == territory)
    return list(session.scalars(query))


def publish(session: Session, plan_id: str, if_match: str) -> Plan:
    """Put a plan in force and archive the former one.

    `if_match`: `*`, entity tags, or the bare version. Raises PreconditionFailedError where none of
    them names the present version, ConflictError where two plans are published at once.
    """
    # Lock the plan and the former one, so that the state cannot change between look and leap.
    query = sa.select(Plan).where(sa.or_(Plan.id == plan_id, Plan.state == "published"))
    locked = {plan.id: plan for plan in session.scalars(query.order_by(Plan.id).with_for_update())}
    plan = locked.pop(plan_id, None) or get(session, plan_id)
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", etag(plan), f'"{plan.version}"', str(plan.version)}:
        raise PreconditionFailedError(
            f"the plan is now {etag(plan)}, not {if_match}",
            hint="Get the plan again, look at what changed, and send its ETag.",
        )
    if plan.state == "published":
        return plan
    former = next(iter(locked.values()), None)
    try:
        if former is not None:
            former.state = "archived"
            session.flush()  # before the other is published: there may be one only
        plan.state = "published"
        session.add(
            Publication(
                plan_id=plan_id,
                version=plan.version,
                former_plan_id=former.id if former else None,
                published_at=now(),
            )
        )
        session.flush()
    except IntegrityError as error:
        raise ConflictError(
            "another plan was published at the same moment",
            hint="Look at GET /v1/plans and publish again if you still want to.",
        ) from error
    return plan
