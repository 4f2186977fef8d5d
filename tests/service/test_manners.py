"""Ids, logs, figures, limits, links and kinds of content: what every endpoint has in common."""

import json
import logging
from pathlib import Path

import pytest

from app.api.rate import Buckets
from app.main import create_app
from app.observe import logs
from app.settings import Settings
from tests.service.client import Client, problem, running
from tests.service.made_up import keep_dataset, keep_plan


def test_a_request_keeps_the_id_that_it_came_with(client: Client) -> None:
    headers = {"X-Request-ID": "crm-2026.11:7"}
    assert client.get("/v1/plans", headers=headers).headers["x-request-id"] == "crm-2026.11:7"
    refused = client.get("/v1/plans/pl_no", headers=headers)
    assert problem(refused, 404)["request_id"] == "crm-2026.11:7"


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "<script>", "é"])
def test_an_id_that_is_none_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given.encode("latin-1")})
    assert answer.headers["x-request-id"] not in ("", given)


def test_even_a_stranger_and_a_defect_get_an_id(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    with running(app) as client:
        assert problem(client.get_from("8.8.8.8", "/healthz"), 403)["request_id"]
        answer = client.get("/broken", headers={"X-Request-ID": "mine"})
        assert problem(answer, 500)["request_id"] == "mine" == answer.headers["x-request-id"]


def test_the_log_is_json_with_the_id_and_nothing_personal(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.set_up("json")
    try:
        plan = keep_plan(client.services.database)
        headers = {"X-Request-ID": "one", "Authorization": "Bearer bw_secret"}
        client.get(f"/v1/plans/{plan}/territories/Bob", headers=headers)
        client.get("/v1/route?lat=50&lng=10.123456&name=Ann+Smith", headers=headers)
        logging.getLogger("x").warning("at %s", "postgresql://me:s3cret@db/name")
    finally:
        root.handlers[:], root.level = before, level
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    asked = [line for line in lines if line["logger"] == "bailiwick.request"]
    assert [line["status"] for line in asked] == [404, 200]
    assert {line["request_id"] for line in asked} == {"one"}
    assert asked[0]["path"] == f"/v1/plans/{plan}/territories/{{territory}}"
    assert asked[1]["path"] == "/v1/route"
    assert all({"time", "level", "duration_ms", "method"} <= line.keys() for line in asked)
    whole = json.dumps(lines)
    for secret in ("Bob", "Ann", "bw_secret", "s3cret", "10.123"):
        assert secret not in whole


def test_figures_tell_of_requests_jobs_plan_and_look_ups(client: Client) -> None:
    database = client.services.database
    plan = keep_plan(database)
    wish = {"dataset": "ds_made_up", "territories": 2}
    assert client.post("/v1/plans", json=wish).status_code == 202
    client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})
    client.post("/v1/route", json={"points": [{"lat": 50.0, "lng": 10.1}, {"id": "x"}]})
    client.get("/v1/plans/none")
    text = client.get("/metrics").text
    for line in (
        'bailiwick_http_requests_total{method="POST",route="/v1/route",status="200"} 1.0',
        'bailiwick_http_requests_total{method="GET",route="/v1/plans/{plan_id}",status="404"} 1.0',
        'bailiwick_http_request_duration_seconds_count{method="POST",route="/v1/route"} 1.0',
        'bailiwick_route_lookups_total{code="in_territory"} 1.0',
        'bailiwick_route_lookups_total{code="nothing_given"} 1.0',
        'bailiwick_jobs{kind="design",state="queued"} 1.0',
        f'bailiwick_plan_in_force_version{{plan="{plan}"}} 1.0',
        "bailiwick_database_up 1.0",
    ):
        assert line in text
    age = next(x for x in text.splitlines() if x.startswith("bailiwick_queue_age_seconds "))
    assert float(age.split()[1]) > 0


def test_figures_are_for_this_machine_only(settings: Settings) -> None:
    opened = settings.model_copy(update={"allow_remote": True})
    with running(create_app(opened)) as client:
        assert client.get_from("10.0.0.7", "/v1/plans").status_code == 200
        problem(client.get_from("10.0.0.7", "/metrics"), 403)


def test_pages_name_the_next_one_in_a_link_header_too(client: Client) -> None:
    database = client.services.database
    plan = keep_plan(database)
    keep_plan(database)
    keep_dataset(database, "ds_other")
    for listing in (
        "/v1/plans", "/v1/datasets", f"/v1/plans/{plan}/assignments",
        "/v1/datasets/ds_made_up/accounts",
    ):  # fmt: skip
        seen, url = 0, f"{listing}?limit=1"
        while url:
            answer = client.get(url)
            assert answer.status_code == 200, answer.text
            following = answer.json()["next"]
            assert answer.links.get("next", {}).get("url") == following
            seen, url = seen + 1, following
        assert seen in (2, 4)
    headers = client.get("/v1/plans").headers
    assert "link" not in headers


def test_a_head_is_its_get_without_a_body(client: Client) -> None:
    plan = keep_plan(client.services.database)
    for path in (f"/v1/plans/{plan}", "/v1/plans/none", "/healthz", "/"):
        get, head = client.get(path), client.ask("HEAD", path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        for name in ("content-type", "etag"):
            assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/plans", "GET, HEAD, POST"),
        ("PATCH", "/v1/jobs/x", "DELETE, GET, HEAD"),
        ("DELETE", "/v1/route", "GET, HEAD, POST"),
    ],
)
def test_another_method_is_told_all_that_there_are(
    client: Client, method: str, path: str, allowed: str
) -> None:
    answer = client.ask(method, path)
    assert problem(answer, 405)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/v1/plans", "application/xml", 406),
        ("/v1/plans", "application/json;q=0.9", 200),
        ("/v1/plans", "text/html, */*;q=0.1", 200),
        ("/v1/plans", "application/*", 200),
        ("/v1/plans/{plan}/assignments", "text/csv", 200),
        ("/v1/plans/{plan}/assignments", "image/png", 406),
        ("/v1/plans/{plan}/territories", "application/geo+json", 200),
        ("/v1/plans/{plan}/export?format=geojson", "application/geo+json", 200),
        ("/", "text/html", 200),
    ],
)
def test_what_cannot_be_had_is_not_acceptable(
    client: Client, path: str, accept: str, status: int
) -> None:
    plan = keep_plan(client.services.database)
    answer = client.get(path.format(plan=plan), headers={"Accept": accept})
    assert answer.status_code == status
    if status == 406:
        assert problem(answer, 406)["code"] == "not_acceptable"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/plans", "text/plain"),
        ("/v1/route", "application/x-www-form-urlencoded"),
        ("/v1/datasets", "application/json"),
    ],
)
def test_a_body_of_another_kind_is_unsupported(client: Client, path: str, kind: str) -> None:
    answer = client.post(path, content=b"{}", headers={"Content-Type": kind})
    assert problem(answer, 415)["code"] == "unsupported_media_type"


def test_who_asks_too_often_is_told_when_to_come_back(settings: Settings) -> None:
    limited = settings.model_copy(update={"rate_limit": 0.01, "rate_burst": 3})
    with running(create_app(limited)) as client:
        codes = [client.get("/v1/plans").status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        answer = client.get("/v1/plans")
        assert problem(answer, 429)["code"] == "too_many_requests"
        assert 1 <= int(answer.headers["retry-after"]) <= 100
        assert client.get_from("127.0.0.2", "/v1/plans").status_code == 200
        assert client.get("/readyz").status_code == 200


def test_a_bucket_fills_at_its_rate_and_no_further() -> None:
    at = 0.0
    buckets = Buckets(2.0, 3, lambda: at)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    at = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    at = 1000.0
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_pages_of_a_named_site_may_call_and_no_others(settings: Settings) -> None:
    site = "https://crm.example"
    with running(create_app(settings)) as client:
        assert (
            "access-control-allow-origin"
            not in client.get("/v1/plans", headers={"Origin": site}).headers
        )
    opened = settings.model_copy(update={"cors_origins": (site,)})
    with running(create_app(opened)) as client:
        asked = {"Origin": site, "Access-Control-Request-Method": "POST"}
        allowed = client.ask("OPTIONS", "/v1/route", headers=asked)
        assert allowed.headers["access-control-allow-origin"] == site
        call = {"Origin": site, "Sec-Fetch-Site": "cross-site"}
        answer = client.post("/v1/route", json={"points": []}, headers=call)
        assert problem(answer, 409)
        assert answer.headers["access-control-allow-origin"] == site
        problem(client.post("/v1/route", json={}, headers=call | {"Origin": "https://x.y"}), 403)


def test_ready_says_what_was_looked_at(client: Client) -> None:
    body = client.get("/readyz").json()
    assert body["status"] == "ok"
    assert {c["name"]: c["ok"] for c in body["checks"]} == {"database": True, "schema": True}


def test_without_its_worker_the_service_is_degraded(client: Client) -> None:
    class Dead:
        pids = (None, None)

    app = client._app  # the supervisor is the app's own
    app.state.supervisor = Dead()
    answer = client.get("/readyz")
    app.state.supervisor = None
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"][-1] == {
        "name": "worker", "ok": False, "detail": "is being started",
    }  # fmt: skip


def test_traces_need_their_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import OptionError

    monkeypatch.setattr("app.observe.telemetry.find_spec", lambda _name: None)
    with pytest.raises(OptionError, match="OpenTelemetry is not installed"):
        create_app(Settings(data_dir=tmp_path, database_url="", telemetry=True))


def test_links_name_the_address_that_people_type(settings: Settings) -> None:
    public = "https://maps.example.com/bailiwick"
    with running(create_app(settings.model_copy(update={"public_url": public}))) as client:
        for number in range(2):
            keep_plan(client.services.database, name=f"plan {number}")
        body = {"url": "https://93.184.215.14/hook", "events": ["plan.published"]}
        made = client.post("/v1/webhooks", json=body)
        assert made.headers["location"] == f"{public}/v1/webhooks/{made.json()['id']}"
        page = client.get("/v1/plans?limit=1")
        assert page.headers["link"] == f'<{public}{page.json()["next"]}>; rel="next"'
        links = client.get("/ogc").json()["links"]
        assert all(link["href"].startswith(f"{public}/") for link in links)
