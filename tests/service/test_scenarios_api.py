"""What-ifs over HTTP: draft plans that can be published, and the comparison beside them."""

from typing import Any

from app.jobs.worker import run_next
from app.store import plans
from sales.planfiles import read_bundle
from sales.verify import verify
from tests.service.client import Client, problem
from tests.service.real_plan import keep_real_plan

LEAVES = {"name": "T01 leaves", "leaves": ["T01"], "respond": "nearest"}
PRODUCT = {
    "name": "product", "effort": "quick", "max_disruption": "5 accounts",
    "potential": {"times": {"potential": [{"from": 50, "times": 2}]}},
}  # fmt: skip
BOOKINGS = "account id,amount\n" + "\n".join(f"A{i},10" for i in range(50))


def ask(client: Client, plan: str, *scenarios: dict[str, Any], **more: Any) -> Any:
    body = {"scenarios": list(scenarios), **more}
    answer = client.post(f"/v1/plans/{plan}/scenarios", json=body)
    assert answer.status_code == 202, answer.text
    assert run_next(client.services.database, client.services.settings, "w")
    job = client.get(answer.headers["location"]).json()
    assert job["state"] == "done", job
    assert job["result"] == f"/v1/plans/{plan}/scenarios"
    return answer.json()


def test_scenarios_become_drafts_that_can_be_published_and_are_compared(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    merger = {"name": "twice", "merge": {"plan": keep_real_plan(client.services.database, 1)}}
    started = ask(client, plan, LEAVES, PRODUCT, revenue={"bookings": BOOKINGS})
    found = client.get(f"/v1/plans/{plan}/scenarios").json()
    (made,) = found["comparisons"]
    assert made["plans"] == started["plans"]
    today, leaves, product = made["comparison"]["scenarios"]
    assert today["moved"]["accounts"] == 0
    assert leaves["leave"] == ["T01"]
    assert leaves["revenue_at_risk"]["sales_moved"] > 0
    assert product["budget"]["limit"] == 5
    for entry in started["plans"]:
        with client.services.database.read() as session:
            files = plans.files(session, entry["plan"], 1)
        assert [f.claim for f in verify(read_bundle(files)) if not f.true] == []
        assert client.get(f"/v1/plans/{entry['plan']}").json()["state"] == "draft"
    first, second = (entry["plan"] for entry in started["plans"])
    # A draft can be edited: its accounts are known, also where their potential is new.
    rows = client.get(f"/v1/plans/{second}/assignments").json()["assignments"]
    to = "T01" if rows[0]["territory_id"] != "T01" else "T02"
    moves = {"moves": [{"account": rows[0]["account_id"], "territory": to}], "reason": "known"}
    moved = client.post(f"/v1/plans/{second}/moves", json=moves, headers={"if-match": "*"})
    assert moved.status_code in (200, 201), moved.text
    published = client.post(
        f"/v1/plans/{first}/publish", json={"reason": "Ann left"}, headers={"if-match": "*"}
    )
    assert published.status_code == 200, published.text
    refused = client.post(f"/v1/plans/{plan}/scenarios", json={"scenarios": [merger]})
    assert refused.status_code == 202
    assert run_next(client.services.database, client.services.settings, "w")
    job = client.get(refused.headers["location"]).json()
    assert "in this team too" in job["error"]["detail"]


def test_what_is_wrong_with_a_scenario_is_said_at_once(client: Client) -> None:
    plan = keep_real_plan(client.services.database)

    def refused(status: int, scenario: dict[str, Any], **more: Any) -> str:
        body = {"scenarios": [{"name": "x"} | scenario], **more}
        found = problem(client.post(f"/v1/plans/{plan}/scenarios", json=body), status)
        return str(found["detail"]) + str(found.get("errors"))

    assert "much" in refused(422, {"max_disruption": "much"})
    assert "times" in refused(422, {"potential": {"times": {"potential": [{"from": 1}]}}})
    assert "colour" in refused(422, {"colour": "red"})
    assert "lost" in refused(422, {}, revenue={"lost": [0.2, 0.1]})
    assert "pl_none" in refused(404, {"merge": {"plan": "pl_none"}})
    assert problem(client.get("/v1/plans/pl_none/scenarios"), 404)
