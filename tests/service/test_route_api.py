import time

import pytest

from app.main import create_app
from app.settings import Settings
from app.store import publications
from tests.service.client import Client, problem, running
from tests.service.made_up import EAST, OUTSIDE, WEST, keep_plan


def points(*where: tuple[float, float]) -> list[dict[str, object]]:
    return [{"id": i, "lat": lat, "lng": lng} for i, (lat, lng) in enumerate(where)]


def test_without_any_plan_routing_says_so(client: Client) -> None:
    assert problem(client.get("/v1/route?lat=50&lng=10"), 409)["code"] == "conflict"


def test_positions_are_routed_in_the_order_asked(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.post("/v1/route", json={"points": points(EAST, OUTSIDE, WEST)}).json()
    east, outside, west = answer["results"]
    assert (east["territory"], east["rep"], east["code"]) == ("T02", "Bo", "in_territory")
    assert (west["territory"], west["rep"]) == ("T01", "Ann")
    assert (outside["territory"], outside["rep"]) == (None, None)
    assert outside["code"] == "outside_market"
    assert {r["plan_version"] for r in answer["results"]} == {1}
    assert {r["plan"] for r in answer["results"]} == {answer["plan"]} == {plan_id}
    assert [r["id"] for r in answer["results"]] == [0, 1, 2]
    assert {r["precision"] for r in answer["results"]} == {"given"}


def test_the_published_plan_answers_and_otherwise_a_notice_is_given(client: Client) -> None:
    published = keep_plan(client.services.database, name="published")
    newest = keep_plan(client.services.database, name="newest")
    before = client.get("/v1/route?lat=50&lng=10.1").json()
    assert before["plan"] == newest
    assert "No plan is published" in before["notice"]
    with client.services.database.write() as session:
        publications.publish(session, published, "*", actor="test")
    after = client.get("/v1/route?lat=50&lng=10.1").json()
    assert (after["plan"], after["plan_state"], after["notice"]) == (published, "published", "")
    assert after["territory"] == "T02"


def test_addresses_are_routed_by_the_geocoder(client: Client) -> None:
    keep_plan(client.services.database)
    asked = [
        {"id": "ny", "city": "New York", "state": "NY", "postal_code": "10115", "country": "US"},
        {"id": "state", "state": "NY", "country": "US"},
        {"id": "nowhere", "city": "Qqqqzzzz", "country": "US"},
        {"id": "empty", "industry": "bakery"},
        {"id": "bad", "lat": 91, "lng": 0},
        {"id": "half", "lat": 50},
    ]
    results = client.post("/v1/route", json={"points": asked}).json()["results"]
    codes = {r["id"]: r["code"] for r in results}
    assert codes["ny"] == "outside_market"
    assert codes["state"] == "imprecise"
    assert codes["nowhere"] in ("address_unknown", "imprecise")
    assert codes["empty"] == "nothing_given"
    assert codes["bad"] == codes["half"] == "bad_position"
    assert results[0]["precision"] == "postcode"
    assert all(r["territory"] is None and r["reason"] for r in results)


def test_ten_thousand_points_are_one_call_and_quick(client: Client) -> None:
    keep_plan(client.services.database)
    many = points(*[WEST, EAST] * 5000)
    client.post("/v1/route", json={"points": many[:1]})
    began = time.perf_counter()
    answer = client.post("/v1/route", json={"points": many})
    took = time.perf_counter() - began
    results = answer.json()["results"]
    assert [r["territory"] for r in results] == ["T01", "T02"] * 5000
    assert took < 10


def test_too_many_points_are_refused(settings: Settings) -> None:
    few = settings.model_copy(update={"max_route_points": 2})
    with running(create_app(few)) as client:
        keep_plan(client.services.database)
        asked = client.post("/v1/route", json={"points": points(EAST, EAST, EAST)})
        assert "BAILIWICK_MAX_ROUTE_POINTS" in problem(asked, 422)["hint"]


@pytest.mark.parametrize("query", ["lat=91&lng=0", "lat=nan&lng=0", "lat=1", "lat=x&lng=1"])
def test_an_impossible_position_is_refused(client: Client, query: str) -> None:
    problem(client.get(f"/v1/route?{query}"), 422)
