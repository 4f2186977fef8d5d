"""Laws of the upsert, on made-up batches."""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.client import Client
from tests.service.made_up import EAST, OUTSIDE, WEST, keep_plan
from tests.service.test_accounts_api import feed, publish

ROW = st.fixed_dictionaries(
    {"place": st.sampled_from([WEST, EAST, OUTSIDE, None]), "size": st.integers(0, 3)}
)
BATCH = st.dictionaries(st.sampled_from([f"N-{i}" for i in range(8)]), ROW, min_size=1)
few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def send(client: Client, rows: list[dict[str, Any]]) -> dict[str, Any]:
    answer = client.post("/v1/accounts:batch", json={"accounts": rows})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def rows_of(batch: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    found = []
    for name, row in batch.items():
        where = {} if row["place"] is None else {"lat": row["place"][0], "lng": row["place"][1]}
        found.append({"external_id": prefix + name, "size": row["size"], **where})
    return found


def owners(client: Client, prefix: str) -> dict[str, Any]:
    """Rebuilt from the feed alone."""
    found: dict[str, Any] = {}
    for change in feed(client):
        if change["account_id"].startswith(prefix):
            found[change["account_id"].removeprefix(prefix)] = (change["territory"], change["rep"])
    return {name: owner for name, owner in found.items() if owner != (None, None)}


@few
@given(BATCH)
def test_sending_twice_is_as_sending_once(client: Client, batch: dict[str, Any]) -> None:
    if not client.get("/v1/plans").json()["plans"]:
        publish(client, keep_plan(client.services.database))
    send(client, rows_of(batch))
    before = feed(client)
    again = send(client, rows_of(batch))
    assert again["unchanged"] == len(batch)
    assert feed(client) == before


@few
@given(BATCH, st.integers(0, 1000))
def test_the_order_of_a_batch_does_not_matter(
    client: Client, batch: dict[str, Any], seed: int
) -> None:
    if not client.get("/v1/plans").json()["plans"]:
        publish(client, keep_plan(client.services.database))
    mark = f"{len(feed(client))}-{seed}-"
    ordered, shuffled = rows_of(batch, f"a{mark}"), rows_of(batch, f"b{mark}")
    random.Random(seed).shuffle(shuffled)
    send(client, ordered)
    send(client, shuffled)
    first = owners(client, f"a{mark}")
    assert first == owners(client, f"b{mark}")
    for name, row in batch.items():
        now = client.get(f"/v1/accounts/a{mark}{name}").json()
        assert (now["territory"], now["rep"]) == first.get(name, (None, None))
        expected = {WEST: "Ann", EAST: "Bo"}.get(row["place"])
        assert now["rep"] == expected
