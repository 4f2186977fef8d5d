"""A request sent twice with the same key is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.jobs.tidy import tidy
from app.settings import Settings
from app.store.database import Database
from app.store.tables import Dataset, IdempotencyKey, Job, Publication, now
from tests.service.client import Client, problem
from tests.service.made_up import keep_dataset, keep_plan

FILE = b"Account ID,Latitude,Longitude\n1,50,10\n2,51,11\n"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_plan_asked_for_twice_is_one_job_and_one_answer(client: Client) -> None:
    database = client.services.database
    asked = {"dataset": keep_dataset(database), "territories": 2}
    first = client.post("/v1/plans", json=asked, headers=KEY)
    again = client.post("/v1/plans", json=asked, headers=KEY)
    assert first.status_code == again.status_code == 202
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert count(database, Job) == 1
    assert client.post("/v1/plans", json=asked).json() != first.json()


def test_a_key_with_another_body_is_refused(client: Client) -> None:
    asked = {"dataset": keep_dataset(client.services.database), "territories": 2}
    client.post("/v1/plans", json=asked, headers=KEY)
    other = client.post("/v1/plans", json=asked | {"territories": 3}, headers=KEY)
    assert problem(other, 422)["code"] == "idempotency_key_reused"
    assert count(client.services.database, Job) == 1


def test_of_requests_at_the_same_moment_one_is_done_and_all_are_answered_alike(
    client: Client,
) -> None:
    asked = {"dataset": keep_dataset(client.services.database), "territories": 2}
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(client.post, "/v1/plans", json=asked, headers=KEY) for _ in range(8)]
    answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert count(client.services.database, Job) == 1


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_an_upload_with_a_key_is_done_once(client: Client, prefer: str) -> None:
    database = client.services.database
    headers = KEY | {"Prefer": prefer}

    def send(content: bytes) -> object:
        return client.post("/v1/datasets", files={"file": ("a.csv", content)}, headers=headers)

    first, again = send(FILE), send(FILE)
    assert first.content == again.content  # type: ignore[attr-defined]
    assert again.headers["idempotency-replayed"] == "true"  # type: ignore[attr-defined]
    assert count(database, Job) == (1 if prefer else 0)
    assert count(database, Dataset) == (0 if prefer else 1)
    other = send(FILE + b"3,52,12\n")
    assert problem(other, 422)["code"] == "idempotency_key_reused"  # type: ignore[arg-type]


def test_a_publication_with_a_key_is_done_once_though_the_tag_is_stale(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    tag = client.get(f"/v1/plans/{plan_id}").headers["etag"]
    address, headers = f"/v1/plans/{plan_id}/publish", KEY | {"If-Match": tag}
    first = client.post(address, headers=headers)
    again = client.post(address, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["etag"] == first.headers["etag"]
    assert count(client.services.database, Publication) == 1


def test_what_was_refused_may_be_sent_again_with_its_key(client: Client) -> None:
    asked = {"dataset": "ds_made_up", "territories": 2}
    assert client.post("/v1/plans", json=asked, headers=KEY).status_code == 404
    assert count(client.services.database, IdempotencyKey) == 0
    keep_dataset(client.services.database)
    assert client.post("/v1/plans", json=asked, headers=KEY).status_code == 202


def test_keys_of_two_addresses_do_not_meet(client: Client) -> None:
    database = client.services.database
    for plan_id in (keep_plan(database), keep_plan(database)):
        answer = client.post(f"/v1/plans/{plan_id}/exports", json={"format": "csv"}, headers=KEY)
        assert answer.json()["plan"] == plan_id


def test_a_key_past_its_time_is_forgotten(client: Client, settings: Settings) -> None:
    database = client.services.database
    asked = {"dataset": keep_dataset(database), "territories": 2}
    first = client.post("/v1/plans", json=asked, headers=KEY)
    old = now() - timedelta(hours=settings.idempotency_hours + 1)
    with database.write() as session:
        session.execute(sa.update(IdempotencyKey).values(at=old))
    assert client.post("/v1/plans", json=asked, headers=KEY).json() != first.json()
    with database.write() as session:
        session.execute(sa.update(IdempotencyKey).values(at=old))
    tidy(database, settings)
    assert count(database, IdempotencyKey) == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb"])
def test_an_unusable_key_is_refused(client: Client, key: str) -> None:
    answer = client.post(
        "/v1/plans",
        json={"dataset": "ds", "territories": 2},
        headers=[(b"Idempotency-Key", key.encode())],
    )
    assert problem(answer, 422)["code"] == "invalid_request"


def test_a_batch_of_accounts_with_a_key_is_done_once(client: Client) -> None:
    rows = {"accounts": [{"external_id": "N-1", "lat": 50.0, "lng": 10.1}, {"lat": 1.0}]}
    first = client.post("/v1/accounts:batch", json=rows, headers=KEY)
    client.ask("DELETE", "/v1/accounts/N-1")
    again = client.post("/v1/accounts:batch", json=rows, headers=KEY)
    assert first.status_code == again.status_code == 200
    assert (first.json()["created"], first.json()["failed"]) == (1, 1)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert client.get("/v1/accounts/N-1").json()["version"] == 2  # it stays deleted
    other = client.post("/v1/accounts:batch", json={"accounts": []}, headers=KEY)
    assert problem(other, 422)["code"] == "idempotency_key_reused"
