"""What a planner sets beside the map: the rule for outside, and owners by name."""

from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.orm import Session

from app.api.caller import C
from app.api.context import S, Services
from app.api.problems import responses
from app.api.routing_schemas import (
    OverrideIn,
    OverrideOut,
    OverridePage,
    OverrideRows,
    Routing,
    RoutingIn,
    RulesVersion,
)
from app.errors import InvalidRequestError, PreconditionFailedError, PreconditionRequiredError
from app.store import ownership, routing_rules
from app.store.reroute import published, settle, settle_due
from app.store.tables import Account, OwnerOverride, RoutingRules, now
from geo.errors import NotFoundError
from sales.accounts.identity import canonical_id
from sales.owners import Outside, Override

router = APIRouter(prefix="/v1", tags=["routing"])
_SHOWN = 20
Tag = Annotated[str | None, Header()]
_LARGEST = 2**31 - 1


@router.get("/routing", responses=responses())
def rules(services: S, response: Response) -> Routing:
    """Who has what lies outside the market; its `ETag` is needed to change it."""
    with services.database.read() as session:
        return _rules(session, response)


@router.put("/routing", responses=responses(PreconditionFailedError, PreconditionRequiredError))
def change_rules(
    services: S, caller: C, asked: RoutingIn, response: Response, if_match: Tag = None
) -> Routing:
    """Put other rules in force, at once; accounts that were sent are routed anew."""
    if if_match is None:
        raise PreconditionRequiredError(
            "changing the rules needs an If-Match header",
            hint="Send the ETag that GET /v1/routing answers.",
        )
    wanted = Outside(asked.outside, asked.nearest_km, asked.queue.strip())
    with services.database.write() as session, ownership.changing(session):
        version, former = routing_rules.current(session)
        tags = {tag.strip().strip('"') for tag in if_match.split(",")}
        if not tags & {"*", str(version)}:
            raise PreconditionFailedError(
                f'the rules are now "{version}", not {if_match}',
                hint="Get /v1/routing again, look at what changed, and send its ETag.",
                etag=f'"{version}"',
            )
        if wanted != former:
            settle_due(session, services.lookup)
            routing_rules.change(session, wanted, caller.name)
            session.flush()
            _settle_sent(services, session)
        return _rules(session, response)


def _settle_sent(services: Services, session: Session) -> None:
    plan = published(session)
    if plan is not None:
        sent = sa.select(Account.id).where(Account.deleted_at.is_(None)).order_by(Account.id)
        settle(session, plan, services.lookup(plan), list(session.scalars(sent)), "rules")


def _rules(session: Session, response: Response) -> Routing:
    version, held = routing_rules.current(session)
    past = [
        RulesVersion.model_validate(row, from_attributes=True)
        for row in routing_rules.history(session, limit=_SHOWN)
    ]
    response.headers["ETag"] = f'"{version}"'
    made: RoutingRules | None = session.get(RoutingRules, version)
    return Routing(
        version=version,
        outside=held.rule,
        nearest_km=held.nearest_km,
        queue=held.queue,
        created_at=made.created_at if made else None,
        created_by=made.created_by if made else "",
        history=past,
    )


@router.get("/overrides", responses=responses())
def overrides(
    services: S,
    *,
    account: Annotated[str | None, Query(max_length=200, description="only this one's")] = None,
    past: Annotated[bool, Query(description="also those that are over")] = False,
    after: Annotated[int, Query(ge=0, le=_LARGEST, description="id to continue behind")] = 0,
    limit: Annotated[int, Query(ge=1, description="rows on the page, up to the setting")] = 1000,
) -> OverridePage:
    """Named accounts and overrides that are in force or to come."""
    limit = min(limit, services.settings.max_page_size)
    named = canonical_id(account) if account is not None else None
    with services.database.read() as session:
        rows = routing_rules.listing(
            session, after=after, limit=limit + 1, account=named, past=past
        )
    following = None
    if len(rows) > limit:
        query: dict[str, str | int] = {"after": rows[limit - 1].id, "limit": limit}
        query |= {"account": account} if account is not None else {}
        query |= {"past": "true"} if past else {}
        following = f"/v1/overrides?{urlencode(query)}"
    return OverridePage(overrides=[_shown(row) for row in rows[:limit]], next=following)


@router.put("/overrides", responses=responses(InvalidRequestError))
def replace_overrides(services: S, caller: C, asked: OverrideRows) -> OverridePage:
    """Set all overrides at once: those that are not among them end. Repeating changes nothing."""
    wanted = {canonical_id(row.account): row for row in asked.overrides}
    if len(wanted) != len(asked.overrides):
        raise InvalidRequestError(
            "an account is named twice", hint="One entry for each account; 15- and 18-character "
            "Salesforce ids name the same one.",
        )  # fmt: skip
    with services.database.write() as session, ownership.changing(session):
        settle_due(session, services.lookup)
        for account in routing_rules.named(session) - set(wanted):
            routing_rules.end_override(session, account, caller.name)
        made = [
            routing_rules.override(session, account, _entry(row), caller.name)
            for account, row in wanted.items()
        ]
        _settle_named(services, session)
    return OverridePage(overrides=[_shown(row) for row in made], next=None)


@router.put("/overrides/{external_id:path}", responses=responses(InvalidRequestError))
def set_override(services: S, caller: C, external_id: str, asked: OverrideIn) -> OverrideOut:
    """Give an account an owner whatever the geography, in place of what was set before.

    The account need not be known yet. Repeating it changes nothing.
    """
    if not 0 < len(external_id) <= 200 or "\0" in external_id:
        raise InvalidRequestError("the account's id is unusable", hint="1 to 200 characters.")
    with services.database.write() as session, ownership.changing(session):
        settle_due(session, services.lookup)
        made = routing_rules.override(
            session, canonical_id(external_id), _entry(asked), caller.name
        )
        _settle_named(services, session)
    return _shown(made)


@router.delete("/overrides/{external_id:path}", status_code=204, responses=responses(NotFoundError))
def end_override(services: S, caller: C, external_id: str) -> None:
    """End it now: the account goes back to whom the map says."""
    account = canonical_id(external_id)
    with services.database.write() as session, ownership.changing(session):
        settle_due(session, services.lookup)
        if not routing_rules.end_override(session, account, caller.name):
            raise NotFoundError(
                f"there is no override of {external_id!r}",
                hint="GET /v1/overrides lists those that there are.",
            )
        _settle_named(services, session)


def _settle_named(services: Services, session: Session) -> None:
    session.flush()
    settle_due(session, services.lookup)


def _entry(asked: OverrideIn) -> Override:
    if asked.valid_to is not None and asked.valid_to <= now():
        raise InvalidRequestError(
            "valid_to is in the past", hint="An override cannot change what has been."
        )
    return Override(
        asked.kind, asked.territory, asked.rep, asked.reason, asked.valid_from, asked.valid_to
    )


def _shown(row: OwnerOverride) -> OverrideOut:
    return OverrideOut(
        id=row.id,
        account=row.account_id,
        kind="named" if row.kind == "named" else "override",
        territory=row.territory,
        rep=row.rep,
        reason=row.reason,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        created_at=row.created_at,
        created_by=row.created_by,
    )
