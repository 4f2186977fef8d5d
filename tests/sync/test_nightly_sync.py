import json
from pathlib import Path

import httpx
import pytest
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from bailiwick_client import Bailiwick
from bailiwick_client.salesforce import org as sf
from bailiwick_client.salesforce.owners import Wanted, territory_ids, write_owners
from scripts.nightly_sync import State, read_state, read_users, sync
from tests.sync.fake_bailiwick import FakeBailiwick
from tests.sync.fake_salesforce import DOMAIN, KEY, MODEL, SECRET, Org, serving, sf_id

USERS = {"ann": sf_id("005", 7), "bo": sf_id("005", 8)}


class Night:
    """Both sides, and the state file between them."""

    def __init__(self, path: Path) -> None:
        self.org, self.fake, self.path = Org(), FakeBailiwick(), path / "state.json"
        self.ids = {name: self.org.add_territory(name) for name in ("T01", "T02")}

    def run(self) -> State:
        client = Bailiwick(
            "http://bailiwick", transport=httpx.MockTransport(self.fake), sleep=lambda _: None
        )
        with serving(self.org) as session, client:
            return sync(self.connect(session), client, self.path, MODEL, USERS)

    def connect(self, session: object) -> sf.Org:
        return sf.connect(
            domain=DOMAIN, consumer_key=KEY, consumer_secret=SECRET, sleep=lambda _: None,
            session=session,  # type: ignore[arg-type]
        )  # fmt: skip

    def account(self, number: int, **fields: object) -> str:
        moment = f"2026-01-01T00:{number % 60:02d}:00.000+0000"
        given = {"Name": f"N{number}", "BillingCity": "Reno", **fields}
        return self.org.add_account(number, moment, **given)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def test_changes_go_both_ways(night: Night) -> None:
    first, second = night.account(1), night.account(2)
    night.org.associate(first, night.ids["T01"])
    by_rule = night.org.associate(second, night.ids["T01"], cause="Territory2RuleAssociation")
    night.fake.own(first, "T02", "ann")
    night.fake.own(second, "T02", "unknown")
    state = night.run()
    assert night.fake.accounts[first] == {"external_id": first, "name": "N1", "city": "Reno"}
    assert night.org.territories_of(first) == {"T02"}
    assert night.org.accounts[first]["OwnerId"] == USERS["ann"]
    assert by_rule in night.org.associations  # what rules assign is theirs
    assert night.org.accounts[second]["OwnerId"] == sf_id("005", 1)
    assert (state.changes_since, state.retry) == (2, {})
    assert read_state(night.path) == state


def test_a_second_night_without_changes_writes_nothing(night: Night) -> None:
    night.fake.own(night.account(1), "T01", "bo")
    night.run()
    writes = night.org.writes
    night.run()
    assert night.org.writes == writes
    night.path.unlink()  # even if the state is lost
    night.run()
    assert night.org.writes == writes


def test_only_accounts_that_changed_are_pulled_again(night: Night) -> None:
    for number in (1, 2, 40):
        night.account(number)
    night.run()
    night.fake.accounts.clear()
    night.org.add_account(3, "2026-01-02T00:00:00.000+0000", Name="new", BillingCity="Elko")
    state = night.run()
    assert set(night.fake.accounts) == {sf_id("001", 40), sf_id("001", 3)}  # with the overlap
    assert state.accounts_until == "2026-01-02T00:00:00.000+0000"


def test_the_last_of_several_changes_counts_and_nobody_is_an_owner_too(night: Night) -> None:
    account = night.account(1)
    for territory in ("T01", "T02", "T01"):
        night.fake.own(account, territory)
    night.run()
    assert night.org.territories_of(account) == {"T01"}
    night.fake.own(account, "")
    night.run()
    assert night.org.territories_of(account) == set()


def test_rows_that_fail_are_told_and_tried_again(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, nowhere = night.account(1), night.account(2), night.account(3, BillingCity=None)
    for account in (good, bad):
        night.org.associate(account, night.ids["T01"])
        night.fake.own(account, "T02")
    night.fake.own(nowhere, "T99")
    night.org.refused.add(bad)
    state = night.run()
    assert night.org.territories_of(good) == {"T02"}
    assert night.org.territories_of(bad) == {"T01"}  # not in two
    assert "INSUFFICIENT_ACCESS" in state.retry[bad]
    assert "T99" in state.retry[nowhere]
    told = json.loads(capsys.readouterr().out)
    assert list(told["refused"]) == [nowhere]
    night.org.refused.clear()
    night.org.add_territory("T99")
    assert night.run().retry == {}
    assert night.org.territories_of(bad) == {"T02"}
    assert night.org.territories_of(nowhere) == {"T99"}


def test_a_locked_row_is_tried_again_in_the_same_night(night: Night) -> None:
    account = night.account(1)
    night.org.locked[account] = 2
    night.fake.own(account, "T01")
    assert night.run().retry == {}
    assert night.org.territories_of(account) == {"T01"}


@pytest.mark.parametrize("trouble", ["busy_every", "expire_every", "lose_every"])
def test_a_troubled_org_ends_up_right_all_the_same(night: Night, trouble: str) -> None:
    accounts = [night.account(n) for n in range(1, 41)]
    for n, account in enumerate(accounts):
        night.org.associate(account, night.ids["T01"])
        night.fake.own(account, "T02" if n % 3 else "T01", "bo")
    setattr(night.org, trouble, 3)
    night.fake.busy_every = 3
    state = night.run()
    assert (state.retry, state.changes_since) == ({}, 40)
    for n, account in enumerate(accounts):
        assert night.org.territories_of(account) == {"T02" if n % 3 else "T01"}
        assert night.org.accounts[account]["OwnerId"] == USERS["bo"]
    assert set(night.fake.accounts) == set(accounts)
    assert len(night.org.associations) == len(accounts)


class Killed(BaseException):
    pass


def run_until(night: Night, calls: int) -> bool:
    """A run that dies once so many calls have been answered; whether it got there."""
    with serving(night.org) as session:
        plain, made = session.request, 0

        def counted(*args: object, **options: object) -> object:
            nonlocal made
            answer = plain(*args, **options)  # type: ignore[arg-type]
            made += 1
            if made == calls:
                raise Killed
            return answer

        session.request = counted  # type: ignore[method-assign,assignment]
        client = Bailiwick("http://bailiwick", transport=httpx.MockTransport(night.fake))
        try:
            with client:
                sync(night.connect(session), client, night.path, MODEL, USERS)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("state_lost", [False, True])
def test_killed_after_any_call_the_next_run_ends_the_same(tmp_path: Path, state_lost: bool) -> None:
    for calls in range(1, 100):
        night = Night(tmp_path)
        night.path = tmp_path / f"{calls}.json"
        accounts = [night.account(n) for n in range(1, 5)]
        for n, account in enumerate(accounts):
            night.org.associate(account, night.ids["T01"])
            night.fake.own(account, "T02" if n % 2 else "T01", "ann")
        killed = run_until(night, calls)
        if state_lost:
            night.path.unlink(missing_ok=True)
        assert night.run().retry == {}
        for n, account in enumerate(accounts):
            assert night.org.territories_of(account) == {"T02" if n % 2 else "T01"}
            assert night.org.accounts[account]["OwnerId"] == USERS["ann"]
        assert len(night.org.associations) == len(accounts)
        assert set(night.fake.accounts) == set(accounts)
        if not killed:
            break
    assert calls > 8


def test_wrong_credentials_are_said(night: Night) -> None:
    with serving(night.org) as session, pytest.raises(SalesforceAuthenticationFailed):
        sf.connect(
            domain=DOMAIN, consumer_key=KEY, consumer_secret="wrong", sleep=lambda _: None,
            session=session,
        )  # fmt: skip


def test_more_accounts_than_one_call_takes(night: Night) -> None:
    with serving(night.org) as session:
        org = night.connect(session)
        wanted = {night.account(n): Wanted("T01", USERS["ann"]) for n in range(1, 252)}
        report = write_owners(org, wanted, territory_ids(org, MODEL))
    assert (report.inserted, report.owners, report.failed) == (251, 251, {})


def test_users_come_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("\ufeffrep,user_id\nann,005A\n")
    assert read_users(path) == {"ann": "005A"}
    assert read_users(None) == {}
