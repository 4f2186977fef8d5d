import pytest

from app.store.regions import Branch, subtree
from tests.service.client import Client, problem
from tests.service.keyed import bearer, keep_tree, new_key
from tests.service.made_up import keep_plan

TREE = {
    "regions": [
        {"id": "all", "name": "Everywhere", "kind": "area"},
        {"id": "west", "parent": "all", "reps": ["Ann"]},
        {"id": "east", "parent": "all", "reps": ["Bo"]},
    ]
}


def test_the_tree_comes_back_as_given(client: Client) -> None:
    assert client.get("/v1/regions").json() == {"regions": []}
    answer = client.ask("PUT", "/v1/regions", json=TREE)
    assert answer.status_code == 200
    again = client.get("/v1/regions")
    assert again.json() == answer.json()
    assert again.headers["etag"] == answer.headers["etag"]
    assert [r["name"] for r in again.json()["regions"]] == ["Everywhere", "west", "east"]
    assert client.ask("PUT", "/v1/regions", json=again.json()).json() == again.json()


def test_a_tree_that_somebody_else_has_changed_is_not_overwritten(client: Client) -> None:
    seen = client.get("/v1/regions").headers["etag"]
    first = client.ask("PUT", "/v1/regions", json=TREE, headers={"If-Match": seen})
    assert first.status_code == 200
    late = client.ask("PUT", "/v1/regions", json={"regions": []}, headers={"If-Match": seen})
    problem(late, 412)
    assert len(client.get("/v1/regions").json()["regions"]) == 3


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ([{"id": "a"}, {"id": "a"}], "given twice"),
        ([{"id": "a", "parent": "b"}], "not in the tree"),
        ([{"id": "a", "parent": "b"}, {"id": "b", "parent": "a"}], "above itself"),
        ([{"id": "a", "parent": "a"}], "above itself"),
        ([{"id": "a", "reps": ["x"]}, {"id": "b", "reps": ["x"]}], "two regions"),
        ([{"id": "a", "territories": [{"plan": "none", "territory": "T01"}]}], "no plan"),
    ],
)
def test_what_is_no_tree_is_refused(
    client: Client, regions: list[dict[str, object]], words: str
) -> None:
    answer = client.ask("PUT", "/v1/regions", json={"regions": regions})
    assert words in problem(answer, 422)["detail"]
    assert client.get("/v1/regions").json() == {"regions": []}


def test_a_region_stays_while_a_key_is_limited_to_it(client: Client) -> None:
    keep_tree(client.services.database, Branch("west", "West"))
    admin = bearer(new_key(client, "admin"))
    manager = new_key(client, "manager", region="west")
    gone: dict[str, list[object]] = {"regions": []}
    problem(client.ask("PUT", "/v1/regions", json=gone, headers=admin), 409)
    client.ask("DELETE", f"/v1/keys/{manager.split('_')[1]}", headers=admin)
    assert client.ask("PUT", "/v1/regions", json=gone, headers=admin).status_code == 200


def test_territories_roll_up_to_regions_and_areas(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    client.ask("PUT", "/v1/regions", json=TREE)
    rolled = client.get(f"/v1/plans/{plan_id}/regions").json()
    by_id = {r["id"]: r for r in rolled["regions"]}
    assert by_id["west"]["territories"] == ["T01"]
    assert by_id["all"]["territories"] == ["T01", "T02"]
    assert by_id["all"]["measures"] == {"potential": 20.0}
    assert by_id["all"]["accounts"] == by_id["west"]["accounts"] + by_id["east"]["accounts"]
    assert by_id["all"]["deviation"] == 0.0
    assert rolled["unassigned"] == []


def test_a_territory_given_by_id_leaves_the_region_of_its_rep(client: Client) -> None:
    plan_id, other = (keep_plan(client.services.database) for _ in range(2))
    moved = {"plan": plan_id, "territory": "T02"}
    tree = {"regions": [{"id": "west", "reps": ["Ann"], "territories": [moved]},
                        {"id": "east", "reps": ["Bo"]}]}  # fmt: skip
    client.ask("PUT", "/v1/regions", json=tree)

    def west_of(plan: str) -> list[str]:
        return list(client.get(f"/v1/plans/{plan}/regions").json()["regions"][0]["territories"])

    assert west_of(plan_id) == ["T01", "T02"]
    assert west_of(other) == ["T01"]


def test_reps_keep_their_region_in_the_next_plan(client: Client) -> None:
    client.ask("PUT", "/v1/regions", json=TREE)
    manager = bearer(new_key(client, "manager", region="east"))
    for _ in range(2):
        plan_id = keep_plan(client.services.database)
        plan = client.get(f"/v1/plans/{plan_id}", headers=manager).json()
        assert [t["id"] for t in plan["territories"]] == ["T02"]


def test_a_manager_sees_their_part_of_the_tree(client: Client) -> None:
    client.ask("PUT", "/v1/regions", json=TREE)
    manager = bearer(new_key(client, "manager", region="east"))
    tree = client.get("/v1/regions", headers=manager)
    assert [r["id"] for r in tree.json()["regions"]] == ["east"]


def test_a_subtree_is_a_region_and_all_below_it() -> None:
    tree = (Branch("a", "", parent="b"), Branch("b", "", parent="c"), Branch("c", ""),
            Branch("d", ""))  # fmt: skip
    assert [b.id for b in subtree(tree, "b")] == ["a", "b"]
    assert subtree(tree, "nowhere") == ()
