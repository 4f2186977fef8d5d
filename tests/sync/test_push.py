import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import push
from bailiwick_client.salesforce import org as sf
from sales.planfiles import plan_files, write_files
from tests.cli.conftest import run  # noqa: F401
from tests.cli.made_up import Run
from tests.packs.made_up import A, B, C, plan
from tests.sync.fake_salesforce import DOMAIN, KEY, MODEL, SECRET, Org, serving, sf_id

MODEL_OPTION = ("--territory-model", MODEL)


@pytest.fixture
def org(monkeypatch: pytest.MonkeyPatch) -> Iterator[Org]:
    org = Org()
    for number, account in enumerate((A, B, C)):
        org.accounts[account] = {"Id": account, "OwnerId": sf_id("005", number)}
    with serving(org) as session:
        monkeypatch.setattr(
            push,
            "connect",
            lambda: sf.connect(
                domain=DOMAIN, consumer_key=KEY, consumer_secret=SECRET,
                sleep=lambda _: None, session=session,
            ),
        )  # fmt: skip
        yield org


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    bundle = plan([(A, "T01"), (B[:15], "T02"), (C, "T02"), ("no id", "T01")])
    write_files(tmp_path / "plan", plan_files(bundle))
    return tmp_path / "plan"


def test_a_plan_is_pushed_and_a_second_time_nothing_is_left(
    run: Run,  # noqa: F811
    org: Org,
    directory: Path,
    tmp_path: Path,
) -> None:
    old = org.add_territory("T02")
    ended = org.add_territory("T09")
    org.associate(A, old)
    org.associate(C, ended)
    users = tmp_path / "users.csv"
    users.write_text(f"rep,user_id\nAnn,{sf_id('005', 77)[:15]}\n")
    results = tmp_path / "results.csv"
    options = (*MODEL_OPTION, "--territory-type", "0M5x", "--users", users, "--results", results)
    done = run("push", directory, *options)
    assert done.code == 0, done.err
    assert "no id" in done.out
    assert [org.territories_of(a) for a in (A, B, C)] == [{"T01"}, {"T02"}, {"T02"}]
    assert org.accounts[A]["OwnerId"] == sf_id("005", 77)
    assert org.accounts[B]["OwnerId"] == sf_id("005", 1)
    made = next(t for t in org.territories.values() if t["DeveloperName"] == "T01")
    assert (made["Name"], made["Territory2TypeId"]) == ("West", "0M5x")
    rows = list(csv.DictReader(results.read_text().splitlines()))
    assert [r["action"] for r in rows] == ["territory", *["delete"] * 2, *["insert"] * 3, "owner"]
    assert {r["ok"] for r in rows} == {"yes"}
    writes = org.writes
    assert run("push", directory, *options).code == 0
    assert org.writes == writes


def test_refused_rows_are_told_and_the_others_written(
    run: Run,  # noqa: F811
    org: Org,
    directory: Path,
    tmp_path: Path,
) -> None:
    org.add_territory("T01")
    org.refused.add(A)
    results = tmp_path / "results.csv"
    done = run("push", directory, *MODEL_OPTION, "--results", results)
    assert done.code == 3
    assert "frozen by finance" in done.out
    assert "T02 is not there" in done.out
    rows = {r["account"]: r for r in csv.DictReader(results.read_text().splitlines())}
    assert [(a, rows[a]["ok"]) for a in (A, B, C)] == [(A, "no"), (B, "no"), (C, "no")]
    org.refused.clear()
    org.add_territory("T02")
    assert run("push", directory, *MODEL_OPTION).code == 0
    assert org.territories_of(A) == {"T01"}


def test_without_credentials_or_with_wrong_ones_it_is_said_in_words(
    run: Run,  # noqa: F811
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SALESFORCE_DOMAIN", raising=False)
    done = run("push", directory, *MODEL_OPTION)
    assert done.code == 2
    assert "SALESFORCE_DOMAIN is not set" in done.err


def test_what_salesforce_refuses_as_a_whole_is_said_in_words(
    run: Run,  # noqa: F811
    org: Org,
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(org, "select", lambda soql: int("not a number"))
    done = run("push", directory, *MODEL_OPTION)
    assert done.code == 2
    assert "MALFORMED_QUERY" in done.err
