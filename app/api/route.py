"""Whose is this point? Answered from memory, 10,000 points in one call."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.problems import responses
from app.api.schemas import (
    Latitude,
    Longitude,
    Point,
    RouteAnswer,
    Routed,
    RouteOne,
    RouteRequest,
)
from app.errors import InvalidRequestError
from app.store import plans
from app.store.tables import Plan
from geo.errors import ConflictError
from geo.geocode.types import Address, Geocode
from sales.route import route as answer

router = APIRouter(prefix="/v1/route", tags=["route"])


@router.post("", responses=responses(ConflictError, InvalidRequestError))
def route(services: S, caller: C, asked: RouteRequest) -> RouteAnswer:
    """Territory, rep and reason for each point, by the published plan.

    Where no plan is published, the newest finished one answers, and `notice` says so.
    """
    most = services.settings.max_route_points
    if len(asked.points) > most:
        raise InvalidRequestError(
            f"{len(asked.points)} points are more than the {most} that one call answers",
            hint="Send them in several calls, or raise BAILIWICK_MAX_ROUTE_POINTS.",
        )
    plan, notice, visible = _in_force(services, caller)
    return RouteAnswer(
        plan=plan.id,
        plan_version=plans.version_in_force(plan),
        plan_state=plan.state,  # type: ignore[arg-type]
        notice=notice,
        results=[_own(found, visible) for found in route_points(services, plan, asked.points)],
    )


@router.get("", responses=responses(ConflictError, InvalidRequestError))
def route_one(
    services: S, caller: C, lat: Annotated[Latitude, Query()], lng: Annotated[Longitude, Query()]
) -> RouteOne:
    """The same for one position."""
    plan, notice, visible = _in_force(services, caller)
    (found,) = route_points(services, plan, [Point(lat=lat, lng=lng)])
    found = _own(found, visible)
    return RouteOne.model_validate(
        found.model_dump() | {"plan_state": plan.state, "notice": notice}
    )


def _own(found: Routed, visible: frozenset[str] | None) -> Routed:
    """The answer, or for somebody else's territory that it is not in the caller's region."""
    if visible is None or found.territory is None or found.territory in visible:
        return found
    return found.model_copy(
        update={
            "territory": None, "territory_name": None, "rep": None,
            "code": "not_in_your_region", "reason": "not in your region",
        }
    )  # fmt: skip


def _in_force(services: Services, caller: Caller) -> tuple[Plan, str, frozenset[str] | None]:
    services.activate_due()
    with services.database.read() as session:
        plan = plans.in_force(session)
        visible = services.visible(session, plan, caller) if plan else None
    if plan is None:
        raise ConflictError(
            "there is no plan yet that could say whose a point is",
            hint="Make one with POST /v1/plans and publish it.",
        )
    if plan.state == "published":
        return plan, "", visible
    notice = "No plan is published: this is the newest one, which is not in force."
    return plan, notice, visible


def route_points(services: Services, plan: Plan, points: list[Point]) -> list[Routed]:
    """Route points by a plan; the answers are in the order of the points."""

    def geocode(address: Address) -> Geocode | None:
        return services.geocoder.geocode(address)  # not loaded where only positions are asked

    answers = answer(services.lookup(plan), geocode, [_address(point) for point in points])
    for code, count in Counter(found.code for found in answers).items():
        services.metrics.lookups.labels(code).inc(count)
    shared = {"plan": plan.id, "plan_version": plans.version_in_force(plan)}
    return [
        Routed.model_validate(asdict(found) | shared | {"id": point.id})
        for point, found in zip(points, answers, strict=True)
    ]


def _address(point: Point) -> Address:
    return Address(
        point.street or "",
        point.city or "",
        point.state or "",
        point.postal_code or "",
        point.country or "",
        point.lat,
        point.lng,
    )
