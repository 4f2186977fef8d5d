"""The facts about one account of a plan, as the service knows them, for the rules of engagement.

They come from the plan, its dataset, the overrides, the log of owners, and what the CRM sent.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import compress, zip_longest
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.api.context import Services
from app.store import datasets, engagement, plans, routing_rules
from app.store.reroute import sent_accounts
from app.store.tables import OwnershipChange, Plan, Publication, now
from sales.accounts.identity import canonical_id
from sales.ownership.book import Sources, book_of
from sales.ownership.delta import Weighed
from sales.ownership.explain import Asking, explain
from sales.ownership.facts import Account, Book, Fixed, Grown, Holding
from sales.ownership.timeline import Courses
from sales.plan import PlanBundle
from sales.rules.alignment import keys_of

_OVERRIDES = 1000  # of one account that are looked at
_PARENTS = 50  # above an account that are looked at


@dataclass(frozen=True)
class Explained:
    """An explanation as JSON, and the version of the rules that it goes by (0: the usual ones)."""

    document: dict[str, Any]
    rules_version: int
    arbitrary: bool


def explained(
    services: Services, plan: Plan, number: int, visible: frozenset[str] | None, account: str, *,
    rep: str = "", territory: str = "", at: date | None = None,
) -> Explained:  # fmt: skip
    """Explain an account of a plan's version to somebody who may see `visible` territories.

    Raises NotFoundError for an account, and OptionError for a rep or territory, not there for them.
    """
    day = at or now().date()
    bundle = services.bundle(plan, version=number)
    with services.database.read() as session:
        row, rules = engagement.current(session)
        dataset = datasets.get(session, plan.dataset_id, load="accounts")
        frame = datasets.frame_of(dataset.accounts) if dataset.kind == "accounts" else None
        keys = _chain(frame, account)
        effective = _effective(session, plan, number) or day
        book = _book(session, bundle, frame, keys, effective)
    if visible is not None:
        reps = {str(t["rep"]) for t in bundle.document["territories"] if t["id"] in visible}
        book = replace(book, shown=visible, shown_reps=frozenset(reps - {""}))
    courses = Courses(book, rules)
    weighed = Weighed(*services.drafts.state(plan.id, number))
    exact = frame is not None and len(frame) == len(bundle.assignments)
    document = explain(weighed, courses, Asking(account, day, rep, territory, exact=exact))
    (key,) = keys_of([account])
    span = courses.of(key).at(day)
    document |= {"plan": plan.id, "version": number, "rules_version": row.version if row else 0}
    return Explained(document, row.version if row else 0, span.arbitrary)


def _chain(frame: pd.DataFrame | None, account: str) -> frozenset[str]:
    """The keys of an account and of the parents above it."""
    (key,) = keys_of([account])
    found = {key}
    if frame is None or "parent" not in frame:
        return frozenset(found)
    above = dict(
        zip(keys_of(frame["account_id"].tolist()), keys_of(frame["parent"].tolist()), strict=True)
    )
    while (key := above.get(key, "")) and key not in found and len(found) < _PARENTS:
        found.add(key)
    return frozenset(found)


def _book(
    session: Session, bundle: PlanBundle, frame: pd.DataFrame | None, keys: frozenset[str],
    effective: date,
) -> Book:  # fmt: skip
    table = bundle.assignments
    rows = [key in keys for key in keys_of(table["account_id"].tolist())]
    names = bundle.names
    short = replace(
        bundle, assignments=table[rows],
        names=None if names is None else tuple(compress(names, rows)),
    )  # fmt: skip
    if frame is not None:
        own = [key in keys for key in keys_of(frame["account_id"].tolist())]
        frame = frame[own]
    book = book_of(short, Sources(frame), effective)
    reps = {str(t["id"]): str(t["rep"] or "") for t in bundle.document["territories"]}
    accounts = {key: _with_record(session, account, reps) for key, account in book.accounts.items()}
    return replace(book, accounts=accounts)


def _with_record(session: Session, account: Account, reps: Mapping[str, str]) -> Account:
    """The account with its overrides, its former owners, and what the CRM sent of it."""
    record = canonical_id(account.account_id)
    entries = routing_rules.listing(session, after=0, limit=_OVERRIDES, account=record, past=True)
    fixed = tuple(
        Fixed(
            e.kind, e.rep or reps.get(e.territory, ""), e.territory, e.valid_from.date(),
            e.valid_to.date() if e.valid_to else None, e.reason,
        )
        for e in reversed(entries)
    )  # fmt: skip
    query = sa.select(OwnershipChange).where(OwnershipChange.account_id == record)
    order = (OwnershipChange.effective_at, OwnershipChange.seq)
    changes = list(session.scalars(query.order_by(*order)))
    account = replace(account, fixed=fixed, holdings=tuple(_holdings(changes)))
    row = sent_accounts(session, [record]).get(record)
    if row is not None and row.deleted_at is None:
        account = _sent(account, row.sent, row.updated_at.date())
    return account


def _holdings(changes: list[OwnershipChange]) -> Iterable[Holding]:
    """Who had it, by the log, each until the next."""
    ends = [change.effective_at.date() for change in changes[1:]]
    for change, until in zip_longest(changes, ends):
        start = change.effective_at.date()
        if (change.rep or change.territory) and start != until:
            yield Holding(change.rep, change.territory, 0, start, until)


def _sent(account: Account, sent: Mapping[str, Any], day: date) -> Account:
    """What was sent beside the address: `pipeline`, `arr`, `revenue`, `employees`, `renewal`."""

    def number(name: str) -> float | None:
        value = sent.get(name)
        ok = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        return float(value) if ok and value is not None else None

    renewal = None
    with suppress(ValueError):  # any attribute may be sent, and this one may be no day
        renewal = date.fromisoformat(str(sent.get("renewal", "")))
    size = Grown(day, number("arr"), number("revenue"), number("employees"), renewal)
    pipeline = number("pipeline")
    return replace(
        account,
        pipeline=account.pipeline if pipeline is None else pipeline,
        sizes=(*account.sizes, size),
    )


def _effective(session: Session, plan: Plan, number: int) -> date | None:
    """Since when the version is in force, or was last; None where it never was."""
    if plans.version_in_force(plan) != number or plan.state == "draft":
        return None
    query = sa.select(Publication.effective_at).where(
        Publication.plan_id == plan.id, Publication.state == "done"
    )
    found = session.scalars(query.order_by(Publication.id.desc())).first()
    return found.date() if found else None
