import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from app.errors import WebhookAddressError
from app.main import create_app
from app.settings import Settings
from app.store import deliveries, jobs, outbox, publications, webhooks
from app.store.database import Database
from app.store.tables import AuditEntry, Webhook, WebhookAttempt, WebhookDelivery, now
from app.webhooks import dispatcher
from app.webhooks.address import checked_url, is_public, resolved
from app.webhooks.dispatcher import Dispatcher, deliver_due
from geo.errors import ConflictError
from tests.service.client import Client, problem, running
from tests.service.made_up import keep_job, keep_plan
from tests.service.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allow_private": True, "run_webhooks": False})


def make(database: Database, url: str, *events: str) -> Webhook:
    with database.write() as session:
        return webhooks.create(
            session, url=url, description="", events=events or ("plan.published",), actor="t",
            secret=webhooks.new_secret(),
        )  # fmt: skip


def emit(database: Database, kind: str = "plan.published", **data: Any) -> None:
    with database.write() as session:
        outbox.emit(session, kind, data)


def make_all_due(database: Database) -> None:
    with database.write() as session:
        past = now() - timedelta(seconds=1)
        session.execute(sa.update(WebhookDelivery).values(due_at=past))


def only(database: Database, webhook_id: str) -> WebhookDelivery:
    with database.read() as session:
        ((delivery, _),) = webhooks.deliveries(session, webhook_id, limit=10)
    return delivery


def test_who_subscribes_is_told_in_signed_messages(client: Client, receiver: Receiver) -> None:
    asked = {"url": receiver.url, "events": ["plan.published"]}
    made = client.post("/v1/webhooks", json=asked)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret not in client.get("/v1/webhooks").text
    plan = keep_plan(client.services.database)
    client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})
    client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})  # in force already

    assert deliver_due(client.services.database, client.services.settings) == 1
    ((headers, body),) = receiver.got
    message = Checker(secret).verify(body, headers)
    assert message["type"] == "plan.published"
    assert message["data"] == {"plan": plan, "version": 1}
    log = client.get(f"{made.headers['location']}/deliveries").json()["deliveries"]
    assert [(d["message"], d["state"]) for d in log] == [(headers["webhook-id"], "delivered")]
    assert log[0]["attempts"][0]["status"] == 204


def test_secrets_are_sealed_where_there_is_a_key(settings: Settings, receiver: Receiver) -> None:
    old, new = "o" * 32, "n" * 32
    plain = make_secret(settings, receiver.url)  # before there was a key
    sealed = make_secret(settings.model_copy(update={"webhook_keys": (old,)}), receiver.url)
    database = Database(settings.url)
    with database.read() as session:
        kept = {hook.secret for hook in webhooks.listing(session)}
    assert plain in kept
    assert sealed not in kept
    emit(database)
    both = settings.model_copy(update={"webhook_keys": (new, old)})
    assert deliver_due(database, both) == 2
    for secret in (plain, sealed):
        assert any(_signed(secret, *message) for message in receiver.got)
    # Without the key nothing is sent, and the log says why.
    receiver.got.clear()
    emit(database)
    deliver_due(database, settings.model_copy(update={"webhook_keys": (new,)}))
    assert len(receiver.got) == 1
    with database.read() as session:
        errors = {a.error for a in session.scalars(sa.select(WebhookAttempt))}
    assert "the webhook's secret was sealed with another key" in errors
    database.close()


def make_secret(settings: Settings, url: str) -> str:
    with running(create_app(settings)) as client:
        asked = {"url": url, "events": ["plan.published"]}
        return str(client.post("/v1/webhooks", json=asked).raise_for_status().json()["secret"])


def _signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Checker(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_what_is_undone_was_never_told(database: Database, receiver: Receiver) -> None:
    hook = make(database, receiver.url)
    plan = keep_plan(database)

    def publish_and_fail() -> None:
        with database.write() as session:
            publications.publish(session, plan, "*", actor="test")
            raise ConflictError("changed our mind")

    with pytest.raises(ConflictError):
        publish_and_fail()
    with database.read() as session:
        assert webhooks.deliveries(session, hook.id, limit=1) == []


def test_the_end_of_a_job_is_told(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    make(database, receiver.url, "job.done", "job.failed", "job.cancelled")
    for end in ("finish", "fail", "stop"):
        job_id, _ = keep_job(database)
        with database.write() as session:
            if end == "finish":
                jobs.finish(session, job_id)
            elif end == "fail":
                jobs.fail(session, job_id, {"code": "x", "detail": "no", "hint": ""})
            else:
                jobs.request_stop(session, job_id)
        deliver_due(database, settings)
    told = [json.loads(body)["type"] for _, body in receiver.got]
    assert told == ["job.done", "job.failed", "job.cancelled"]


def test_a_failure_is_tried_again_later_with_the_same_message(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    hook = make(database, receiver.url)
    receiver.answers = [(500, {}, b"broken"), (503, {"retry-after": "7000"}, b"")]
    emit(database, plan="p")
    assert deliver_due(database, settings) == 1
    assert deliver_due(database, settings) == 0  # not yet
    first = only(database, hook.id)
    assert first.state == "pending"
    make_all_due(database)
    deliver_due(database, settings)
    assert only(database, hook.id).due_at - now() > timedelta(seconds=6000)
    make_all_due(database)
    deliver_due(database, settings)
    assert only(database, hook.id).state == "delivered"
    assert len({(h["webhook-id"], body) for h, body in receiver.got}) == 1
    assert len(receiver.got) == 3
    with database.read() as session:
        tries = webhooks.attempts(session, [first.seq])[first.seq]
        assert webhooks.get(session, hook.id).failing_since is None
    assert [(t.status, t.answer) for t in tries] == [(500, "broken"), (503, ""), (204, "")]


def test_after_the_last_try_a_delivery_has_failed_and_can_be_sent_again(
    client: Client, receiver: Receiver
) -> None:
    database, settings = client.services.database, client.services.settings
    hook = make(database, receiver.url)
    emit(database)
    tries = len(deliveries.SCHEDULE_S) + 1
    receiver.answers = [(500, {}, b"")] * tries
    for _ in range(tries):
        make_all_due(database)
        deliver_due(database, settings)
    failed = only(database, hook.id)
    assert (failed.state, failed.attempts) == ("failed", tries)
    again = client.post(f"/v1/webhooks/{hook.id}/deliveries/{failed.seq}/redeliver")
    assert again.status_code == 202
    deliver_due(database, settings)
    assert receiver.got[-1][0]["webhook-id"] == again.json()["message"] == failed.message_id
    newest, older = client.get(f"/v1/webhooks/{hook.id}/deliveries").json()["deliveries"]
    assert (newest["state"], older["state"]) == ("delivered", "failed")
    page = client.get(f"/v1/webhooks/{hook.id}/deliveries?limit=1").json()
    assert client.get(page["next"]).json()["deliveries"] == [older]
    problem(client.post(f"/v1/webhooks/{hook.id}/deliveries/99999/redeliver"), 404)


def test_what_is_gone_or_fails_for_days_is_disabled_until_enabled(
    client: Client, receiver: Receiver
) -> None:
    database, settings = client.services.database, client.services.settings
    hook = make(database, receiver.url)
    receiver.answers = [(410, {}, b""), (500, {}, b"")]
    emit(database)
    deliver_due(database, settings)
    address = f"/v1/webhooks/{hook.id}"
    assert "410" in client.get(address).json()["disabled_reason"]
    make_all_due(database)
    assert deliver_due(database, settings) == 0
    emit(database)  # while disabled nothing is kept for it
    assert client.post(f"{address}/enable").json()["enabled"]
    with database.write() as session:
        webhooks.get(session, hook.id).failing_since = now() - timedelta(days=6)
    make_all_due(database)
    deliver_due(database, settings)
    assert not client.get(address).json()["enabled"]
    client.post(f"{address}/enable")
    make_all_due(database)
    assert deliver_due(database, settings) == 1
    assert only(database, hook.id).state == "delivered"


def test_after_a_rotation_both_secrets_verify_and_the_new_one_is_other(
    client: Client, receiver: Receiver
) -> None:
    database, settings = client.services.database, client.services.settings
    asked = {"url": receiver.url, "events": ["job.done"]}
    made = client.post("/v1/webhooks", json=asked).json()
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    client.post(f"/v1/webhooks/{made['id']}/test")
    with database.write() as session:
        webhooks.get(session, made["id"])
    deliver_due(database, settings)
    headers, body = receiver.got[-1]
    for secret in (made["secret"], rotated["secret"]):
        assert Checker(secret).verify(body, headers)["type"] == "webhook.test"
    with database.write() as session:
        webhooks.get(session, made["id"]).former_until = now() - timedelta(hours=1)
    client.post(f"/v1/webhooks/{made['id']}/test")
    deliver_due(database, settings)
    headers, body = receiver.got[-1]
    assert " " not in headers["webhook-signature"]
    Checker(rotated["secret"]).verify(body, headers)


def test_a_removed_webhook_is_told_nothing_and_leaves_its_name_in_the_audit(
    client: Client, receiver: Receiver
) -> None:
    database = client.services.database
    hook = make(database, receiver.url)
    emit(database)
    assert client.ask("DELETE", f"/v1/webhooks/{hook.id}").status_code == 204
    assert deliver_due(database, client.services.settings) == 0
    problem(client.get(f"/v1/webhooks/{hook.id}"), 404)
    problem(client.get(f"/v1/webhooks/{hook.id}/deliveries"), 404)
    with database.read() as session:
        entries = session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.subject == hook.id)
        ).all()
    assert entries == ["webhook.create", "webhook.delete"]


def test_several_dispatchers_send_each_message_once(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    for _ in range(3):
        make(database, receiver.url)
    for i in range(4):
        emit(database, number=i)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            list(pool.map(lambda _: deliver_due(database, settings), range(4)))
    assert len(receiver.got) == 12


def test_a_delivery_whose_dispatcher_died_is_sent_by_another(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    hook = make(database, receiver.url)
    emit(database)
    with database.write() as session:
        (dead,) = deliveries.claim(session, limit=5, lease_s=30)
    assert deliver_due(database, settings) == 0
    with database.write() as session:
        session.execute(sa.update(WebhookDelivery).values(lease_until=now() - timedelta(hours=1)))
    assert deliver_due(database, settings) == 1
    late = deliveries.Outcome(500, "answered 500", "", 1.0)
    with database.write() as session:  # what the dead one reports after all changes nothing
        deliveries.settle(session, dead, late, disable_after=timedelta(days=5))
    assert (only(database, hook.id).state, only(database, hook.id).attempts) == ("delivered", 1)


def test_one_that_does_not_answer_does_not_hold_up_the_others(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        slow = make(database, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        for _ in range(6):
            emit(database)
        make(database, receiver.url)
        emit(database)
        hasty = settings.model_copy(update={"webhook_timeout_s": 2.0})
        deliver_due(database, hasty)
    assert len(receiver.got) == 1
    with database.read() as session:
        rows = webhooks.deliveries(session, slow.id, limit=10)
        tries = webhooks.attempts(session, [d.seq for d, _ in rows])
    errors = [t.error for found in tries.values() for t in found]
    assert errors == ["no answer within 2 seconds"] * deliveries.PER_WEBHOOK


def test_redirects_are_not_followed_and_long_answers_not_read_to_the_end(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    hook = make(database, receiver.url)
    receiver.answers = [(302, {"location": receiver.url}, b"x" * 5_000_000)]
    emit(database)
    deliver_due(database, settings)
    assert len(receiver.got) == 1
    delivery = only(database, hook.id)
    with database.read() as session:
        (one,) = webhooks.attempts(session, [delivery.seq])[delivery.seq]
    assert one.status == 302
    assert len(one.answer) == 500


def test_the_dispatcher_sends_by_itself_and_forgets_the_old(
    database: Database, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "POLL_S", 0.05)
    hook = make(database, receiver.url)
    emit(database)
    sender = Dispatcher(settings, database)
    sender.start()
    try:
        for _ in range(200):
            if only(database, hook.id).state == "delivered":
                break
            sender._ending.wait(0.05)
    finally:
        sender.stop()
    assert len(receiver.got) == 1
    with database.write() as session:
        assert deliveries.forget(session, now() + timedelta(days=1)) == 1
    with database.read() as session:
        assert webhooks.deliveries(session, hook.id, limit=1) == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_public_addresses_are() -> None:
    for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"):
        assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https:///x", "example.com",
        "https://user:pw@example.com/", "https://127.0.0.1/", "https://[::1]:8443/",
        "https://[::ffff:10.0.0.1]/", "https://example.com:99999/", "https://exa mple.com/",
        "https://[fe80::1%25eth0]/", "https://example.com/\n", "javascript:alert(1)",
        "https://example.com/" + "a" * 3000,
    ],
)  # fmt: skip
def test_an_address_that_must_not_be_called_is_refused_at_once(url: str, client: Client) -> None:
    client.services.settings = client.services.settings.model_copy(
        update={"webhook_allow_private": False}
    )
    answer = client.post("/v1/webhooks", json={"url": url, "events": ["job.done"]})
    assert problem(answer, 422)["code"] in ("webhook_address", "invalid_request")


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_inside_is_refused_when_it_is_called(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = [(2, 1, 6, "", (address, 443)) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    assert checked_url("https://rebind.example/", allow_private=False)
    with pytest.raises(WebhookAddressError, match="private"):
        resolved("https://rebind.example/", allow_private=False)


def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def once(*_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(1)
        return [(2, 1, 6, "", ("93.184.215.14", 8443))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    target = resolved("https://crm.example:8443/a?b=c#d", allow_private=False)
    assert target.url == "https://93.184.215.14:8443/a?b=c"
    assert (target.host, target.name, len(asked)) == ("crm.example:8443", "crm.example", 1)


@pytest.mark.parametrize(
    "wish", [{}, {"url": "https://x.example"}, {"url": "https://x.example", "events": []},
             {"url": "https://x.example", "events": ["no.such"]}],
)  # fmt: skip
def test_an_unusable_wish_is_said_in_words(client: Client, wish: dict[str, Any]) -> None:
    assert problem(client.post("/v1/webhooks", json=wish), 422)["code"] == "invalid_request"
