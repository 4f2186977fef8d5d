"""Jobs of all kinds through the API, done by hand by the tests."""

import json
from collections.abc import Callable

import httpx
import pytest

from app.jobs.pulse import Stopped
from app.jobs.tidy import tidy
from app.jobs.work import Work
from app.jobs.worker import run_next
from app.main import create_app
from app.settings import Settings
from app.store import blobs, datasets, jobs
from app.store.database import Database
from app.store.regions import Branch
from app.store.tables import AuditEntry, BlobPart, Job, now
from geo.progress import Progress
from tests.service.client import Client, problem, running
from tests.service.keyed import bearer, keep_tree, new_key
from tests.service.made_up import keep_dataset, keep_plan, plan_files, quick_design
from tests.service.real_plan import keep_real_plan

import sqlalchemy as sa  # isort: skip
from app.jobs.kinds import kinds_with  # isort: skip

FILE = b"Account ID,Latitude,Longitude,Potential\n" + b"".join(
    b"%d,50.%d,10.%d,%d\n" % (i, i, i, i) for i in range(1, 9)
)
LATER = "respond-async"


def upload(client: Client, content: bytes = FILE, *, prefer: str = "") -> httpx.Response:
    return client.post(
        "/v1/datasets", files={"file": ("crm.csv", content)}, headers={"Prefer": prefer}
    )


def work(client: Client) -> bool:
    services = client.services
    return run_next(services.database, services.settings, "w", kinds_with(quick_design))


def parts(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(BlobPart)) or 0


def audited(database: Database, action: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


def test_an_import_by_a_job_gives_the_same_dataset_as_a_direct_one(client: Client) -> None:
    answer = upload(client, prefer=LATER)
    assert answer.status_code == 202
    started = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{started['job']}"
    address = f"/v1/datasets/{started['dataset']}"
    assert started["job"] in problem(client.get(address), 404)["hint"]
    assert upload(client, prefer=LATER).json() == started, "the same file is not imported twice"

    assert work(client)
    job = client.get(answer.headers["location"]).json()
    assert (job["kind"], job["state"], job["dataset"]) == ("import", "done", started["dataset"])
    assert job["plan"] is None
    later = client.get(address).json()
    assert later["accounts"] == 8
    again = upload(client, prefer=LATER)
    assert (again.status_code, again.json()) == (201, later)
    assert len(audited(client.services.database, "dataset.upload")) == 1


def test_a_file_above_the_limit_is_imported_by_a_job(settings: Settings) -> None:
    small = settings.model_copy(update={"sync_upload_mb": 0.0001})
    with running(create_app(small)) as client:
        assert upload(client).status_code == 202
        assert work(client)
        assert upload(client).status_code == 201


def test_of_an_import_that_fails_nothing_is_left(client: Client) -> None:
    database = client.services.database
    answer = upload(client, b"\x89PNG\r\n\x1a\n" + b"\0" * 64, prefer=LATER)
    assert parts(database) == 1
    assert work(client)
    job = client.get(answer.headers["location"]).json()
    assert (job["state"], job["error"]["code"]) == ("failed", "unreadable_input")
    assert parts(database) == 0
    assert client.get("/v1/datasets").json()["datasets"] == []


def test_a_stopped_import_leaves_nothing_whether_it_waits_or_runs(client: Client) -> None:
    database, settings = client.services.database, client.services.settings
    waiting = upload(client, prefer=LATER).headers["location"]
    assert client.ask("DELETE", waiting).json()["state"] == "cancelled"
    runs = upload(client, prefer=LATER).headers["location"]
    assert runs != waiting

    with database.write() as session:
        session.execute(sa.update(Job).values(stop_requested=True))
    assert run_next(database, settings, "w")
    assert client.get(runs).json()["state"] == "cancelled"
    assert parts(database) == 0


def test_an_export_by_a_job_is_the_file_of_a_direct_one(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.post(f"/v1/plans/{plan_id}/exports", json={"format": "csv"})
    assert answer.status_code == 202, answer.text
    result = answer.headers["location"] + "/result"
    assert problem(client.get(result), 404)["code"] == "result_not_ready"
    assert work(client)
    assert client.get(answer.headers["location"]).json()["result"] == result
    direct = client.get(f"/v1/plans/{plan_id}/export?format=csv")
    fetched = client.get(result)
    assert fetched.content == direct.content
    assert fetched.headers["content-type"] == direct.headers["content-type"]
    assert f"{plan_id}-v1.csv" in fetched.headers["content-disposition"]
    entries = audited(client.services.database, "plan.export")
    assert [(e.subject, e.detail["format"]) for e in entries] == [(plan_id, "csv")] * 2
    assert sum("job" in e.detail for e in entries) == 1


def test_an_export_and_a_publication_by_jobs_take_the_edits_along(client: Client) -> None:
    plan_id = keep_real_plan(client.services.database)
    path = f"/v1/plans/{plan_id}"
    rows = client.get(f"{path}/assignments").json()["assignments"]
    first = rows[0]
    to = next(
        r["territory_id"] for r in rows if r["territory_id"] not in ("", first["territory_id"])
    )
    move = {"moves": [{"account": first["account_id"], "territory": to}], "reason": "known"}
    client.post(f"{path}/moves", json=move, headers={"If-Match": "*"}).raise_for_status()
    exported = client.post(f"{path}/exports", json={"format": "csv"}).headers["location"]
    wait = client.post(
        f"{path}/publish?wait=false", json={"reason": "now"}, headers={"If-Match": "*"}
    )
    assert work(client)
    assert work(client)
    direct = client.get(f"{path}/export?format=csv&version=2")
    assert client.get(f"{exported}/result").content == direct.content
    assert client.get(wait.headers["location"]).json()["state"] == "done"
    (published,) = client.get("/v1/publications").json()["publications"]
    assert (published["version"], published["reason"]) == (2, "now")


def test_the_file_of_an_export_is_for_who_asked_and_never_for_a_manager(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    keep_tree(client.services.database, Branch("mine", "Mine"))
    database = client.services.database
    integrator, planner = (bearer(new_key(database, role)) for role in ("integrator", "planner"))
    manager = bearer(new_key(database, "manager", region="mine"))
    address, wish = f"/v1/plans/{plan_id}/exports", {"format": "csv"}
    assert client.post(address, json=wish, headers=manager).status_code == 403
    started = client.post(address, json=wish, headers=integrator)
    assert work(client)
    result = started.headers["location"] + "/result"
    asked = [client.get(result, headers=key) for key in (integrator, planner, manager)]
    assert [answer.status_code for answer in asked] == [200, 200, 403]
    with database.write() as session:
        session.execute(sa.update(Job).values(caller="another key"))
    asked = [client.get(result, headers=key) for key in (integrator, planner, manager)]
    assert [answer.status_code for answer in asked] == [403, 200, 403]


def test_results_past_their_time_are_forgotten(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    answer = client.post(f"/v1/plans/{plan_id}/exports", json={"format": "geojson"})
    work(client)
    kept = parts(client.services.database)
    tidy(client.services.database, client.services.settings)
    assert parts(client.services.database) == kept
    with client.services.database.write() as session:
        session.execute(sa.update(Job).values(finished_at=now().replace(year=2020)))
    tidy(client.services.database, client.services.settings)
    assert parts(client.services.database) == kept - 1
    body = problem(client.get(answer.headers["location"] + "/result"), 404)
    assert "no longer kept" in body["detail"]


def test_only_exports_have_a_result(client: Client) -> None:
    answer = upload(client, prefer=LATER)
    assert problem(client.get(answer.headers["location"] + "/result"), 404)["code"] == "not_found"


def test_a_publication_by_a_job_puts_the_plan_in_force(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    tag = client.get(f"/v1/plans/{plan_id}").headers["etag"]
    address = f"/v1/plans/{plan_id}/publish?wait=false"
    first = client.post(address, headers={"If-Match": tag})
    second = client.post(address, headers={"If-Match": tag})
    assert first.status_code == second.status_code == 202
    assert client.get(f"/v1/plans/{plan_id}").json()["state"] == "draft"
    assert work(client)
    assert client.get(f"/v1/plans/{plan_id}").json()["state"] == "published"
    assert work(client)
    stale = client.get(second.headers["location"]).json()
    assert (stale["state"], stale["error"]["code"]) == ("failed", "precondition_failed")


def test_a_full_queue_refuses_with_the_time_to_try_again(settings: Settings) -> None:
    narrow = settings.model_copy(update={"max_queued_jobs": 2})
    with running(create_app(narrow)) as client:
        dataset = keep_dataset(client.services.database)
        asked = {"dataset": dataset, "territories": 2}
        for _ in range(2):
            assert client.post("/v1/plans", json=asked).status_code == 202
        full = client.post("/v1/plans", json=asked)
        assert problem(full, 429)["code"] == "queue_full"
        assert int(full.headers["retry-after"]) > 0
        assert work(client)
        assert client.post("/v1/plans", json=asked).status_code == 202


def test_a_worker_takes_only_jobs_of_its_kinds(client: Client) -> None:
    database, settings = client.services.database, client.services.settings
    client.post("/v1/plans", json={"dataset": keep_dataset(database), "territories": 2})
    importing = upload(client, prefer=LATER).headers["location"]
    kinds = {kind: run for kind, run in kinds_with(quick_design).items() if kind != "design"}
    assert run_next(database, settings, "w", kinds)
    assert not run_next(database, settings, "w", kinds)
    assert client.get(importing).json()["state"] == "done"


def test_a_design_stopped_before_a_kill_stops_at_once_when_it_is_taken_up(client: Client) -> None:
    database, settings = client.services.database, client.services.settings
    asked = {"dataset": keep_dataset(database), "territories": 2}
    started = client.post("/v1/plans", json=asked).json()
    with database.write() as session:
        jobs.claim(session, "killed", lease_s=30, attempts=3)
        jobs.request_stop(session, started["job"])
        jobs.release(session, "killed", attempts=3, died=True)

    def stopped(work: Work, progress: Progress, stop: Callable[[], bool]) -> dict[str, bytes]:
        assert stop()
        return plan_files()

    run_next(database, settings, "w", kinds_with(stopped))
    job = client.get(f"/v1/jobs/{started['job']}").json()
    assert (job["state"], "best plan so far" in job["message"]) == ("done", True)
    assert client.get(f"/v1/plans/{started['plan']}").status_code == 200


def events_of(text: str) -> list[dict[str, str]]:
    blocks = [block for block in text.split("\n\n") if block.strip()]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_who_comes_back_to_the_events_is_not_told_the_same_again(client: Client) -> None:
    location = upload(client, prefer=LATER).headers["location"]
    work(client)
    (last,) = events_of(client.get(f"{location}/events").text)
    assert last["event"] == "done"
    assert json.loads(last["data"])["state"] == "done"
    assert int(last["retry"]) > 0
    seen = client.get(f"{location}/events", headers={"Last-Event-ID": last["id"]})
    assert (seen.status_code, seen.content) == (204, b"")
    (told,) = events_of(client.get(f"{location}/events", headers={"Last-Event-ID": "0"}).text)
    assert told == last


def test_a_step_of_stopped_work_ends_it(database: Database) -> None:
    from app.jobs.pulse import Pulse

    pulse = Pulse(database, "jb_x", "w", stop=True)
    with pytest.raises(Stopped):
        pulse.step("reading", 0.5)


def test_an_upload_kept_in_parts_is_read_back_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(blobs, "PART_BYTES", 3)
    with database.write() as session:
        assert blobs.put(session, "up_x", io.BytesIO(b"0123456789")) == 10
    with database.read() as session:
        assert list(blobs.parts(session, "up_x")) == [b"012", b"345", b"678", b"9"]


def test_a_dataset_kept_twice_keeps_one_upload(database: Database) -> None:
    keep_dataset(database)
    keep_dataset(database)
    with database.read() as session:
        (dataset,) = datasets.newest(session, limit=5)
        assert b"".join(blobs.parts(session, dataset.upload_id)) == b"bytes as uploaded"
    assert parts(database) == 1
