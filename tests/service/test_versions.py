"""Edits over HTTP: nothing is lost, everything can be taken back, and the files stay true."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.drafts import Drafts
from app.errors import PreconditionFailedError
from app.store import edits, plans
from app.store.database import Database
from sales.edits.steps import Move
from sales.planfiles import plan_files, read_bundle
from sales.verify import verify
from tests.service.client import Client, problem
from tests.service.real_plan import keep_real_plan


def tag_of(client: Client, plan: str) -> str:
    return client.get(f"/v1/plans/{plan}").headers["etag"]


def account_elsewhere(client: Client, plan: str) -> tuple[str, str, str]:
    """An account, its territory and another one."""
    rows = client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    row = rows[0]
    other = next(
        r["territory_id"] for r in rows if r["territory_id"] not in ("", row["territory_id"])
    )
    return row["account_id"], row["territory_id"], other


def move(client: Client, plan: str, tag: str | None, *moves: dict[str, str], **more: Any) -> Any:
    headers = {"If-Match": tag} if tag is not None else {}
    return client.post(
        f"/v1/plans/{plan}/moves", json={"moves": list(moves), **more}, headers=headers
    )


def test_a_move_makes_a_version_with_new_measures(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    before = client.get(f"/v1/plans/{plan}").json()
    answer = move(
        client, plan, '"1-draft"', {"account": account, "territory": other}, reason="he asked"
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2-draft"'
    now = client.get(f"/v1/plans/{plan}")
    assert now.headers["etag"] == '"2-draft"'
    document = now.json()
    assert document["version"] == 2
    loads = [{t["id"]: t["potential"] for t in d["territories"]} for d in (before, document)]
    worth = document["overrides"][0]["measures"]["potential"]
    assert worth > 0
    assert loads[1][other] == pytest.approx(loads[0][other] + worth)
    assert loads[1][was] == pytest.approx(loads[0][was] - worth)
    assert {t["id"] for t in answer.json()["after"]} == {was, other}
    rows = client.get(f"/v1/plans/{plan}/assignments").json()
    assert rows["version"] == 2
    assert rows["assignments"][0]["territory_id"] == other
    assert rows["assignments"][0]["rule"] == "override"
    old = client.get(f"/v1/plans/{plan}/assignments?version=1").json()["assignments"][0]
    assert (old["territory_id"], old["rule"]) == (was, "cell")
    entry = client.get(f"/v1/plans/{plan}/history").json()["entries"][0]
    assert (entry["version"], entry["reason"], entry["actor"]) == (2, "he asked", "local")


def test_the_files_of_an_edited_version_are_true(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, _, other = account_elsewhere(client, plan)
    table = client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    cell = next(r["cell"] for r in table[5:] if r["territory_id"] not in ("", other))
    moves = ({"account": account, "territory": other}, {"cell": cell, "territory": other})
    assert move(client, plan, "*", *moves).status_code == 200
    bundle = client.services.drafts.bundle(plan, 2)
    assert [f for f in verify(read_bundle(plan_files(bundle))) if not f.true] == []
    csv = client.get(f"/v1/plans/{plan}/assignments", headers={"Accept": "text/csv"}).text
    assert ",override" in csv
    assert client.get(f"/v1/plans/{plan}/map").status_code == 200
    assert client.get(f"/v1/plans/{plan}/export?format=geojson").status_code == 200


def test_a_preview_changes_nothing(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, _, other = account_elsewhere(client, plan)
    asked = {"moves": [{"account": account, "territory": other}]}
    answer = client.post(f"/v1/plans/{plan}/moves?preview=true", json=asked)
    assert answer.status_code == 200
    assert answer.json()["preview"] is True
    assert answer.json()["version"] == 2 - 1
    assert tag_of(client, plan) == '"1-draft"'


def test_a_stale_tag_or_none_changes_nothing(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    problem(move(client, plan, None, {"account": account, "territory": other}), 428)
    assert move(client, plan, '"1-draft"', {"account": account, "territory": other}).is_success
    body = problem(move(client, plan, '"1-draft"', {"account": account, "territory": was}), 412)
    assert '"2-draft"' in body["detail"]
    assert tag_of(client, plan) == '"2-draft"'


def test_unknown_things_are_named_and_nothing_is_done(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, _, other = account_elsewhere(client, plan)
    bad = ({"account": account, "territory": other}, {"account": "nobody", "territory": other})
    assert "nobody" in problem(move(client, plan, "*", *bad), 422)["detail"]
    problem(move(client, plan, "*", {"territory": other}), 422)
    assert tag_of(client, plan) == '"1-draft"'


def test_undo_and_redo(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    first = client.get(f"/v1/plans/{plan}").json()["territories"]
    move(client, plan, "*", {"account": account, "territory": other})
    second = client.get(f"/v1/plans/{plan}").json()["territories"]
    for action, wanted in (("undo", first), ("redo", second), ("undo", first)):
        answer = client.post(
            f"/v1/plans/{plan}/{action}", headers={"If-Match": tag_of(client, plan)}
        )
        assert answer.status_code == 200, answer.text
        assert client.get(f"/v1/plans/{plan}").json()["territories"] == wanted
    problem(client.post(f"/v1/plans/{plan}/undo", headers={"If-Match": "*"}), 409)
    history = client.get(f"/v1/plans/{plan}/history").json()
    assert [e["kind"] for e in history["entries"]] == ["undo", "redo", "undo", "move"]
    assert (history["undo"], history["redo"]) == (None, 2)
    assert was  # the log kept all four


def test_no_edit_of_many_writers_is_lost(database: Database) -> None:
    plan = keep_real_plan(database)
    drafts = [Drafts(database) for _ in range(4)]  # as many processes
    board, _ = drafts[0].state(plan, 1)
    accounts = [f"A{i}" for i in range(40)]

    def write(number: int) -> int:
        done = 0
        own = drafts[number]
        for i, account in enumerate(accounts[number::4]):
            wanted = board.territories[(number + i) % 3]
            while True:
                with database.read() as session:
                    tag = plans.etag(plans.get(session, plan))
                try:
                    own.move(plan, tag, [Move(wanted, account=account)], actor="w", reason="")
                except PreconditionFailedError:
                    continue
                done += 1
                break
        return done

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(write, range(4)))
    with database.read() as session:
        assert plans.get(session, plan).version == 1 + done
        log = edits.after(session, plan, 0)
    assert [entry.version for entry in log] == list(range(2, 2 + done))
    fresh_board, state = Drafts(database).state(plan, 1 + done)
    for number in range(4):
        for i, account in enumerate(accounts[number::4]):
            assert (
                fresh_board.territories[state.owner(fresh_board, account)]
                == (board.territories[(number + i) % 3])
            )


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=st.lists(st.sampled_from(["move", "undo", "redo"]), max_size=12))
def test_the_log_replayed_is_what_was_in_memory(database: Database, actions: list[str]) -> None:
    plan = keep_real_plan(database)
    drafts = Drafts(database)
    board, state = drafts.state(plan, 1)
    stack, undone, now = [state], list[Any](), 0
    for number, action in enumerate(actions):
        if action == "move":
            done = drafts.move(
                plan, "*", [Move(board.territories[number % 3], account=f"A{number}")],
                actor="x", reason="",
            )  # fmt: skip
            stack.append(drafts.state(plan, done.version)[1])
            undone.clear()
        elif action == "undo" and len(stack) > 1:
            drafts.undo(plan, "*", actor="x", reason="")
            undone.append(stack.pop())
        elif action == "redo" and undone:
            drafts.redo(plan, "*", actor="x", reason="")
            stack.append(undone.pop())
        else:
            continue
        now += 1
        fresh = Drafts(database).state(plan, 1 + now)[1]
        assert (fresh.labels == stack[-1].labels).all()
        assert fresh.overrides == stack[-1].overrides


def test_two_plans_or_versions_are_compared(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, was, other = account_elsewhere(client, plan)
    move(client, plan, "*", {"account": account, "territory": other})
    found = client.get(f"/v1/plans/{plan}/compare?with={plan}&with_version=1").json()
    assert found["moved"]["accounts"] == 1
    assert [(c["account_id"], c["was"], c["now"]) for c in found["changes"]] == [
        (account, was, other)
    ]
    problem(client.get(f"/v1/plans/{plan}/compare?with=pl_none"), 404)
    problem(client.get(f"/v1/plans/{plan}?version=9"), 404)


def test_a_late_edit_is_told_the_present_tag(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, _, other = account_elsewhere(client, plan)
    tag = tag_of(client, plan)
    move(client, plan, tag, {"account": account, "territory": other})
    late = move(client, plan, tag, {"account": account, "territory": other})
    problem(late, 412)
    assert late.headers["etag"] == tag_of(client, plan) != tag
    rules = client.ask("PUT", "/v1/routing", json={"outside": "none"}, headers={"If-Match": '"9"'})
    problem(rules, 412)
    assert rules.headers["etag"] == client.get("/v1/routing").headers["etag"]


def test_the_document_of_a_draft_is_that_of_its_files(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    account, _, other = account_elsewhere(client, plan)
    move(client, plan, "*", {"account": account, "territory": other})
    shown = client.get(f"/v1/plans/{plan}").json()
    drafts = client.services.drafts
    drafts.keep(plan, 2)
    with client.services.database.read() as session:
        kept = json.loads(plans.files(session, plan, 2)["plan.json"])
    assert kept.items() <= shown.items()


def test_writers_at_the_same_moment_lose_no_edit(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    rows = client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    territories = sorted({r["territory_id"] for r in rows if r["territory_id"]})
    mine = [r for r in rows if r["territory_id"]][:8]

    def write(row: dict[str, str]) -> list[int]:
        made: list[int] = []
        tag, at = tag_of(client, plan), row["territory_id"]
        while len(made) < 4:
            to = territories[(territories.index(at) + 1) % len(territories)]
            answer = move(client, plan, tag, {"account": row["account_id"], "territory": to})
            if answer.status_code == 200:
                made.append(answer.json()["version"])
                at = to
            else:
                problem(answer, 412)
            tag = answer.headers["etag"]
        return made

    with ThreadPoolExecutor(8) as pool:
        versions = [version for made in pool.map(write, mine) for version in made]
    assert sorted(versions) == list(range(2, 34))
    now = {
        r["account_id"]: r["territory_id"]
        for r in client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    }
    for row in mine:
        at = territories.index(row["territory_id"])
        assert now[row["account_id"]] == territories[(at + 4) % len(territories)]
