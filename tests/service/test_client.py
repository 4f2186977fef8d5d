"""The Python client against the service itself, on both databases."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.jobs.kinds import kinds_with
from app.jobs.worker import run_next
from bailiwick_client import (
    Bailiwick,
    ConflictError,
    InvalidError,
    JobFailedError,
    NotFoundError,
    StaleError,
    TooManyRequestsError,
    UnavailableError,
    UnreachableError,
)
from geo.errors import NothingLocatedError
from tests.service.client import Client
from tests.service.made_up import EAST, OUTSIDE, keep_dataset, keep_plan, quick_design


class InProcess(httpx.BaseTransport):
    """Leads the client's requests to the app under test."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.ask(
            request.method, str(request.url), headers=request.headers, content=request.read()
        )
        answer.headers.pop("content-encoding", None)  # it has been decoded
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def bailiwick(client: Client) -> Iterator[Bailiwick]:
    with Bailiwick(transport=InProcess(client), sleep=lambda _: None) as bailiwick:
        yield bailiwick


def test_from_a_file_to_a_published_plan(client: Client, bailiwick: Bailiwick) -> None:
    file = b"Account ID,Latitude,Longitude,Annual Revenue\n1,50,10,5\n2,50.1,10,7\n"
    dataset = bailiwick.upload(file, name="a.csv", columns={"potential": "Annual Revenue"})
    assert (dataset.accounts, dataset.measures) == (2, ("potential",))
    assert bailiwick.upload(file, columns={"potential": "Annual Revenue"}).id == dataset.id

    made_up = keep_dataset(client.services.database)
    started = bailiwick.start_plan(made_up, territories=2)
    with pytest.raises(TimeoutError):
        bailiwick.wait(started.job, timeout_s=0)
    with pytest.raises(NotFoundError) as caught:
        bailiwick.plan(started.plan)
    assert caught.value.code == "plan_not_ready"
    run_next(client.services.database, client.services.settings, "w", kinds_with(quick_design))
    assert bailiwick.wait(started.job).plan == started.plan
    assert [job.state for job in bailiwick.watch(started.job)] == ["done"]

    document, etag = bailiwick.plan(started.plan)
    assert document["state"] == "draft"
    assert bailiwick.publish(started.plan, etag).state == "published"
    with pytest.raises(StaleError) as stale:
        bailiwick.publish(started.plan, etag)
    assert stale.value.status == 412
    assert stale.value.hint
    assert [plan.id for plan in bailiwick.plans()] == [started.plan]
    assert bailiwick.export(started.plan, "postal").startswith(b"postal_code,")
    assert bailiwick.export(started.plan, "salesforce")[:2] == b"PK"


def test_points_are_routed_in_their_order(client: Client, bailiwick: Bailiwick) -> None:
    with pytest.raises(ConflictError):
        bailiwick.route([{"lat": 1, "lng": 1}])
    keep_plan(client.services.database)
    points = [
        {"id": str(i), "lat": lat, "lng": lng} for i, (lat, lng) in enumerate((OUTSIDE, EAST))
    ]
    found = bailiwick.route(points)
    assert [(r.id, r.territory, r.rep) for r in found][1] == ("1", "T02", "Bo")
    assert found[0].territory is None
    assert bailiwick.route([]) == []


def test_a_failed_job_and_an_unusable_file_are_errors_with_the_words_of_the_service(
    client: Client, bailiwick: Bailiwick
) -> None:
    with pytest.raises(InvalidError) as caught:
        bailiwick.upload(b"", name="empty.csv")
    assert (caught.value.status, caught.value.code) == (422, "empty_input")

    def unusable(*_: object) -> dict[str, bytes]:
        raise NothingLocatedError("no account could be placed")

    started = bailiwick.start_plan(keep_dataset(client.services.database), territories=2)
    run_next(client.services.database, client.services.settings, "w", kinds_with(unusable))
    with pytest.raises(JobFailedError, match="no account could be placed") as failed:
        bailiwick.wait(started.job)
    assert failed.value.error["code"] == "nothing_located"
    stopped = bailiwick.start_plan(keep_dataset(client.services.database), territories=2)
    assert bailiwick.stop(stopped.job).state == "cancelled"
    with pytest.raises(JobFailedError):
        bailiwick.wait(stopped.job)


def answering(*answers: httpx.Response | Exception) -> tuple[Bailiwick, list[Any], list[float]]:
    waiting = list(answers)
    asked: list[Any] = []
    slept: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = Bailiwick(
        key="bw_1", transport=httpx.MockTransport(handle), retries=2, sleep=slept.append
    )
    return client, asked, slept


def test_what_may_help_is_tried_again_under_the_same_key() -> None:
    ok = httpx.Response(202, json={"plan": "p", "job": "j"})
    busy = httpx.Response(429, headers={"retry-after": "7"})
    client, asked, slept = answering(busy, httpx.ConnectError("refused"), ok)
    assert client.start_plan("ds").job == "j"
    assert slept[0] == 7.0
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    assert asked[0].headers["authorization"] == "Bearer bw_1"
    client, asked, _ = answering(ok)
    client.start_plan("ds", idempotency_key="mine")
    assert asked[0].headers["idempotency-key"] == "mine"


@pytest.mark.parametrize(
    ("answer", "kind", "times"),
    [
        (httpx.Response(429, json={"code": "too_many_requests"}), TooManyRequestsError, 3),
        (httpx.Response(503, text="<html>proxy</html>"), UnavailableError, 3),
        (httpx.Response(500, json={"code": "internal"}), UnavailableError, 1),
        (httpx.Response(404, json=["odd"]), NotFoundError, 1),
        (httpx.ReadTimeout("slow"), UnreachableError, 3),
    ],
)
def test_what_does_not_help_is_an_error(
    answer: httpx.Response | Exception, kind: type[Exception], times: int
) -> None:
    client, asked, _ = answering(*[answer] * 3)
    with pytest.raises(kind):
        client.job("j")
    assert len(asked) == times


def test_changes_are_read_page_by_page_and_resumed() -> None:
    def page(*seqs: int) -> httpx.Response:
        rows = [{"seq": s, "account_id": f"A{s}", "territory": "T1", "rep": None} for s in seqs]
        return httpx.Response(200, json={"changes": rows})

    client, asked, _ = answering(page(4, 6), page(7), page())
    assert [c.seq for c in client.changes(3)] == [4, 6, 7]
    assert [r.url.params["since"] for r in asked] == ["3", "6", "7"]


def test_accounts_are_sent_in_calls_of_a_size() -> None:
    def results(*ids: str) -> httpx.Response:
        return httpx.Response(200, json={"results": [{"external_id": i} for i in ids]})

    client, asked, _ = answering(results("1", "2"), results("3"))
    found = list(client.upsert_accounts([{"external_id": i} for i in "123"], per_call=2))
    assert [r.external_id for r in found] == ["1", "2", "3"]
    assert all(r.error is None for r in found)
    assert len(asked) == 2


def test_a_stream_that_breaks_off_is_taken_up_again() -> None:
    def job(state: str) -> str:
        return f'{{"id": "j", "state": "{state}", "plan": "p", "stage": "", "fraction": 0.5}}'

    torn = httpx.Response(200, text=f"event: progress\ndata: {job('running')}\n\n")
    whole = httpx.Response(200, text=f"event: done\ndata: {job('done')}\n\n")
    client, _, _ = answering(torn, httpx.Response(200, text=job("running")), whole)
    assert [found.state for found in client.watch("j")] == ["running", "done"]
