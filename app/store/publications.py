"""What is in force, since when, and what is to be: one transaction each, with all that follows."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.store import audit, edits, outbox, ownership, plans, reroute
from app.store.tables import Plan, Publication, now
from geo.errors import ConflictError, NotFoundError

_RACE = "another plan was published at the same moment"


def publish(
    session: Session,
    plan_id: str,
    if_match: str,
    *,
    actor: str,
    reason: str = "",
    effective_at: datetime | None = None,
    lookups: reroute.Lookups | None = None,
) -> tuple[Plan, Publication | None]:
    """Put the newest version of a plan in force, or plan to when `effective_at` comes.

    Without `lookups` the plan's files are read for accounts that have to be routed. None where it
    is in force already. Raises PreconditionFailedError, and ConflictError where the date is before
    what is in force or the files are not kept (`plans.keep_files`).
    """
    ownership.lock(session)
    plan = _locked(session, plan_id)
    edits.check_tag(plan, if_match)
    if plan.state == "published" and plan.published_version == plan.version:
        return plan, None
    if not plans.has_files(session, plan_id, plan.version):
        raise ConflictError(
            "the plan was edited while it was being published",
            hint="Look at it again and publish with its new ETag.",
        )
    moment = now()
    last = newest_done(session)
    if effective_at is not None and last is not None and effective_at < last.effective_at:
        raise ConflictError(
            f"a plan is in force since {last.effective_at.isoformat()}, after the date asked for",
            hint="Give a later effective_at, or leave it out to publish now.",
        )
    publication = Publication(
        plan_id=plan.id, version=plan.version, state="scheduled", cause="publish",
        actor=actor, reason=reason, effective_at=effective_at or moment, published_at=moment,
    )  # fmt: skip
    session.add(publication)
    if publication.effective_at > moment:
        audit.record(
            session, actor, "plan.schedule", plan.id,
            {"version": plan.version, "effective_at": publication.effective_at.isoformat()},
        )  # fmt: skip
        session.flush()
    else:
        _put_in_force(session, publication, plan, lookups)
    return plan, publication


def rollback(
    session: Session, *, actor: str, reason: str = "", lookups: reroute.Lookups | None = None
) -> tuple[Plan, Publication]:
    """Put in force again what was before the plan in force; raises ConflictError if nothing was.

    Going back twice goes back two steps, never forward to what was left.
    """
    ownership.lock(session)
    trail = _trail(session)
    if len(trail) < 2:
        raise ConflictError(
            "there is nothing to go back to", hint="GET /v1/publications lists what was in force."
        )
    plan_id, version = trail[-2]
    plan = _locked(session, plan_id)
    moment = now()
    publication = Publication(
        plan_id=plan.id, version=version, state="scheduled", cause="rollback",
        actor=actor, reason=reason, effective_at=moment, published_at=moment,
    )  # fmt: skip
    session.add(publication)
    _put_in_force(session, publication, plan, lookups)
    return plan, publication


def activate_due(session: Session, lookups: reroute.Lookups | None = None) -> list[Publication]:
    """Put in force what was planned for a moment that has come; each once, whoever asks."""
    if not is_due(session):
        return []
    ownership.lock(session)  # who comes second finds them done
    found = list(
        session.scalars(
            _due()
            .order_by(Publication.effective_at, Publication.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    for publication in found:
        _put_in_force(session, publication, _locked(session, publication.plan_id), lookups)
    return found


def is_due(session: Session) -> bool:
    """Whether there is anything for `activate_due` to do."""
    return session.scalars(_due().limit(1)).first() is not None


def _due() -> sa.Select[Publication]:
    return sa.select(Publication).where(
        Publication.state == "scheduled", Publication.effective_at <= now()
    )


def withdraw(session: Session, publication_id: int, *, actor: str) -> Publication:
    """Take back a publication whose date has not come; raises NotFoundError, ConflictError."""
    ownership.lock(session)
    publication = session.get(Publication, publication_id)
    if publication is None:
        raise NotFoundError(f"there is no publication {publication_id}")
    if publication.state != "scheduled":
        raise ConflictError(
            f"the publication is {publication.state}",
            hint="POST /v1/publications/rollback goes back to the plan before.",
        )
    publication.state = "withdrawn"
    audit.record(session, actor, "plan.withdraw", publication.plan_id, {"id": publication_id})
    session.flush()
    return publication


def archive(session: Session, plan_id: str, if_match: str, *, actor: str) -> Plan:
    """Put a draft away; raises ConflictError for the plan in force."""
    plan = _locked(session, plan_id)
    edits.check_tag(plan, if_match)
    if plan.state == "published":
        raise ConflictError(
            "the plan is in force", hint="Publish another one, which archives this one."
        )
    plan.state = "archived"
    audit.record(session, actor, "plan.archive", plan.id, {"version": plan.version})
    session.flush()
    return plan


def listing(session: Session, *, limit: int, before: int | None = None) -> list[Publication]:
    """Publications, newest first; `before` continues behind that one."""
    query = sa.select(Publication).order_by(Publication.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Publication.id < before)
    return list(session.scalars(query))


def newest_done(session: Session) -> Publication | None:
    """The publication by which the plan in force is."""
    query = sa.select(Publication).where(Publication.state == "done")
    order = Publication.effective_at.desc(), Publication.published_at.desc(), Publication.id.desc()
    return session.scalars(query.order_by(*order).limit(1)).one_or_none()


def _trail(session: Session) -> list[tuple[str, int]]:
    """Plans and versions that led to what is in force, which is the last; none that was left."""
    query = sa.select(Publication.plan_id, Publication.version, Publication.cause).where(
        Publication.state == "done"
    )
    order = Publication.effective_at, Publication.published_at, Publication.id
    trail: list[tuple[str, int]] = []
    for plan_id, version, cause in session.execute(query.order_by(*order)):
        if cause == "rollback" and trail[-2:-1] == [(plan_id, version)]:
            trail.pop()
        else:
            trail.append((plan_id, version))
    return trail


def _locked(session: Session, plan_id: str) -> Plan:
    query = sa.select(Plan).where(Plan.id == plan_id).with_for_update()
    return session.scalars(query).one_or_none() or plans.get(session, plan_id)


def _put_in_force(
    session: Session, publication: Publication, plan: Plan, lookups: reroute.Lookups | None
) -> None:
    lookups = lookups or reroute.stored_lookups(session)
    with ownership.changing(session):
        reroute.settle_due(session, lookups)  # while the former plan is in force
        _switch(session, publication, plan)
        outbox.emit(session, "plan.published", {"plan": plan.id, "version": publication.version})
        at, cause = publication.effective_at, publication.cause
        changed = ownership.follow_plan(
            session, plan.id, publication.version, effective_at=at, cause=cause
        )
        changed += reroute.reroute(session, plan, lookups, cause, at)
    audit.record(
        session, publication.actor, f"plan.{publication.cause}", plan.id,
        {"version": publication.version, "publication": publication.id, "changed": changed,
         "reason": publication.reason, "effective_at": publication.effective_at.isoformat()},
    )  # fmt: skip
    session.flush()


def _switch(session: Session, publication: Publication, plan: Plan) -> None:
    """Archive what was in force, and put the publication's plan in its place."""
    former = session.scalars(
        sa.select(Plan).where(Plan.state == "published").with_for_update()
    ).one_or_none()
    try:
        if former is not None:
            publication.former_plan_id = former.id
            publication.former_version = former.published_version
            if former.id != plan.id:
                former.state = "archived"
                session.flush()  # before the other is published: there may be one only
        plan.state, plan.published_version = "published", publication.version
        publication.state = "done"
        session.flush()
    except IntegrityError as error:
        raise ConflictError(
            _RACE, hint="Look at GET /v1/plans and publish again if you still want to."
        ) from error
