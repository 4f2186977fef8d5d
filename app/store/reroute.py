"""Whose accounts are by what is in force, brought into the log of owners."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.store import plans, routing_rules
from app.store.ownership import Claim, chunks, claim, lock, owners_of
from app.store.tables import Account, Assignment, OwnerOverride, Plan, now
from geo.geocode.types import Geocode, Precision
from sales.lookup import Lookup, make_lookup
from sales.planfiles import read_bundle
from sales.route import Question, ask
from sales.routing_rules import Answer, Assigned, World

Lookups = Callable[[Plan], Lookup]
_AT_ONCE = 2_000


def published(session: Session) -> Plan | None:
    """The published plan."""
    return session.scalars(sa.select(Plan).where(Plan.state == "published")).one_or_none()


def known_in(session: Session, plan: tuple[str, int], ids: Iterable[str]) -> dict[str, Assigned]:
    """What a plan version says of accounts, by canonical id; those that it has."""
    found: dict[str, Assigned] = {}
    for some in chunks(list(ids)):
        query = sa.select(Assignment).where(
            Assignment.plan_id == plan[0],
            Assignment.version == plan[1],
            Assignment.record_id.in_(some),
        )
        for row in session.scalars(query.order_by(Assignment.position.desc())):
            at = (row.precision, row.cell, row.lat, row.lng)
            assigned = Assigned(row.territory_id, row.rep, row.rule, *at)
            found[row.record_id] = assigned  # of duplicates the first row counts
    return found


def answers(
    session: Session, world: World, plan: tuple[str, int], ids: Sequence[str]
) -> dict[str, Answer]:
    """Whose accounts are by a world: sent ones by their place, the plan's by the plan."""
    sent = sent_accounts(session, ids)
    follow = [i for i in ids if i not in sent or sent[i].follows_plan]
    known = known_in(session, plan, follow)
    alive = [i for i in ids if i not in sent or sent[i].deleted_at is None]
    asked = [question(i, sent.get(i), known.get(i)) for i in alive]
    found = dict(zip(alive, ask(world, _never, asked), strict=True))
    deleted = Answer("account_deleted", "the account was deleted", rule="deleted")
    return {i: found.get(i, deleted) for i in ids}


def question(account: str, sent: Account | None, known: Assigned | None) -> Question:
    """What to ask about an account: the plan's word, or the place that was sent."""
    place = None
    if sent is not None and sent.lat is not None and sent.lng is not None and known is None:
        precision = Precision(sent.precision)
        place = Geocode(sent.lat, sent.lng, precision, "stored", 1.0, sent.matched)
    trouble = None
    if sent is not None and known is None and place is None:
        trouble = Answer(sent.code, sent.matched)
    facts = sent.sent if sent is not None else {}
    return Question(place, account, sent.segment if sent else "", known, trouble, facts)


def _never(_address: object) -> None:
    raise AssertionError("places are stored, not looked up")


def sent_accounts(session: Session, ids: Iterable[str]) -> dict[str, Account]:
    """The accounts that were sent, by canonical id."""
    found: dict[str, Account] = {}
    for some in chunks(list(ids)):
        for row in session.scalars(sa.select(Account).where(Account.id.in_(some))):
            found[row.id] = row
    return found


def world_at(
    session: Session, lookup: Lookup, at: datetime, ids: Iterable[str] | None = None
) -> World:
    """What decides at a moment; with the overrides of some accounts only, or of all."""
    _, outside = routing_rules.current(session)
    return World(lookup, outside, routing_rules.overrides_of(session, ids), at)


def settle(
    session: Session,
    plan: Plan,
    lookup: Lookup,
    ids: Sequence[str],
    cause: str,
    *,
    at: datetime | None = None,
    effective_at: datetime | None = None,
) -> int:
    """Log whose accounts are at a moment (None: now), where the log says otherwise; needs the lock.

    They are from that moment on, or from `effective_at` on.
    """
    at = at or now()
    version = (plan.id, plans.version_in_force(plan))
    count = 0
    for some in chunks(list(dict.fromkeys(ids)), _AT_ONCE):
        world = world_at(session, lookup, at, some)
        found = answers(session, world, version, some)
        since = dict.fromkeys(some, at)
        if effective_at is not None:  # but never before what the log already has
            had = owners_of(session, some)
            since = {i: max(effective_at, had[i].since) if i in had else effective_at for i in some}
        claims = [_claim(i, found[i], since[i]) for i in some]
        count += claim(session, claims, plan_id=plan.id, plan_version=version[1], cause=cause)
        for account, row in sent_accounts(session, some).items():
            keep_answer(row, found[account], version)
    session.flush()
    return count


def _claim(account: str, answer: Answer, since: datetime) -> Claim:
    return Claim(account, answer.territory or "", answer.rep or "", answer.rule, since)


def keep_answer(row: Account, answer: Answer, plan: tuple[str, int]) -> None:
    """Write on an account whose it is."""
    row.outcome, row.territory, row.rep = answer.code, answer.territory or "", answer.rep or ""
    row.rule, (row.plan_id, row.plan_version) = answer.rule, plan
    row.cell = answer.cell or row.cell


def settle_due(session: Session, lookups: Lookups) -> int:
    """Log overrides that have begun or ended by the clock, at their own moments; takes the lock.

    Whatever changes owners calls this first, so that the log stays in order.
    """
    at = now()
    if not due(session, at):
        return 0
    lock(session)
    plan = published(session)
    if plan is None:
        return 0  # nobody owns anything until a plan is published
    events: set[tuple[datetime, str]] = set()
    rows = due(session, at)
    for row in rows:
        if not row.begun and row.valid_from <= at:
            row.begun = True
            events.add((row.valid_from, row.account_id))
        if row.valid_to is not None and row.valid_to <= at:
            events.add((row.valid_to, row.account_id))
    count = 0
    for moment, account in sorted(events):
        count += settle(session, plan, lookups(plan), [account], "override", at=moment)
    for row in rows:
        row.over = row.valid_to is not None and row.valid_to <= at
    session.flush()
    return count


def due(session: Session, at: datetime) -> list[OwnerOverride]:
    """Overrides whose beginning or end has passed and is not yet in the log."""
    o = OwnerOverride
    begins = sa.and_(o.begun.is_(False), o.valid_from <= at)
    query = sa.select(o).where(o.over.is_(False), sa.or_(begins, o.valid_to <= at))
    return list(session.scalars(query.order_by(o.id)))


def reroute(
    session: Session, plan: Plan, lookups: Lookups, cause: str, effective_at: datetime
) -> int:
    """Ask anew whose the sent and the named accounts are, by a plan that has come into force.

    In the transaction that publishes, with the lock. Accounts that the plan has follow it from now
    on; the others are asked by their place; deleted ones stay nobody's. How many changed hands.
    """
    version = (plan.id, plans.version_in_force(plan))
    count = 0
    last = ""
    while True:
        query = sa.select(Account).where(Account.id > last)
        rows = list(session.scalars(query.order_by(Account.id).limit(_AT_ONCE)))
        if not rows:
            break
        last = rows[-1].id
        has = known_in(session, version, [row.id for row in rows])
        for row in rows:
            row.follows_plan = row.id in has or row.lat is None
        session.flush()
        ids = [row.id for row in rows]
        count += settle(session, plan, lookups(plan), ids, cause, effective_at=effective_at)
    names = list(session.scalars(_named()))
    if names:
        count += settle(session, plan, lookups(plan), names, cause, effective_at=effective_at)
    for entry in session.scalars(sa.select(OwnerOverride).where(OwnerOverride.begun.is_(False))):
        entry.begun = entry.valid_from <= now()
    return count


def _named() -> sa.Select[str]:
    return sa.select(OwnerOverride.account_id).where(OwnerOverride.over.is_(False)).distinct()


def stored_lookups(session: Session) -> Lookups:
    """Look-ups made from the files kept; what has them at hand already need not ask for this."""
    made: dict[tuple[str, int], Lookup] = {}

    def lookup(plan: Plan) -> Lookup:
        key = plan.id, plans.version_in_force(plan)
        if key not in made:
            made[key] = make_lookup(read_bundle(plans.files(session, *key)))
        return made[key]

    return lookup
