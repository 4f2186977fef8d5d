"""Realignment and rules over HTTP: the same as on the command line, as JSON."""

import pytest

from app.jobs.pipeline import design_plan
from app.jobs.worker import run_next
from app.store import plans
from sales.planfiles import read_bundle
from sales.verify import verify
from tests.service.client import Client, problem
from tests.service.made_up import keep_dataset, keep_job


def made(client: Client, wish: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Id and plan.json of a plan that is designed in earnest."""
    rows = [f"A{i},{50 + i % 7 / 50},{9.9 + i // 7 / 50},{1 + i % 3}\n" for i in range(42)]
    content = ("id,latitude,longitude,potential\n" + "".join(rows)).encode()
    dataset = client.post("/v1/datasets", files={"file": ("a.csv", content)}).json()["id"]
    wish = {"dataset": dataset, "balance": ["potential:0.5"], "resolution": 6} | wish
    asked = client.post("/v1/plans", json=wish)
    assert asked.status_code == 202, asked.text
    run_next(client.services.database, client.services.settings, "w", design_plan)
    job = client.get(asked.headers["location"]).json()
    assert job["state"] == "done", job["error"]
    return asked.json()["plan"], client.get(f"/v1/plans/{asked.json()['plan']}").json()


def test_a_plan_is_realigned_with_rules(client: Client) -> None:
    first, before = made(client, {"territories": 2})
    assert "rules" not in before
    with client.services.database.read() as session:
        account = plans.assignments(session, first, 1, after=-1, limit=1)[0]
    second, after = made(
        client,
        {
            "incumbent": first,
            "max_disruption": 1.0,
            "locks": [{"account_id": account.account_id, "territory": account.territory_id}],
            "limits": ["potential:1:"],
            "barriers": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        },
    )
    ids = [[t["id"] for t in document["territories"]] for document in (before, after)]  # type: ignore[attr-defined]
    assert ids[0] == ids[1]
    rules, summary = after["rules"], after["summary"]
    assert isinstance(rules, dict)
    assert isinstance(summary, dict)
    assert rules["locks"][0]["account_id"] == account.account_id
    assert rules["limits"] == [{"measure": "potential", "min": 1.0, "max": None}]
    assert summary["disruption"]["limit"] == 1.0
    with client.services.database.read() as session:
        files = plans.files(session, second, 1)
    assert [finding for finding in verify(read_bundle(files)) if not finding.true] == []
    assert {"incumbent.csv", "barriers.geojson"} <= files.keys()


def test_the_least_number_over_http(client: Client) -> None:
    _, document = made(client, {"territories": "auto", "capacity": 1e9})
    rules = document["rules"]
    assert isinstance(rules, dict)
    assert rules["least_territories"] == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"territories": "auto"},
        {"territories": "many"},
        {"territories": 2, "capacity": 0},
        {"territories": 2, "max_disruption": 0.1},
        {"territories": 2, "limits": ["potential"]},
        {"territories": 2, "limits": ["potential:9:1"]},
        {"territories": 2, "limits": [{"measure": "potential"}]},
        {"territories": 2, "together": [{"account_id": "A"}]},
        {"territories": 2, "locks": [{"acount": "A"}]},
        {"territories": 2, "homes": "sweet"},
        {"territories": 2, "incumbent": "pl_x", "max_disruption": 2},
    ],
)
def test_impossible_rules_are_refused(client: Client, wish: dict[str, object]) -> None:
    dataset = keep_dataset(client.services.database)
    body = problem(client.post("/v1/plans", json={"dataset": dataset} | wish), 422)
    assert body["code"] == "invalid_request"


def test_an_incumbent_that_is_not_there_or_not_ready(client: Client) -> None:
    dataset = keep_dataset(client.services.database)
    wish = {"dataset": dataset, "incumbent": "pl_none"}
    assert problem(client.post("/v1/plans", json=wish), 404)["code"] == "not_found"
    _, plan_id = keep_job(client.services.database)
    wish["incumbent"] = plan_id
    assert problem(client.post("/v1/plans", json=wish), 404)["code"] == "plan_not_ready"
