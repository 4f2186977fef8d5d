import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pytest

from app.jobs.worker import run_next
from app.store import jobs
from tests.service.client import Client, problem
from tests.service.made_up import (
    ACCOUNTS,
    QUICK,
    keep_dataset,
    keep_job,
    keep_plan,
    plan_files,
)


def test_a_plan_is_asked_for_made_and_shown(client: Client) -> None:
    dataset = keep_dataset(client.services.database)
    asked = client.post("/v1/plans", json={"dataset": dataset, "territories": 2})
    assert asked.status_code == 202
    started = asked.json()
    assert asked.headers["location"] == f"/v1/jobs/{started['job']}"
    address = f"/v1/plans/{started['plan']}"
    assert problem(client.get(address), 404)["code"] == "plan_not_ready"

    run_next(client.services.database, client.services.settings, "w", QUICK)
    job = client.get(asked.headers["location"]).json()
    assert (job["state"], job["plan"]) == ("done", started["plan"])
    plan = client.get(address)
    assert plan.headers["etag"]
    document = plan.json()
    assert document["format"] == "bailiwick-plan/1"
    assert (document["version"], document["state"]) == (1, "draft")
    assert document["territories"] == json.loads(plan_files()["plan.json"])["territories"]
    again = client.get(address, headers={"If-None-Match": plan.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"territories": 2, "reps": [{"name": "Ann"}]},
        {"territories": 0},
        {"territories": 2, "balance": ["potential:none"]},
        {"territories": 2, "balance": ["potential:-0.1"]},
        {"territories": 2, "teritories": 3},
        {"territories": 2, "resolution": 16},
        {"territories": 2, "name": "a\0b"},
        {"reps": []},
        {"reps": [{"name": "Ann", "capacity": -1}]},
        {"reps": [{"name": "Ann", "lat": 91, "lng": 0}]},
        {"reps": [{"name": "Ann", "lat": 50}]},
    ],
)
def test_an_impossible_wish_is_refused_in_words(client: Client, wish: dict[str, object]) -> None:
    dataset = keep_dataset(client.services.database)
    body = problem(client.post("/v1/plans", json={"dataset": dataset} | wish), 422)
    assert body["code"] == "invalid_request"
    with client.services.database.read() as session:
        assert jobs.unfinished(session, "design") == []


def test_reps_named_twice_are_refused(client: Client) -> None:
    dataset = keep_dataset(client.services.database)
    wish = {"dataset": dataset, "reps": [{"name": "Ann"}, {"name": "Ann"}]}
    assert problem(client.post("/v1/plans", json=wish), 422)["code"] == "unusable_option"


def test_a_plan_of_an_unknown_dataset_is_refused(client: Client) -> None:
    wish = {"dataset": "ds_no", "territories": 2}
    assert problem(client.post("/v1/plans", json=wish), 404)["code"] == "not_found"


def test_plans_are_listed_newest_first_page_by_page(client: Client) -> None:
    made = [keep_plan(client.services.database, name=str(i)) for i in range(5)]
    seen: list[str] = []
    url: str | None = "/v1/plans?limit=2"
    while url:
        page = client.get(url).json()
        assert len(page["plans"]) <= 2
        seen += [plan["id"] for plan in page["plans"]]
        url = page["next"]
    assert seen == made[::-1]


def test_territories_are_geojson(client: Client, tmp_path: Path) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.get(f"/v1/plans/{plan_id}/territories")
    assert answer.headers["content-type"] == "application/geo+json"
    path = tmp_path / "t.geojson"
    path.write_bytes(answer.content)
    assert list(gpd.read_file(path)["name"]) == ["Territory T01", "Territory T02"]
    one = client.get(f"/v1/plans/{plan_id}/territories/T02")
    assert one.headers["content-type"] == "application/geo+json"
    assert one.json() == answer.json()["features"][1]
    problem(client.get(f"/v1/plans/{plan_id}/territories/T03"), 404)


def test_assignments_come_in_pages_that_miss_no_account(client: Client) -> None:
    plan_id = keep_plan(client.services.database, accounts=25)
    seen: list[str] = []
    url: str | None = f"/v1/plans/{plan_id}/assignments?limit=10"
    while url:
        page = client.get(url).json()
        seen += [row["account_id"] for row in page["assignments"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 25
    assert seen[: len(ACCOUNTS)] == list(ACCOUNTS)


def test_assignments_of_one_territory_keep_the_filter_on_the_next_page(client: Client) -> None:
    plan_id = keep_plan(client.services.database, accounts=25)
    first = client.get(f"/v1/plans/{plan_id}/assignments?limit=5&territory=T02").json()
    second = client.get(first["next"]).json()
    rows = first["assignments"] + second["assignments"]
    assert len({row["account_id"] for row in rows}) == 10
    assert {row["rep"] for row in rows} == {"Bo"}


@pytest.mark.parametrize("accept", ["text/csv", "text/csv, */*;q=0.5"])
def test_assignments_as_csv_are_the_file_of_the_plan(client: Client, accept: str) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.get(f"/v1/plans/{plan_id}/assignments", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content == plan_files()["assignments.csv"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["account_id"] for row in rows] == list(ACCOUNTS)


def test_publishing_needs_the_present_entity_tag(client: Client) -> None:
    old, new = (keep_plan(client.services.database, name=n) for n in ("old", "new"))
    address = f"/v1/plans/{old}/publish"
    assert problem(client.post(address), 428)["code"] == "precondition_required"
    stale = client.post(address, headers={"If-Match": '"7-draft"'})
    assert problem(stale, 412)["code"] == "precondition_failed"

    tag = client.get(f"/v1/plans/{old}").headers["etag"]
    published = client.post(address, headers={"If-Match": tag})
    assert published.json()["state"] == "published"
    assert published.headers["etag"] == client.get(f"/v1/plans/{old}").headers["etag"] != tag

    tag = client.get(f"/v1/plans/{new}").headers["etag"]
    assert client.post(f"/v1/plans/{new}/publish", headers={"If-Match": tag}).status_code == 200
    states = {plan["name"]: plan["state"] for plan in client.get("/v1/plans").json()["plans"]}
    assert states == {"old": "archived", "new": "published"}


def test_a_version_number_does_for_an_entity_tag(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.post(f"/v1/plans/{plan_id}/publish", headers={"If-Match": "1"})
    assert answer.json()["state"] == "published"


def test_events_tell_the_end_of_a_job(client: Client) -> None:
    job_id, plan_id = keep_job(client.services.database)
    run_next(client.services.database, client.services.settings, "w", QUICK)
    answer = client.get(f"/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.text.splitlines()
    assert "event: done" in lines
    data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: "))["plan"] == plan_id


def test_a_job_can_be_stopped_and_stays_stopped(client: Client) -> None:
    job_id, _ = keep_job(client.services.database)
    for _ in range(2):
        answer = client.ask("DELETE", f"/v1/jobs/{job_id}")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


@pytest.mark.parametrize("path", ["/v1/jobs/jb_no", "/v1/jobs/jb_no/events"])
def test_an_unknown_job_is_not_found(client: Client, path: str) -> None:
    problem(client.get(path), 404)


def test_the_map_runs_under_a_policy_of_its_own_nonce(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    pages = [client.get(f"/v1/plans/{plan_id}/map") for _ in range(2)]
    nonces = set()
    for page in pages:
        policy = page.headers["content-security-policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert f'nonce="{nonce}"' in page.text
        assert "unsafe-eval" not in policy
        assert "http" not in policy
        nonces.add(nonce)
    assert len(nonces) == 2


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "kml", "shp", "geoparquet", "csv", "xlsx"])
def test_every_export_format_is_served(client: Client, kind: str) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.get(f"/v1/plans/{plan_id}/export", params={"format": kind})
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 100
    assert f'filename="{plan_id}-v1.' in answer.headers["content-disposition"]


def test_the_formats_of_the_api_are_those_of_the_library() -> None:
    from typing import get_args

    from app.api.files import Format
    from sales.export import FORMATS

    assert set(get_args(Format)) == set(FORMATS)
