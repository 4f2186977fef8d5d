"""A territory model in the service: one plan, with its territories, map and routing by segment."""

import tomllib

from app.jobs.kinds import kinds_with
from app.jobs.pipeline import design_plan
from app.jobs.worker import run_next
from tests.segments.made_up import MODEL, rows
from tests.service.client import Client, problem

import pandas as pd  # isort: skip


def upload(client: Client) -> str:
    content = pd.DataFrame(rows()).to_csv(index=False).encode()
    answer = client.post("/v1/datasets", files={"file": ("company.csv", content)})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def test_one_plan_with_its_territories_map_and_routing(client: Client) -> None:
    asked = client.post(
        "/v1/plans",
        json={"dataset": upload(client), "segments": tomllib.loads(MODEL), "effort": "quick"},
    )
    assert asked.status_code == 202, asked.text
    run_next(client.services.database, client.services.settings, "w", kinds_with(design_plan))
    address = f"/v1/plans/{asked.json()['plan']}"
    shown = client.get(address)
    plan = shown.json()
    assert [s["id"] for s in plan["segments"]] == ["named", "large", "health", "rest"]
    page = client.get(f"{address}/assignments?limit=1000").json()["assignments"]
    assert len(page) == 90
    by_segment = {s["id"]: s["accounts"] for s in plan["segments"]}
    assert {s: sum(a["segment"] == s for a in page) for s in by_segment} == by_segment
    features = client.get(f"{address}/territories").json()["features"]
    assert [f["id"] for f in features] == [t["id"] for t in plan["territories"]]
    assert "Health + Rest" in client.get(f"{address}/map").text
    assert client.get(f"{address}/export?format=csv").status_code == 200

    moves = {"moves": [{"account": "A001", "territory": "large-T01"}]}
    refused = client.post(
        f"{address}/moves", json=moves, headers={"If-Match": shown.headers["etag"]}
    )
    assert "segments" in problem(refused, 409)["detail"]
    published = client.post(f"{address}/publish", headers={"If-Match": shown.headers["etag"]})
    assert published.status_code == 200, published.text
    for layer in ("territories", "cells", "accounts", "reps"):
        items = client.get(f"/ogc/collections/{layer}/items?limit=5")
        assert items.status_code == 200, items.text

    here = {"lat": 48.15, "lng": 11.6}
    points = [
        here | {"id": "big", "employees": 800, "industry": "Retail"},
        here | {"id": "care", "employees": 8, "industry": "Healthcare", "Tier": "A"},
        here | {"id": "told", "segment": "large"},
        {"account": "A003"},
    ]
    results = client.post("/v1/route", json={"points": points}).json()["results"]
    assert [r["territory"].split("-")[0] for r in results] == ["large", "rest", "large", "named"]
    assert results[3]["rep"] == "Ann"
    one = client.get("/v1/route?lat=48.15&lng=11.6&employees=800").json()
    assert one["territory"] == results[0]["territory"]
    # An account that the CRM sends is routed by what it says of itself.
    sent = client.ask("PUT", "/v1/accounts/new", json=here | {"NumberOfEmployees": 700})
    assert sent.json()["territory"] == results[0]["territory"]
    assert client.get("/v1/accounts/A003").json()["rep"] == "Ann"

    wish = {"dataset": plan["dataset"], "territories": 2, "incumbent": asked.json()["plan"]}
    again = client.post("/v1/plans", json=wish)
    run_next(client.services.database, client.services.settings, "w", kinds_with(design_plan))
    job = client.get(again.headers["location"]).json()
    assert job["state"] == "failed"
    assert "segments" in job["error"]["detail"]


def test_an_unusable_model_is_said_at_once(client: Client) -> None:
    dataset = upload(client)
    for segments, said in (
        ("[[segments]]\nid = 5\n", "id"),
        ({"segments": [{"id": "x", "wheer": {}}]}, "wheer"),
        ({"segments": [{"id": "x", "file": "named.csv"}]}, "named.csv"),
        ({}, "segments"),
        ({"segments": [{"id": "x", "rest": True, "reps": ["a\0"]}]}, "NUL"),
    ):
        answer = client.post("/v1/plans", json={"dataset": dataset, "segments": segments})
        assert said in problem(answer, 422)["detail"]
    raw = f'{{"dataset": "{dataset}", "segments": {{"name": "\\ud800", "n": 1e400}}}}'
    problem(
        client.post(
            "/v1/plans", content=raw.encode(), headers={"Content-Type": "application/json"}
        ),
        422,
    )
    both = {"dataset": dataset, "segments": MODEL, "territories": 3}
    problem(client.post("/v1/plans", json=both), 422)
