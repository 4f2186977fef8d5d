"""The edit log of a plan: it only grows, and each entry makes the next version."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.errors import PreconditionFailedError
from app.store import audit, plans
from app.store.tables import Edit, Plan, now
from geo.errors import ConflictError


def after(session: Session, plan_id: str, version: int, *, to: int | None = None) -> list[Edit]:
    """Entries that made the versions after `version`, up to `to`, oldest first."""
    query = sa.select(Edit).where(Edit.plan_id == plan_id, Edit.version > version)
    if to is not None:
        query = query.where(Edit.version <= to)
    return list(session.scalars(query.order_by(Edit.version)))


def history(session: Session, plan_id: str, *, limit: int, before: int | None) -> list[Edit]:
    """Entries, newest first; `before` continues behind that version."""
    query = sa.select(Edit).where(Edit.plan_id == plan_id)
    if before is not None:
        query = query.where(Edit.version < before)
    return list(session.scalars(query.order_by(Edit.version.desc()).limit(limit)))


def undoable(session: Session, plan_id: str) -> tuple[int | None, int | None]:
    """The versions whose entries undo and redo would take up next, None where there is none."""
    done: list[int] = []
    undone: list[int] = []
    query = sa.select(Edit.version, Edit.kind).where(Edit.plan_id == plan_id)
    for version, kind in session.execute(query.order_by(Edit.version)):
        if kind == "move":
            done.append(version)
            undone.clear()
        elif kind == "undo":
            undone.append(done.pop())
        else:
            done.append(undone.pop())
    return (done[-1] if done else None), (undone[-1] if undone else None)


def locked(session: Session, plan_id: str, if_match: str) -> Plan:
    """The plan, held until the transaction ends; raises PreconditionFailedError if it has changed.

    An archived plan is not edited: ConflictError.
    """
    query = sa.select(Plan).where(Plan.id == plan_id).with_for_update()
    plan = session.scalars(query).one_or_none() or plans.get(session, plan_id)
    check_tag(plan, if_match)
    if plan.state == "archived":
        raise ConflictError(
            "an archived plan is not edited",
            hint="Publish it again, or design a plan from it as the incumbent.",
        )
    return plan


def check_tag(plan: Plan, if_match: str) -> None:
    """Raise PreconditionFailedError unless `if_match` names the plan as it is now."""
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", plans.etag(plan), f'"{plan.version}"', str(plan.version)}:
        raise PreconditionFailedError(
            f"the plan is now {plans.etag(plan)}, not {if_match}",
            hint="Get the plan again, look at what changed, and send its ETag.",
            etag=plans.etag(plan),
        )


def append(
    session: Session,
    plan: Plan,
    *,
    kind: str,
    steps: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    within_tolerance: bool,
    actor: str,
    reason: str,
) -> Plan:
    """Add an entry to the log of a plan that is `locked`, and make its version the newest."""
    plan.version += 1
    plan.summary = dict(summary)
    plan.within_tolerance = within_tolerance
    session.add(
        Edit(
            plan_id=plan.id, version=plan.version, kind=kind, steps=[dict(s) for s in steps],
            summary=dict(summary), within_tolerance=within_tolerance, actor=actor, reason=reason,
            at=now(),
        )
    )  # fmt: skip
    audit.record(
        session, actor, f"plan.{kind}", plan.id,
        {"version": plan.version, "steps": len(steps), "reason": reason},
    )  # fmt: skip
    session.flush()
    return plan
