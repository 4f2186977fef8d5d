import csv
import io
import re

import pytest

from tests.service.client import Client, problem
from tests.service.keyed import bearer, new_key
from tests.service.made_up import keep_job, keep_plan


def entries(client: Client, query: str = "", **headers: str) -> list[dict[str, object]]:
    found = client.get(f"/v1/audit{query}", headers=headers)
    assert found.status_code == 200, found.text
    return list(found.json()["entries"])


def test_every_change_and_every_export_is_recorded_with_who_and_which_request(
    client: Client,
) -> None:
    plan_id = keep_plan(client.services.database)
    job_id, _ = keep_job(client.services.database)
    admin = bearer(new_key(client, "admin"))
    planner = bearer(new_key(client, "planner")) | {"X-Request-ID": "req-7"}
    done = [
        client.post("/v1/datasets", files={"file": ("a.csv", b"id,lat,lng\n1,50,10\n")},
                    headers=planner),
        client.post("/v1/plans", json={"dataset": "ds_made_up", "territories": 2},
                    headers=planner),
        client.post(f"/v1/plans/{plan_id}/publish", headers=planner | {"If-Match": "*"}),
        client.get(f"/v1/plans/{plan_id}/export?format=csv", headers=planner),
        client.get(f"/v1/plans/{plan_id}/assignments", headers=planner | {"Accept": "text/csv"}),
        client.ask("DELETE", f"/v1/jobs/{job_id}", headers=planner),
        client.ask("PUT", "/v1/regions", json={"regions": []}, headers=planner),
        client.post("/v1/keys", json={"name": "x", "role": "planner"},
                    headers=admin | {"X-Request-ID": "req-8"}),
    ]  # fmt: skip
    assert all(answer.status_code < 300 for answer in done), [a.text for a in done]
    prefix = done[-1].json()["prefix"]
    client.ask("DELETE", f"/v1/keys/{prefix}", headers=admin)
    seen = entries(client, **admin)
    actions = [str(e["action"]) for e in reversed(seen)][2:]  # without the two keys above
    assert actions == [
        "dataset.upload", "plan.start", "plan.publish", "plan.export", "plan.export", "job.stop",
        "regions.replace", "key.create", "key.revoke",
    ]  # fmt: skip
    by = {str(e["action"]): (str(e["actor"]).partition(" (")[0], e["request_id"]) for e in seen}
    assert by["plan.publish"] == ("planner key", "req-7")
    actor, request = by["key.revoke"]
    assert actor == "admin key"
    assert request  # made where the caller brought none


def test_what_is_no_request_id_is_not_recorded(client: Client) -> None:
    for bad in ("=1+1", "a b", "x" * 200):
        tree: dict[str, list[object]] = {"regions": []}
        client.ask("PUT", "/v1/regions", json=tree, headers={"X-Request-ID": bad})
    recorded = {str(e["request_id"]) for e in entries(client)}
    assert all(re.fullmatch("[0-9a-f]{24}", some) for some in recorded)


def test_entries_are_found_by_subject_actor_action_and_time(client: Client) -> None:
    client.post("/v1/keys", json={"name": "first", "role": "admin"})
    admin = bearer(new_key(client, "admin"))
    made = client.post("/v1/keys", json={"name": "other", "role": "planner"}, headers=admin).json()
    client.ask("DELETE", f"/v1/keys/{made['prefix']}", headers=admin)

    def found(query: str) -> list[str]:
        return [str(e["action"]) for e in entries(client, query, **admin)]

    assert found(f"?subject={made['prefix']}") == ["key.revoke", "key.create"]
    assert found("?actor=local") == ["key.create"]
    assert found("?action=key.revoke") == ["key.revoke"]
    assert found("?action=key.") == ["key.revoke", *["key.create"] * 3]
    assert found("?action=key") == []
    assert found("?since=2999-01-01T00:00:00Z") == []
    assert found("?until=2001-01-01T00:00:00Z") == []
    assert len(found("?since=2001-01-01T00:00:00Z&until=2999-01-01T00:00:00Z")) == 4


def test_pages_follow_one_another_without_gap(client: Client) -> None:
    admin = bearer(new_key(client, "admin"))
    for _ in range(4):
        client.ask("PUT", "/v1/regions", json={"regions": []}, headers=admin)
    seen: list[int] = []
    address: str | None = "/v1/audit?limit=2"
    while address:
        page = client.get(address, headers=admin).json()
        assert len(page["entries"]) <= 2
        seen += [e["id"] for e in page["entries"]]
        address = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


def test_the_log_can_be_had_as_csv_and_that_is_recorded(client: Client) -> None:
    name = "=cmd|' /C calc'!A0"
    made = client.post("/v1/keys", json={"name": name, "role": "admin"}).json()
    admin = bearer(made["key"])
    client.ask("PUT", "/v1/regions", json={"regions": []}, headers=admin)
    answer = client.get("/v1/audit", headers=admin | {"Accept": "text/csv"})
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["regions.replace", "key.create"]
    assert rows[0]["actor"].startswith("'=cmd")
    assert entries(client, **admin)[0]["action"] == "audit.export"


@pytest.mark.parametrize(
    "query", ["limit=0", "since=yesterday", "since=2026-01-01T00:00", "before=x"]
)
def test_a_bad_question_is_refused(client: Client, query: str) -> None:
    problem(client.get(f"/v1/audit?{query}"), 422)


def test_a_text_that_no_database_holds_is_refused_or_nobodys(client: Client) -> None:
    answer = client.get("/v1/audit?actor=%00")
    if client.services.database.is_sqlite:  # it knows such texts
        assert answer.json()["entries"] == []
    else:
        assert problem(answer, 422)["code"] == "invalid_request"
