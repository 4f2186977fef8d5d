"""Whose is this point or account? Answered from memory, 10,000 in one call, by one plan version."""

from collections import Counter
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from app.api.bodies import body_of, invalid, json_bytes, json_response
from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.in_force import Force
from app.api.problems import responses
from app.api.route_schemas import Point, RouteAnswer, RouteOne, RouteRequest
from app.api.schemas import Latitude, Longitude
from app.errors import InvalidRequestError
from app.store import plans
from app.store.reroute import known_in, question, sent_accounts
from geo.errors import ConflictError
from geo.geocode.types import Address, Geocode
from sales.accounts.identity import canonical_id
from sales.route import Question, ask
from sales.routing_rules import Answer

router = APIRouter(prefix="/v1/route", tags=["route"])
_REQUEST = TypeAdapter(RouteRequest)
_PLACE = ("lat", "lng", "street", "city", "state", "postal_code", "country")


@router.post(
    "",
    response_model=None,
    responses=responses(ConflictError, InvalidRequestError)
    | {200: {"model": RouteAnswer, "description": "One result per point, in their order."}},
    openapi_extra=body_of(RouteRequest),
)
async def route(services: S, caller: C, request: Request) -> Response:
    """Territory, rep and reason for each point or account, by the published plan.

    Where no plan is published, the newest finished one answers, and `notice` says so. All points
    of a call are answered by the same version of the plan.
    """
    return await run_in_threadpool(_route, services, caller, await json_bytes(request))


def _route(services: Services, caller: Caller, body: bytes) -> Response:
    try:
        points = _REQUEST.validate_json(body)["points"]
    except ValidationError as error:
        raise invalid(error) from error
    most = services.settings.max_route_points
    if len(points) > most:
        raise InvalidRequestError(
            f"{len(points)} points are more than the {most} that one call answers",
            hint="Send them in several calls, or raise BAILIWICK_MAX_ROUTE_POINTS.",
        )
    force = services.in_force.get()
    visible = _visible(services, force, caller)
    answers = [_own(found, visible) for found in answer(services, force, points)]
    return json_response(
        {
            "plan": force.plan_id,
            "plan_version": force.version,
            "plan_state": force.state,
            "rules_version": force.rules_version,
            "notice": force.notice,
            "results": [
                _result(force, point.get("id"), found)
                for point, found in zip(points, answers, strict=True)
            ],
        }
    )


@router.get(
    "",
    response_model=None,
    responses=responses(ConflictError, InvalidRequestError)
    | {200: {"model": RouteOne, "description": "Whose it is."}},
)
async def route_one(
    services: S,
    caller: C,
    request: Request,
    *,
    lat: Annotated[Latitude | None, Query()] = None,
    lng: Annotated[Longitude | None, Query()] = None,
    account: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    street: str = "",
    city: str = "",
    state: str = "",
    postal_code: str = "",
    country: str = "",
    segment: str = "",
) -> Response:
    """The same for one: a position, an address, or an account that is known.

    Further parameters are attributes of it, such as `industry`, that decide its segment.
    """
    if (lat is None) != (lng is None):
        field = "lat" if lat is None else "lng"
        problem = {"loc": ("query", field), "msg": "a position needs both", "type": "missing"}
        raise RequestValidationError([problem])
    address = {
        "street": street, "city": city, "state": state, "postal_code": postal_code,
        "country": country,
    }  # fmt: skip
    if lat is None and account is None and not any(address.values()):
        problem = {
            "loc": ("query", "lat"),
            "msg": "give lat and lng, an address, or an account",
            "type": "missing",
        }
        raise RequestValidationError([problem])
    point: Point = {**request.query_params, "lat": lat, "lng": lng, "segment": segment, **address}  # type: ignore[typeddict-item]
    point.pop("id", None)
    if account is not None:
        point["account"] = account
    force = services.in_force.glance() if lat is not None and caller.role != "manager" else None
    if force is not None:  # a position asks neither the database nor the geocoder
        return _one(services, caller, force, point)
    return await run_in_threadpool(lambda: _one(services, caller, services.in_force.get(), point))


def _one(services: Services, caller: Caller, force: Force, point: Point) -> Response:
    (found,) = answer(services, force, [point])
    found = _own(found, _visible(services, force, caller))
    about = {"plan_state": force.state, "notice": force.notice}
    return json_response(_result(force, point.get("account"), found) | about)


def _visible(services: Services, force: Force, caller: Caller) -> frozenset[str] | None:
    """The territories that a manager may see; None for whoever sees all."""
    if caller.role != "manager":
        return None
    with services.database.read() as session:
        return services.visible(session, plans.get(session, force.plan_id), caller)


def _own(found: Answer, visible: frozenset[str] | None) -> Answer:
    """The answer, or for somebody else's territory or queue that it is not in their region."""
    if visible is None or found.territory in visible:
        return found
    if found.territory is None and found.rep is None:
        return replace(found, trace=())
    return replace(
        found, territory=None, territory_name=None, rep=None,
        code="not_in_your_region", reason="not in your region", trace=(),
        cell=None, lat=None, lng=None,
    )  # fmt: skip


def answer(services: Services, force: Force, points: list[Point]) -> list[Answer]:
    """Answer points by one state; the database is asked about accounts without a place only."""

    def geocode(address: Address) -> Geocode | None:
        return services.geocoder.geocode(address)  # not loaded where only positions are asked

    questions = [_question(point) for point in points]
    unplaced = [q.account for q in questions if q.place is None and q.account]
    if unplaced:
        version = (force.plan_id, force.version)
        with services.database.read() as session:
            sent = sent_accounts(session, unplaced)
            known = known_in(session, version, unplaced)
        for at, q in enumerate(questions):
            if q.place is None and q.account:
                row = sent.get(q.account)
                follows = row is None or row.follows_plan
                says = known.get(q.account) if follows else None
                if row is not None or says is not None:
                    questions[at] = question(q.account, row, says)
    answers = ask(force.world(), geocode, questions)
    for code, count in Counter(found.code for found in answers).items():
        services.metrics.lookups.labels(code).inc(count)
    return answers


def _question(point: Point) -> Question:
    """A point with a place is asked by it; one with an id alone is an account."""
    placed = any(point.get(field) not in (None, "") for field in _PLACE)
    # An id beside a place is the caller's own, unless somebody named an account like it.
    name = point["account"] if "account" in point else point.get("id")
    if name is not None and not isinstance(name, str):
        name = None if placed else str(name)
    account, segment = canonical_id(name) if name else "", point.get("segment") or ""
    if account and not placed:
        nowhere = None if "account" in point else _nothing(account)
        return Question(None, account, segment, nowhere=nowhere, facts=point)
    place = Address(
        point.get("street") or "",
        point.get("city") or "",
        point.get("state") or "",
        point.get("postal_code") or "",
        point.get("country") or "",
        point.get("lat"),
        point.get("lng"),
    )
    return Question(place, account, segment, facts=point)


def _nothing(account: str) -> Answer:
    reason = f"neither a position nor an address is given, and there is no account {account}"
    return Answer("nothing_given", reason)


def _result(force: Force, given_id: Any, found: Answer) -> dict[str, Any]:
    return {
        "id": given_id,
        "territory": found.territory,
        "territory_name": found.territory_name,
        "rep": found.rep,
        "code": found.code,
        "reason": found.reason,
        "rule": found.rule,
        "trace": found.trace,
        "precision": found.precision,
        "cell": found.cell,
        "lat": found.lat,
        "lng": found.lng,
        "plan": force.plan_id,
        "plan_version": force.version,
    }
