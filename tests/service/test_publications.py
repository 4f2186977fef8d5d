"""One plan in force, flipped whole; whose each account was, on every day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.store import ownership, plans, publications
from app.store.database import Database
from app.store.tables import AuditEntry, Owner, OwnershipChange, Publication
from geo.errors import ConflictError
from tests.service.client import Client, problem
from tests.service.made_up import keep_plan
from tests.service.real_plan import keep_real_plan
from tests.service.test_versions import account_elsewhere, move, tag_of


def publish(client: Client, plan: str, **body: object) -> None:
    answer = client.post(
        f"/v1/plans/{plan}/publish", headers={"If-Match": tag_of(client, plan)}, json=body
    )
    assert answer.status_code == 200, answer.text


def test_the_first_publication_gives_every_account_an_owner(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    publish(client, plan, reason="go")
    rows = client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    with client.services.database.read() as session:
        owners = {o.account_id: o.territory for o in session.scalars(sa.select(Owner))}
        entry = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "plan.publish")
        ).one()
    assert owners == {r["account_id"]: r["territory_id"] for r in rows if r["territory_id"]}
    assert (entry.subject, entry.actor, entry.detail["reason"]) == (plan, "local", "go")
    assert entry.detail["changed"] == len(owners)


def test_publishing_anew_records_only_what_changes(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    publish(client, plan)
    with client.services.database.read() as session:
        before = ownership.last_seq(session)
    move(client, plan, tag_of(client, plan), {"account": account, "territory": other})
    # The head is a draft now; what is in force stays.
    assert tag_of(client, plan) == '"2-draft"'
    with client.services.database.read() as session:
        assert plans.version_in_force(plans.get(session, plan)) == 1
    publish(client, plan)
    with client.services.database.read() as session:
        (change,) = ownership.since(session, before, 10)
        assert (change.account_id, change.former_territory, change.territory) == (
            account, was, other,
        )  # fmt: skip
        assert change.rule == "override"
    assert client.get(f"/v1/plans/{plan}?version=1").json()["state"] == "archived"


def test_the_owner_on_every_day(database: Database) -> None:
    plan = keep_real_plan(database)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with database.write() as session:
        publications.publish(session, plan, "*", actor="a", effective_at=start)
    other = keep_plan(database)  # knows none of the accounts
    with database.write() as session:
        publications.publish(session, other, "*", actor="a", effective_at=start + timedelta(days=9))
    with database.read() as session:
        assert ownership.owner_at(session, "A1", start - timedelta(seconds=1)) is None
        first = ownership.owner_at(session, "A1", start + timedelta(days=3))
        assert first is not None
        assert first.territory != ""
        last = ownership.owner_at(session, "A1", start + timedelta(days=9))
        assert last is not None
        assert last.territory == ""
    with database.write() as session, pytest.raises(ConflictError, match="in force since"):
        publications.publish(session, plan, "*", actor="a", effective_at=start)


def test_back_to_what_was_before(client: Client) -> None:
    database = client.services.database
    first, second = keep_real_plan(database, 0), keep_real_plan(database, 1)
    problem(client.post("/v1/publications/rollback"), 409)
    publish(client, first)
    with database.read() as session:
        were = {o.account_id: o.territory for o in session.scalars(sa.select(Owner))}
    publish(client, second)
    assert client.get(f"/v1/plans/{first}").json()["state"] == "archived"
    answer = client.post("/v1/publications/rollback", json={"reason": "too soon"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == first
    assert client.get(f"/v1/plans/{second}").json()["state"] == "archived"
    with database.read() as session:
        now = {o.account_id: o.territory for o in session.scalars(sa.select(Owner))}
    assert now == were
    listed = client.get("/v1/publications").json()["publications"]
    assert [p["cause"] for p in listed] == ["rollback", "publish", "publish"]
    assert listed[0]["former_plan"] == second


def test_back_twice_is_back_two_steps(client: Client) -> None:
    database = client.services.database
    first, second = keep_real_plan(database, 0), keep_real_plan(database, 1)
    third = keep_plan(database)

    def back() -> str:
        answer = client.post("/v1/publications/rollback")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    for plan in (first, second, third):
        publish(client, plan)
    assert [back(), back()] == [second, first]
    problem(client.post("/v1/publications/rollback"), 409)
    assert client.get(f"/v1/plans/{first}").json()["state"] == "published"
    publish(client, third)
    assert back() == first
    problem(client.post("/v1/publications/rollback"), 409)


def test_back_to_an_older_version_of_the_same_plan(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    publish(client, plan)
    move(client, plan, tag_of(client, plan), {"account": account, "territory": other})
    publish(client, plan)
    client.post("/v1/publications/rollback").raise_for_status()
    assert client.get(f"/v1/plans/{plan}").json()["published_version"] == 1
    with client.services.database.read() as session:
        owner = ownership.owner(session, account)
        assert owner is not None
        assert owner.territory == was
    problem(client.post("/v1/publications/rollback"), 409)


def test_a_publication_for_later_waits_for_its_day(client: Client) -> None:
    database = client.services.database
    plan = keep_real_plan(database)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    publish(client, plan, effective_at=later)
    assert client.get(f"/v1/plans/{plan}").json()["state"] == "draft"
    number = client.get("/v1/publications").json()["publications"][0]["id"]
    with database.write() as session:
        session.execute(
            sa.update(Publication).values(effective_at=datetime.now(UTC) - timedelta(seconds=1))
        )

    def look(_: int) -> int:
        with database.write() as session:
            return len(publications.activate_due(session))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(look, range(4))) == [0, 0, 0, 1]
    assert client.get(f"/v1/plans/{plan}").json()["state"] == "published"
    problem(client.delete(f"/v1/publications/{number}"), 409)
    with database.read() as session:
        seqs = list(session.scalars(sa.select(OwnershipChange.seq).order_by(OwnershipChange.seq)))
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_a_publication_for_later_can_be_taken_back(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    publish(client, plan, effective_at=later)
    number = client.get("/v1/publications").json()["publications"][0]["id"]
    assert client.delete(f"/v1/publications/{number}").json()["state"] == "withdrawn"
    problem(client.delete("/v1/publications/999"), 404)


def test_a_draft_is_put_away_and_the_plan_in_force_is_not(client: Client) -> None:
    database = client.services.database
    plan, other = keep_real_plan(database), keep_real_plan(database, 1)
    publish(client, plan)
    problem(client.post(f"/v1/plans/{plan}/archive", headers={"If-Match": "*"}), 409)
    problem(client.post(f"/v1/plans/{other}/archive"), 428)
    answer = client.post(f"/v1/plans/{other}/archive", headers={"If-Match": "*"})
    assert answer.json()["state"] == "archived"
    account, _, elsewhere = account_elsewhere(client, other)
    problem(move(client, other, "*", {"account": account, "territory": elsewhere}), 409)


def test_two_publications_at_once_leave_one_in_force(database: Database) -> None:
    ids = [keep_real_plan(database, seed) for seed in (0, 1)]

    def put(plan: str) -> None:
        with database.write() as session:
            publications.publish(session, plan, "*", actor="a")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put, ids))
    with database.read() as session:
        states = sorted(plans.get(session, plan).state for plan in ids)
        assert states == ["archived", "published"]
        in_force = plans.in_force(session)
        assert in_force is not None
        table = plans.assignments(
            session, in_force.id, plans.version_in_force(in_force), after=-1, limit=1000
        )
        owners = {o.account_id: o.territory for o in session.scalars(sa.select(Owner))}
    assert owners == {r.account_id: r.territory_id for r in table if r.territory_id}


def test_numbers_that_no_database_takes_are_refused(client: Client) -> None:
    huge = 10**20
    for method, address in (
        ("GET", f"/v1/publications?before={huge}"), ("DELETE", f"/v1/publications/{huge}"),
        ("GET", f"/v1/audit?before={huge}"), ("GET", f"/v1/plans/x?version={huge}"),
        ("GET", f"/v1/plans/x/history?before={huge}"),
    ):  # fmt: skip
        problem(client.ask(method, address), 422)
