"""Plans: finished, immutable versions; which of them is in force is decided in one transaction."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.errors import PlanNotReadyError
from app.store.tables import Assignment, Job, Plan, PlanFile, now
from geo.errors import NotFoundError
from sales.accounts.identity import canonical_id

_ROWS_PER_INSERT = 5_000


def etag(plan: Plan) -> str:
    """The entity tag of the plan: of its contents and of its state."""
    return f'"{plan.version}-{state_of(plan)}"'


def state_of(plan: Plan, version: int | None = None) -> str:
    """The state of a version, by default the newest: what goes beyond the one in force is a draft.

    Older versions than that were drafts once, or in force.
    """
    version = plan.version if version is None else version
    if plan.state == "published" and version != plan.published_version:
        return "draft" if version > (plan.published_version or 0) else "archived"
    return plan.state


def at(session: Session, plan_id: str, version: int | None) -> tuple[Plan, int]:
    """The plan and a version of it, by default the newest; raises NotFoundError."""
    plan = get(session, plan_id)
    if version is None:
        return plan, plan.version
    if not 1 <= version <= plan.version:
        raise NotFoundError(
            f"plan {plan_id!r} has no version {version}",
            hint=f"Its versions are 1 to {plan.version}.",
        )
    return plan, version


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
    keep_files(session, plan_id, 1, files)


def keep_files(session: Session, plan_id: str, version: int, files: Mapping[str, bytes]) -> None:
    """Keep the files and rows of a version, unless they are kept already."""
    if has_files(session, plan_id, version):
        return
    own = {"plan_id": plan_id, "version": version}
    session.execute(
        sa.insert(PlanFile),
        [own | {"name": file, "content": content} for file, content in files.items()],
    )
    rows = _assignment_rows(files["assignments.csv"])
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        session.execute(
            sa.insert(Assignment), [own | row for row in rows[start : start + _ROWS_PER_INSERT]]
        )


def has_files(session: Session, plan_id: str, version: int) -> bool:
    """Whether the files of a version are kept, or have to be derived from its edits."""
    query = sa.select(PlanFile.name).where(PlanFile.plan_id == plan_id, PlanFile.version == version)
    return session.execute(query.limit(1)).first() is not None


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
    """The published plan; where none is, the newest finished one; None where there is no plan.

    `version_in_force` says which of its versions it is.
    """
    published = sa.select(Plan).where(Plan.state == "published")
    return session.scalars(published).one_or_none() or next(iter(newest(session, limit=1)), None)


def version_in_force(plan: Plan) -> int:
    """The version that counts: the published one, or of a plan that is not in force the newest."""
    if plan.state == "published" and plan.published_version is not None:
        return plan.published_version
    return plan.version


def file(session: Session, plan_id: str, version: int, name: str) -> bytes | None:
    """One file of a version; None where it is not kept."""
    found = session.get(PlanFile, (plan_id, version, name))
    return None if found is None else found.content


def files(session: Session, plan_id: str, version: int) -> dict[str, bytes]:
    """All files of a plan version, by name."""
    query = sa.select(PlanFile.name, PlanFile.content).where(
        PlanFile.plan_id == plan_id, PlanFile.version == version
    )
    return {row.name: row.content for row in session.execute(query)}


def assignments(
    session: Session,
    plan_id: str,
    version: int,
    *,
    after: int,
    limit: int,
    territory: str | None = None,
    visible: frozenset[str] | None = None,
) -> list[Assignment]:
    """Accounts of a version whose files are kept, in the order of the upload, behind `after`.

    Only those of one `territory`, or of the `visible` ones, where these are given.
    """
    query = (
        sa.select(Assignment)
        .where(
            Assignment.plan_id == plan_id,
            Assignment.version == version,
            Assignment.position > after,
        )
        .order_by(Assignment.position)
        .limit(limit)
    )
    if territory is not None:
        query = query.where(Assignment.territory_id == territory)
    if visible is not None:
        query = query.where(Assignment.territory_id.in_(sorted(visible)))
    return list(session.scalars(query))
