"""The nightly sync between a Salesforce that speaks the wire format and the service itself."""

from pathlib import Path

from bailiwick_client import Bailiwick
from bailiwick_client.salesforce import org as sf
from scripts.nightly_sync import State, sync
from tests.service.client import Client
from tests.service.made_up import EAST, WEST, keep_plan
from tests.service.test_accounts_api import publish
from tests.service.test_client import InProcess
from tests.sync.fake_salesforce import DOMAIN, KEY, MODEL, SECRET, Org, serving, sf_id

USERS = {"Ann": sf_id("005", 7), "Bo": sf_id("005", 8)}


def night(client: Client, org: Org, state: Path) -> State:
    with (
        serving(org) as session,
        Bailiwick(transport=InProcess(client), sleep=lambda _: None) as bailiwick,
    ):
        connected = sf.connect(
            domain=DOMAIN, consumer_key=KEY, consumer_secret=SECRET, sleep=lambda _: None,
            session=session,
        )  # fmt: skip
        return sync(connected, bailiwick, state, MODEL, USERS)


def test_accounts_go_to_the_service_and_owners_come_back(client: Client, tmp_path: Path) -> None:
    org, state = Org(), tmp_path / "state.json"
    for name in ("T01", "T02"):
        org.add_territory(name)
    publish(client, keep_plan(client.services.database))
    moment = "2026-01-01T00:00:00.000+0000"
    west = org.add_account(
        1, moment, Name="W", BillingLatitude=WEST[0], BillingLongitude=WEST[1]
    )  # fmt: skip
    east = org.add_account(2, moment, Name="E", BillingLatitude=EAST[0], BillingLongitude=EAST[1])
    first = night(client, org, state)
    assert first.retry == {}
    assert org.territories_of(west) == {"T01"}
    assert org.territories_of(east) == {"T02"}
    assert org.accounts[west]["OwnerId"] == USERS["Ann"]
    writes = org.writes
    assert night(client, org, state).changes_since == first.changes_since
    assert org.writes == writes  # nothing changed, nothing is written
    client.ask(
        "PUT", f"/v1/overrides/{west}", json={"territory": "T02", "reason": "asked for"}
    ).raise_for_status()
    assert night(client, org, state).retry == {}
    assert org.territories_of(west) == {"T02"}
    assert org.accounts[west]["OwnerId"] == USERS["Bo"]
