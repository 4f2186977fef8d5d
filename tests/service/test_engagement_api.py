"""Rules of engagement, explanations and challenges in the service, on both databases."""

from typing import Any

import pytest

from app.store.regions import Branch
from tests.service.client import Client, problem
from tests.service.keyed import bearer, keep_tree, new_key
from tests.service.real_plan import keep_real_plan

RULES = {
    "precedence": ["override", "named", "holdover", "geography", "incumbent"],
    "holdover": {"days": 90, "pipeline": 1.0},
}


@pytest.fixture
def plan(client: Client) -> str:
    return keep_real_plan(client.services.database)


def rows(client: Client, plan: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/plans/{plan}/assignments").json()["assignments"]
    return found


def one_of(client: Client, plan: str) -> tuple[str, str, str]:
    """An account, its territory, and another territory."""
    found = rows(client, plan)
    other = next(r for r in found if r["territory_id"] not in ("", found[0]["territory_id"]))
    return found[0]["account_id"], found[0]["territory_id"], other["territory_id"]


def put_rules(client: Client, rules: dict[str, Any], tag: str = "*", **options: Any) -> Any:
    headers = {"If-Match": tag} | options.pop("headers", {})
    return client.ask("PUT", "/v1/engagement", json=rules, headers=headers, **options)


def audited(client: Client, action: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = client.get(f"/v1/audit?action={action}").json()["entries"]
    return entries


def test_rules_are_versioned_and_changed_only_by_who_has_seen_them(client: Client) -> None:
    first = client.get("/v1/engagement")
    assert (first.json()["version"], first.headers["etag"]) == (0, '"0"')
    assert first.json()["rules"]["precedence"][0] == "override"
    problem(client.ask("PUT", "/v1/engagement", json=RULES), 428)
    made = put_rules(client, RULES, '"0"')
    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.headers["etag"]) == (1, '"1"')
    problem(put_rules(client, RULES, '"0"'), 412)
    assert put_rules(client, RULES, '"1"').json()["version"] == 1  # the same again
    held = client.get("/v1/engagement").json()["rules"]
    assert held["holdover"] == {
        "days": 90, "pipeline": 1.0, "until": None, "won_within_days": None,
    }  # fmt: skip
    # What it answers can be sent back, and so can days.
    named = held | {"named": [{"account": "A1", "rep": "x", "from": "2026-01-01"}]}
    assert put_rules(client, named, '"1"').json()["rules"]["named"][0]["from"] == "2026-01-01"
    assert [v["version"] for v in client.get("/v1/engagement").json()["history"]] == [2, 1]
    assert [e["detail"]["version"] for e in audited(client, "engagement.change")] == [2, 1]
    refused = problem(put_rules(client, {"holdover": {"dais": 3}}), 422)
    assert refused["errors"][0]["field"].endswith("holdover.dais")


def test_an_explanation_says_why_and_what_another_owner_would_cost(
    client: Client, plan: str
) -> None:
    account, own, other = one_of(client, plan)
    path = f"/v1/plans/{plan}/accounts/{account}/explanation"
    said = client.get(path, params={"territory": other}).json()
    assert said["owners"][0]["territory"] == own
    assert (said["rule"], said["rules_version"]) == ("geography", 0)
    (party,) = said["counterfactuals"]
    alone = party["ways"][0]["balance"]
    preview = client.post(
        f"/v1/plans/{plan}/moves?preview=true",
        json={"moves": [{"account": account, "territory": other}]},
    ).json()
    after = {t["id"]: t["deviation"] for t in preview["after"]}
    for side in (alone["giving"], alone["taking"]):
        told = side["deviation"]["potential"]["after"]
        assert told == pytest.approx(after[side["territory"]], abs=1e-8)
    assert alone["max_deviation"]["after"] == pytest.approx(preview["summary"]["max_deviation"])
    problem(client.get(f"/v1/plans/{plan}/accounts/none/explanation"), 404)
    problem(client.get(path, params={"territory": "T99"}), 422)
    problem(client.get(path.replace(plan, "pl_none")), 404)


def test_overrides_and_former_owners_speak_in_an_explanation(client: Client, plan: str) -> None:
    account, own, other = one_of(client, plan)
    ask = f"/v1/plans/{plan}/accounts/{account}/explanation"
    client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})
    body = {"kind": "named", "territory": other, "reason": "agreed"}
    made = client.ask("PUT", f"/v1/overrides/{account}", json=body)
    assert made.status_code == 200, made.text
    said = client.get(ask).json()
    assert (said["rule"], said["owners"][0]["territory"]) == ("named", other)
    assert "agreed" in said["why"]
    kinds = {t["rule"]: t["said"] for t in said["trace"]}
    assert "(comes after)" in kinds["geography"]
    assert "held it before" in kinds["incumbent"]
    put_rules(client, {"precedence": ["geography", "named"]})
    said = client.get(ask).json()
    assert (said["rule"], said["owners"][0]["territory"], said["rules_version"]) == (
        "geography", own, 1,
    )  # fmt: skip


def challenge(client: Client, plan: str, account: str, to: str, **options: Any) -> Any:
    body = {"plan": plan, "account": account, "territory": to, "reason": "I sold to them"}
    return client.post("/v1/challenges", json=body, **options)


def decide(client: Client, number: int, decision: str, **more: Any) -> Any:
    headers = more.pop("headers", {"If-Match": "*"})
    path = f"/v1/challenges/{number}/decision"
    return client.post(path, json={"decision": decision, **more}, headers=headers)


def test_an_accepted_challenge_moves_the_account_in_the_plan_once(
    client: Client, plan: str
) -> None:
    account, own, other = one_of(client, plan)
    made = challenge(client, plan, account, other)
    assert (made.status_code, made.json()["state"]) == (201, "open")
    number = made.json()["id"]
    problem(decide(client, number, "accept", headers={}), 428)
    problem(decide(client, number, "accept", headers={"If-Match": '"9"'}), 412)
    done = decide(client, number, "accept", reason="true").json()
    assert (done["state"], done["made"], done["version"]) == ("accepted", "move", 2)
    assert done["explanation"]["owners"][0]["territory"] == own
    assert rows(client, plan)[0]["territory_id"] == other
    assert "challenge" in client.get(f"/v1/plans/{plan}/history").json()["entries"][0]["reason"]
    problem(decide(client, number, "refuse"), 409)
    assert client.get(f"/v1/plans/{plan}").json()["version"] == 2
    (entry,) = audited(client, "challenge.decide")
    assert (entry["detail"]["state"], entry["detail"]["version"]) == ("accepted", 2)
    assert len(audited(client, "challenge.create")) == 1
    listed = client.get("/v1/challenges", params={"account": account, "state": "accepted"}).json()
    assert [c["id"] for c in listed["challenges"]] == [number]
    assert client.get("/v1/challenges?state=open").json()["challenges"] == []


def test_an_accepted_challenge_can_be_an_override_in_force(client: Client, plan: str) -> None:
    account, _, other = one_of(client, plan)
    client.post(f"/v1/plans/{plan}/publish", headers={"If-Match": "*"})
    number = challenge(client, plan, account, other).json()["id"]
    done = decide(client, number, "accept", make="override", headers={}).json()
    assert (done["made"], done["version"]) == ("override", None)
    assert client.get(f"/v1/accounts/{account}").json()["territory"] == other
    (held,) = client.get("/v1/overrides").json()["overrides"]
    assert held["id"] == done["override"]
    assert "I sold to them" in held["reason"]


def test_the_rules_decide_for_who_has_the_better_claim(client: Client, plan: str) -> None:
    account, _, other = one_of(client, plan)
    lost = challenge(client, plan, account, other).json()["id"]
    done = decide(client, lost, "rule").json()
    assert (done["state"], done["rule"], done["made"]) == ("refused", "geography", None)
    body = {"kind": "named", "territory": other, "reason": "agreed"}
    client.ask("PUT", f"/v1/overrides/{account}", json=body)
    won = challenge(client, plan, account, other).json()["id"]
    done = decide(client, won, "rule").json()
    assert (done["state"], done["rule"], done["made"]) == ("accepted", "named", "move")
    assert rows(client, plan)[0]["territory_id"] == other
    problem(decide(client, 99, "rule"), 404)
    problem(challenge(client, plan, "none", other), 404)
    problem(challenge(client, plan, account, "T99"), 422)


def test_a_manager_asks_and_contests_within_their_region_only(client: Client, plan: str) -> None:
    account, own, other = one_of(client, plan)
    third = next(
        t["id"]
        for t in client.get(f"/v1/plans/{plan}").json()["territories"]
        if t["id"] not in (own, other)
    )
    keep_tree(client.services.database, Branch("r", "R", territories=((plan, own),)))
    admin = {"headers": bearer(new_key(client, "admin"))}
    manager = {"headers": bearer(new_key(client, "manager", region="r"))}
    path = f"/v1/plans/{plan}/accounts/{{}}/explanation"
    said = client.get(path.format(account), **manager)
    assert said.status_code == 200, said.text
    assert said.json()["counterfactuals"] == []
    assert other not in said.text
    assert third not in said.text
    table = client.get(f"/v1/plans/{plan}/assignments", **admin).json()["assignments"]
    theirs = next(r["account_id"] for r in table if r["territory_id"] == other)
    hidden, unknown = (client.get(path.format(name), **manager) for name in (theirs, "none"))
    assert problem(hidden, 404)["detail"].replace(theirs, "") == (
        problem(unknown, 404)["detail"].replace("none", "")
    )
    problem(client.get("/v1/engagement", **manager), 403)
    problem(challenge(client, plan, account, other, **manager), 422)
    # Theirs or unknown: the answer to a challenge is the same.
    answers = [challenge(client, plan, name, own, **manager) for name in (theirs, "none")]
    assert [a.status_code for a in answers] == [201, 201]
    shown = [{k: v for k, v in a.json().items() if k not in ("id", "account", "created_at")}
             for a in answers]  # fmt: skip
    assert shown[0] == shown[1]
    challenge(client, plan, account, other, **admin)
    listed = client.get("/v1/challenges", **manager).json()["challenges"]
    assert [c["territory"] for c in listed] == [own, own]
    number = answers[0].json()["id"]
    key = admin["headers"] | {"If-Match": "*"}
    problem(decide(client, number, "refuse", **manager), 403)
    assert decide(client, number, "refuse", headers=key).json()["explanation"] is not None
    listed = client.get("/v1/challenges?state=refused", **manager).json()["challenges"]
    assert [c["explanation"] for c in listed] == [None]
    problem(decide(client, answers[1].json()["id"], "accept", headers=key), 404)
    assert decide(client, answers[1].json()["id"], "refuse", headers=key).status_code == 200
