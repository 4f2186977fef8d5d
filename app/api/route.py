"""Whose is this point? Answered from memory, 10,000 points in one call."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from app.api.context import S, Services
from app.api.lookup import Lookup
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
from geo.geocode.types import Address, Geocode, Geocoder, Precision

router = APIRouter(prefix="/v1/route", tags=["route"])


@router.post("", responses=responses(ConflictError, InvalidRequestError))
def route(services: S, asked: RouteRequest) -> RouteAnswer:
    """Territory, rep and reason for each point, by the published plan.

    Where no plan is published, the newest finished one answers, and `notice` says so.
    """
    most = services.settings.max_route_points
    if len(asked.points) > most:
        raise InvalidRequestError(
            f"{len(asked.points)} points are more than the {most} that one call answers",
            hint="Send them in several calls, or raise BAILIWICK_MAX_ROUTE_POINTS.",
        )
    plan, notice = _in_force(services)
    return RouteAnswer(
        plan=plan.id,
        plan_version=plan.version,
        plan_state=plan.state,  # type: ignore[arg-type]
        notice=notice,
        results=route_points(services, plan, asked.points),
    )


@router.get("", responses=responses(ConflictError, InvalidRequestError))
def route_one(
    services: S, lat: Annotated[Latitude, Query()], lng: Annotated[Longitude, Query()]
) -> RouteOne:
    """The same for one position."""
    plan, notice = _in_force(services)
    (found,) = route_points(services, plan, [Point(lat=lat, lng=lng)])
    return RouteOne.model_validate(
        found.model_dump() | {"plan_state": plan.state, "notice": notice}
    )


def _in_force(services: Services) -> tuple[Plan, str]:
    with services.database.read() as session:
        plan = plans.in_force(session)
    if plan is None:
        raise ConflictError(
            "there is no plan yet that could say whose a point is",
            hint="Make one with POST /v1/plans and publish it.",
        )
    if plan.state == "published":
        return plan, ""
    return plan, "No plan is published: this is the newest one, which is not in force."


def route_points(services: Services, plan: Plan, points: list[Point]) -> list[Routed]:
    """Route points by a plan; the answers are in the order of the points."""
    lookup = services.lookup(plan)
    places = [_place(services, point) for point in points]
    asked = [i for i, place in enumerate(places) if isinstance(place, Geocode)]
    known = [place for place in places if isinstance(place, Geocode)]
    found, cells = lookup.territories_at(
        np.array([place.lat for place in known], dtype=np.float64),
        np.array([place.lng for place in known], dtype=np.float64),
    )
    answers = {
        i: _located(lookup, place, int(found[k]), int(cells[k]))
        for k, (i, place) in enumerate(zip(asked, known, strict=True))
    }
    shared = {"plan": plan.id, "plan_version": plan.version}
    nothing: dict[str, object] = {
        "territory": None, "territory_name": None, "rep": None, "cell": None,
        "lat": None, "lng": None, "precision": "none",
    }  # fmt: skip
    results = []
    for i, (point, place) in enumerate(zip(points, places, strict=True)):
        if isinstance(place, tuple):
            answer = nothing | {"code": place[0], "reason": place[1]}
        else:
            answer = answers[i]
        results.append(Routed.model_validate(answer | shared | {"id": point.id}))
    return results


def _place(services: Services, point: Point) -> Geocode | tuple[str, str]:
    """Where the point is, or the code and the reason why that is not known."""
    if point.lat is not None and point.lng is not None:
        if not (-90 <= point.lat <= 90 and -180 <= point.lng <= 180):
            return (
                "bad_position",
                f"latitude {point.lat:g}, longitude {point.lng:g} is not on Earth",
            )
        return Geocode(point.lat, point.lng, Precision.GIVEN, "given", 1.0, "the position given")
    if (point.lat is None) != (point.lng is None):
        return "bad_position", "a position needs both lat and lng"
    address = Address(
        street=point.street or "",
        city=point.city or "",
        state=point.state or "",
        postal_code=point.postal_code or "",
        country=point.country or "",
    )
    if address == Address():
        return "nothing_given", "neither a position nor an address is given"
    found = _geocode(services.geocoder, address)
    return found or ("address_unknown", "the address could not be found on the map")


def _geocode(geocoder: Geocoder, address: Address) -> Geocode | None:
    found = geocoder.geocode(address)
    return found if found is not None and found.precision is not Precision.NONE else None


def _located(lookup: Lookup, place: Geocode, territory: int, cell: int) -> dict[str, object]:
    answer: dict[str, object] = {
        "territory": None, "territory_name": None, "rep": None,
        "precision": str(place.precision), "lat": place.lat, "lng": place.lng,
        "cell": format(cell, "x") if cell else None,
    }  # fmt: skip
    if not place.precision.places_account:
        return answer | {
            "code": "imprecise",
            "reason": f"only the {place.precision} is known ({place.matched}); "
            "add a city or a postal code",
        }
    if territory < 0:
        return answer | {
            "code": "outside_market",
            "reason": f"{place.matched} is outside the market of this plan",
        }
    name = lookup.names[territory]
    return answer | {
        "territory": lookup.ids[territory],
        "territory_name": name,
        "rep": lookup.reps[territory] or None,
        "code": "in_territory",
        "reason": f"{place.matched} is in {name}",
    }
