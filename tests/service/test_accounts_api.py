"""Accounts sent one by one: whose they are, and a feed from which that can be rebuilt."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.api.owner import settle_clock
from app.store import routing_rules
from app.store.ownership import lock
from app.store.tables import OwnerOverride, Publication, WebhookMessage
from sales.owners import Override
from tests.service.client import Client, problem
from tests.service.made_up import EAST, OUTSIDE, WEST, keep_plan

SHORT, LONG = "001A0000006Vm9r", "001A0000006Vm9rIAC"


def place(where: tuple[float, float], **more: Any) -> dict[str, Any]:
    return {"lat": where[0], "lng": where[1], **more}


def put(client: Client, account: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.ask("PUT", f"/v1/accounts/{account}", json=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    assert (answer.status_code == 201) == (found["status"] == "created")
    return found


def publish(client: Client, plan: str) -> None:
    answer = client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def feed(client: Client, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url: str | None = f"/v1/changes?since={since}&limit={limit}"
    while url:
        page = client.get(url).json()
        found += page["changes"]
        url = page["next"]
    return found


def test_an_account_is_routed_when_it_is_sent_and_sending_again_changes_nothing(
    client: Client,
) -> None:
    publish(client, keep_plan(client.services.database))
    first = put(client, "N-1", place(WEST, industry="bakery"))
    assert (first["status"], first["territory"], first["rep"]) == ("created", "T01", "Ann")
    assert put(client, "N-1", place(WEST, industry="bakery"))["status"] == "unchanged"
    before = len(feed(client))
    assert put(client, "N-1", place(WEST, industry="mill"))["status"] == "updated"
    assert len(feed(client)) == before  # another industry, the same owner
    moved = put(client, "N-1", place(EAST, industry="mill"))
    assert (moved["status"], moved["rep"], moved["version"]) == ("updated", "Bo", 3)
    last = feed(client)[-1]
    assert (last["former_rep"], last["rep"], last["cause"]) == ("Ann", "Bo", "upsert")
    now = client.get("/v1/accounts/N-1").json()
    assert (now["territory"], now["rule"], now["sent"]["industry"]) == ("T02", "cell", "mill")
    assert now["since"] == last["effective_at"]
    assert now["trace"][-1] == "cell: in_territory"


def test_both_spellings_of_a_salesforce_id_are_one_account_and_case_counts(
    client: Client,
) -> None:
    publish(client, keep_plan(client.services.database))
    assert put(client, SHORT, place(WEST))["id"] == LONG
    assert put(client, LONG, place(WEST))["status"] == "unchanged"
    other = SHORT.swapcase()
    assert put(client, other, place(EAST))["status"] == "created"
    assert client.get(f"/v1/accounts/{LONG}").json()["rep"] == "Ann"
    assert client.get(f"/v1/accounts/{other}").json()["rep"] == "Bo"
    answer = client.post("/v1/route", json={"points": [{"id": SHORT}, {"account": LONG}]}).json()
    assert [r["rep"] for r in answer["results"]] == ["Ann", "Ann"]


def test_a_bad_row_fails_alone(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    rows: list[Any] = [
        {"external_id": "G-1", **place(WEST)},
        {"external_id": "B-1", "lat": 91, "lng": 0},
        {"external_id": "B-2", "lat": 5},
        {"external_id": "B-3", "city": 7},
        {"lat": 1, "lng": 1},
        "no object",
        {"external_id": "", **place(WEST)},
        {"external_id": "B-4", "city": "a\0b"},
        {"external_id": "G-2", "city": "Qqqqzzzz"},
        {"external_id": "G-3", **place(OUTSIDE)},
        {"external_id": "G-1", **place(EAST)},
    ]
    answer = client.post("/v1/accounts:batch", json={"accounts": rows})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [r["status"] for r in body["results"]] == [
        "created", *["failed"] * 7, "created", "created", "updated",
    ]  # fmt: skip
    assert (body["created"], body["failed"], body["updated"]) == (3, 7, 1)
    assert [r["code"] for r in body["results"][1:3]] == ["bad_position", "bad_position"]
    assert all(r["reason"] for r in body["results"] if r["status"] == "failed")
    assert client.get("/v1/accounts/G-1").json()["rep"] == "Bo"
    assert client.get("/v1/accounts/G-3").json()["code"] == "outside_market"


def test_a_body_that_is_no_batch_is_refused(client: Client) -> None:
    for body in (b"{", b"[]", b'{"accounts": 1}', b'{"accounts": [], "x": 1}', b'"\\ud800"'):
        headers = {"Content-Type": "application/json"}
        answer = client.post("/v1/accounts:batch", content=body, headers=headers)
        assert problem(answer, 422)["code"] == "invalid_request"
        problem(client.ask("PUT", "/v1/accounts/a", content=body[:1], headers=headers), 422)


def test_accounts_of_the_plan_are_known_without_being_sent(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    known = client.get("/v1/accounts/A-2").json()
    assert (known["territory"], known["rep"], known["rule"]) == ("T02", "Bo", "plan")
    assert known["since"] is not None
    one = client.get("/v1/route?account=A-1").json()
    assert (one["territory"], one["code"], one["rule"]) == ("T01", "in_territory", "plan")
    review = client.get("/v1/route?account=%C3%9Cn%C3%AF").json()
    assert (review["territory"], review["code"]) == (None, "unassigned")
    problem(client.get("/v1/accounts/nobody"), 404)
    assert client.get("/v1/route?account=nobody").json()["code"] == "account_unknown"
    # Attributes without an address leave it where the plan has it.
    kept = put(client, "A-2", {"industry": "mill"})
    assert (kept["rep"], kept["rule"]) == ("Bo", "plan")
    assert put(client, "A-2", place(WEST))["rep"] == "Ann"


def test_publishing_routes_the_sent_accounts_anew(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    put(client, "N-1", place(EAST))
    put(client, "A-2", place(WEST))  # the plan has it in the east
    assert client.get("/v1/accounts/A-2").json()["rep"] == "Ann"
    publish(client, keep_plan(client.services.database, name="next"))
    assert client.get("/v1/accounts/A-2").json()["rep"] == "Bo"  # the plan's again
    assert client.get("/v1/accounts/N-1").json()["rep"] == "Bo"
    changes = [c for c in feed(client) if c["account_id"] == "A-2"]
    assert changes[-1]["cause"] == "publish"


def test_before_any_plan_accounts_are_kept_and_the_first_publication_gives_them_owners(
    client: Client,
) -> None:
    assert put(client, "N-1", place(WEST))["code"] == "no_plan"
    assert client.get("/v1/accounts/N-1").json()["territory"] is None
    plan = keep_plan(client.services.database)
    assert not feed(client)
    publish(client, plan)
    assert client.get("/v1/accounts/N-1").json()["rep"] == "Ann"
    assert [c["account_id"] for c in feed(client) if c["account_id"] == "N-1"] == ["N-1"]


def test_a_deleted_account_belongs_to_nobody_until_it_is_sent_again(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    put(client, "N-1", place(WEST))
    before = datetime.now(UTC)
    assert client.ask("DELETE", "/v1/accounts/N-1").status_code == 204
    assert client.ask("DELETE", "/v1/accounts/N-1").status_code == 204
    gone = client.get("/v1/accounts/N-1").json()
    assert (gone["territory"], gone["rep"], gone["code"]) == (None, None, "account_deleted")
    assert feed(client)[-1]["cause"] == "delete"
    publish(client, keep_plan(client.services.database, name="next"))
    assert client.get("/v1/accounts/N-1").json()["rep"] is None
    then = client.get("/v1/accounts/N-1", params={"at": before.isoformat()}).json()
    assert (then["rep"], then["cause"]) == ("Ann", "upsert")
    long_ago = client.get("/v1/accounts/N-1?at=2001-03-01").json()
    assert (long_ago["territory"], long_ago["since"]) == (None, None)
    assert put(client, "N-1", place(WEST))["rep"] == "Ann"
    problem(client.ask("DELETE", "/v1/accounts/never"), 404)
    problem(client.get("/v1/accounts/N-1?at=yesterday"), 422)


def test_overrides_come_first_and_end_where_the_map_says(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    put(client, SHORT, place(WEST))
    named = client.ask(
        "PUT", f"/v1/overrides/{LONG}", json={"kind": "named", "rep": "Bo", "reason": "since 1999"}
    )
    assert named.status_code == 200, named.text
    owner = client.get(f"/v1/accounts/{SHORT}").json()
    assert (owner["rep"], owner["territory"], owner["rule"]) == ("Bo", "T02", "named")
    assert "since 1999" in owner["reason"]
    assert feed(client)[-1]["cause"] == "override"
    point = {"id": SHORT, **place(WEST)}
    routed = client.post("/v1/route", json={"points": [point, {**point, "account": None}]}).json()
    assert [r["rep"] for r in routed["results"]] == ["Bo", "Ann"]
    seen = len(feed(client))
    again = client.ask(
        "PUT", f"/v1/overrides/{SHORT}", json={"kind": "named", "rep": "Bo", "reason": "since 1999"}
    )
    assert again.json() == named.json()
    client.ask("PUT", f"/v1/overrides/{SHORT}", json={"territory": "T01", "reason": "swap"})
    assert client.get(f"/v1/accounts/{SHORT}").json()["code"] == "override"
    assert [c["rep"] for c in feed(client)[seen:]] == ["Ann"]  # no moment without an owner
    publish(client, keep_plan(client.services.database, name="next"))
    assert client.ask("DELETE", f"/v1/overrides/{LONG}").status_code == 204
    assert client.get(f"/v1/accounts/{SHORT}").json()["rule"] == "cell"
    problem(client.ask("DELETE", f"/v1/overrides/{LONG}"), 404)
    shown = client.get("/v1/overrides?past=true").json()["overrides"]
    assert [o["reason"] for o in shown] == ["since 1999", "swap"]


def test_all_overrides_can_be_set_at_once(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    rows = [{"account": a, "rep": "House"} for a in ("A-1", "A-2", "new")]
    made = client.ask("PUT", "/v1/overrides", json={"overrides": rows})
    assert made.status_code == 200, made.text
    assert client.get("/v1/accounts/new").json()["rep"] == "House"
    repeated = client.ask("PUT", "/v1/overrides", json={"overrides": rows}).json()
    assert repeated == made.json()
    client.ask("PUT", "/v1/overrides", json={"overrides": rows[:1]})
    assert [o["account"] for o in client.get("/v1/overrides").json()["overrides"]] == ["A-1"]
    assert client.get("/v1/accounts/A-2").json()["rep"] == "Bo"
    twice = [{"account": a, "rep": "House"} for a in (SHORT, LONG)]
    problem(client.ask("PUT", "/v1/overrides", json={"overrides": twice}), 422)


def test_an_override_begins_and_ends_by_the_clock(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    put(client, "N-1", place(WEST))
    database, moment = client.services.database, datetime.now(UTC)
    soon = moment + timedelta(hours=1)
    answer = client.ask(
        "PUT", "/v1/overrides/N-1", json={"rep": "Cy", "valid_from": soon.isoformat()}
    )
    assert answer.status_code == 200, answer.text
    assert client.get("/v1/accounts/N-1").json()["trace"][0].startswith("named: named, but not")
    with database.write() as session:  # an hour passes, and another
        row = session.query(OwnerOverride).one()
        row.valid_from, row.valid_to = moment, moment + timedelta(microseconds=1)
    settle_clock(client.services)
    mine = [c for c in feed(client) if c["account_id"] == "N-1"]
    assert [(c["rep"], c["cause"]) for c in mine[1:]] == [("Cy", "override"), ("Ann", "override")]
    assert not feed(client, since=mine[-1]["seq"])
    for body in ({}, {"rep": "a", "valid_to": "2020-01-01"}):
        problem(client.ask("PUT", "/v1/overrides/N-1", json=body), 422)


def test_the_rule_for_outside_is_the_planners(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    put(client, "N-1", place(OUTSIDE))
    url = f"/v1/route?lat={OUTSIDE[0]}&lng={OUTSIDE[1]}"
    assert client.get(url).json()["code"] == "outside_market"
    problem(client.ask("PUT", "/v1/routing", json={"outside": "none"}), 428)
    tag = client.get("/v1/routing").headers["etag"]

    def change(body: dict[str, Any], tag: str = "*") -> Any:
        return client.ask("PUT", "/v1/routing", json=body, headers={"If-Match": tag})

    queue = change({"outside": "queue", "queue": "Inside sales"}, tag)
    assert queue.json()["version"] == 1
    routed = client.get(url).json()
    assert (routed["rep"], routed["territory"], routed["code"]) == ("Inside sales", None, "queued")
    assert client.get("/v1/accounts/N-1").json()["rep"] == "Inside sales"
    assert (feed(client)[-1]["rep"], feed(client)[-1]["cause"]) == ("Inside sales", "rules")
    problem(change({"outside": "none"}, tag), 412)
    assert change({"outside": "nearest", "nearest_km": 100}).json()["version"] == 2
    assert client.get(url).json()["code"] == "outside_market"
    change({"outside": "nearest"})
    near = client.get(url).json()
    assert (near["code"], near["rule"]) == ("nearest", "outside")
    assert near["territory"] in ("T01", "T02")
    assert client.get("/v1/accounts/N-1").json()["territory"] == near["territory"]
    assert [v["outside"] for v in client.get("/v1/routing").json()["history"]] == [
        "nearest", "nearest", "queue",
    ]  # fmt: skip
    for body in ({"outside": "queue"}, {"outside": "none", "nearest_km": 1}, {"outside": "x"}):
        problem(change(body), 422)


def test_a_change_by_another_process_is_seen_within_its_second(client: Client) -> None:
    from app.api import in_force
    from app.store.database import Database

    publish(client, keep_plan(client.services.database))
    assert client.get("/v1/route?account=A-1").json()["rep"] == "Ann"
    other = Database(client.services.settings.url)
    with other.write() as session:
        lock(session)
        routing_rules.override(session, "A-1", Override("named", rep="Cy"), "somebody else")
    client.services.in_force._looked_at -= in_force.STALE_S
    assert client.get("/v1/route?account=A-1").json()["rep"] == "Cy"
    other.close()


def test_the_feed_can_be_resumed_anywhere(client: Client) -> None:
    publish(client, keep_plan(client.services.database))
    for i in range(7):
        put(client, f"N-{i % 3}", place((WEST, EAST, OUTSIDE)[i % 2 if i < 5 else 2], n=i))
    whole = feed(client)
    assert [c["seq"] for c in whole] == sorted({c["seq"] for c in whole})
    for limit in (1, 2, 100):
        assert feed(client, limit=limit) == whole
    for cut in (c["seq"] for c in whole):
        assert feed(client, since=cut) == [c for c in whole if c["seq"] > cut]
    owners: dict[str, Any] = {}
    for change in whole:
        before = owners.get(change["account_id"], (None, None))
        assert before == (change["former_territory"], change["former_rep"])
        owners[change["account_id"]] = (change["territory"], change["rep"])
    for account, owner in owners.items():
        now = client.get(f"/v1/accounts/{account}").json()
        assert (now["territory"], now["rep"]) == owner
    end = client.get(f"/v1/changes?since={whole[-1]['seq']}").json()
    assert (end["changes"], end["last"], end["next"]) == ([], whole[-1]["seq"], None)
    problem(client.get("/v1/changes?since=-1"), 422)


def test_true_is_no_latitude_and_a_number_no_moment(client: Client) -> None:
    for body in ({"lat": True, "lng": 10.0}, {"lat": "50", "lng": 10.0}):
        problem(client.ask("PUT", "/v1/accounts/N-1", json=body), 422)
        problem(client.post("/v1/route", json={"points": [body]}), 422)
    problem(client.get("/v1/accounts/N-1?at=0.5"), 422)
    problem(client.get("/v1/audit?until=1700000000"), 422)


def test_webhooks_are_told_when_an_account_is_sent_or_named(client: Client) -> None:
    asked = {"url": "https://93.184.215.14/hook", "events": ["ownership.changed"]}
    client.post("/v1/webhooks", json=asked).raise_for_status()

    def told() -> list[dict[str, Any]]:
        with client.services.database.read() as session:
            messages = session.scalars(
                sa.select(WebhookMessage).order_by(WebhookMessage.created_at)
            )
            return [json.loads(message.payload)["data"] for message in messages]

    plan = keep_plan(client.services.database)
    publish(client, plan)
    before = len(told())
    put(client, "N-1", place(WEST))
    put(client, "N-1", place(WEST))  # nothing changes, so nothing is told
    sent = told()[before:]
    assert [(m["plan"], m["changes"]) for m in sent] == [(plan, 1)]
    client.ask("PUT", "/v1/overrides/N-1", json={"rep": "Zoe", "reason": "friends"})
    (named,) = told()[before + 1 :]
    assert named["changes"] == 1
    (change,) = feed(client, since=named["since"])
    assert (change["account_id"], change["rep"], change["seq"]) == ("N-1", "Zoe", named["until"])


def test_a_plan_that_comes_into_force_later_keeps_named_accounts(client: Client) -> None:
    database = client.services.database
    publish(client, keep_plan(database))
    put(client, "N-1", place(WEST))
    client.ask("PUT", "/v1/overrides/N-1", json={"rep": "Zoe", "reason": "friends"})
    later = keep_plan(database, name="next year")
    day = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    answer = client.post(
        f"/v1/plans/{later}/publish", headers={"If-Match": "*"}, json={"effective_at": day}
    )
    assert answer.status_code == 200
    ended = datetime.now(UTC) + timedelta(hours=1)
    client.ask(
        "PUT", "/v1/overrides/N-2", json={"rep": "Yan", "valid_to": ended.isoformat()}
    ).raise_for_status()
    with database.write() as session:  # the day comes
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(
            sa.update(Publication).where(Publication.plan_id == later).values(effective_at=past)
        )
    client.services.activate_due()
    now = client.get("/v1/accounts/N-1").json()
    assert (now["plan"], now["rep"], now["rule"]) == (later, "Zoe", "named")
    assert client.get("/v1/accounts/N-2").json()["rep"] == "Yan"
