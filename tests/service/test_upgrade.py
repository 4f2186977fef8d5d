"""A database that an earlier release wrote goes on with this one, with all that it held."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.main import create_app
from app.settings import Settings
from app.store import migrate
from app.store.backup import write_archive
from app.store.database import Database
from app.store.restore import restore
from tests.service.client import Client, running

RELEASE = Path(__file__).parent / "data" / "release_0001.db"


@pytest.fixture
def former() -> Iterator[sqlite3.Connection]:
    """The file as it was."""
    connection = sqlite3.connect(f"file:{RELEASE}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@pytest.fixture
def upgraded(settings: Settings, tmp_path: Path) -> Iterator[Client]:
    """This release's service on that database, of either kind."""
    copy = tmp_path / "former.db"
    shutil.copyfile(RELEASE, copy)
    old, own = Database(f"sqlite:///{copy}"), Database(settings.url)
    write_archive(old, tmp_path / "former.zip")
    done = restore(own, tmp_path / "former.zip", force=False, upgrade=False)
    assert (done.revision, done.now_at) == ("0001", "0001")
    old.close()
    own.close()
    with running(create_app(settings)) as client:  # the start of the service upgrades
        assert migrate.current(client.services.database) == migrate.newest() != "0001"
        yield client


def rows(former: sqlite3.Connection, query: str, *given: Any) -> list[sqlite3.Row]:
    return former.execute(query, given).fetchall()


def test_plans_and_their_state_are_all_there(upgraded: Client, former: sqlite3.Connection) -> None:
    plans = {plan["id"]: plan for plan in upgraded.get("/v1/plans").json()["plans"]}
    before = rows(former, "SELECT * FROM plans")
    assert len(plans) == len(before) == 2
    for was in before:
        now = plans[was["id"]]
        assert (now["name"], now["state"], now["version"]) == (
            was["name"], was["state"], was["version"],
        )  # fmt: skip
        assert now["summary"] == json.loads(was["summary"])
        assert now["within_tolerance"] == bool(was["within_tolerance"])
        assert now["created_at"].startswith(was["created_at"].replace(" ", "T"))


def test_every_file_and_every_account_is_as_it_was(
    upgraded: Client, former: sqlite3.Connection
) -> None:
    for (plan_id,) in rows(former, "SELECT id FROM plans"):
        query = "SELECT * FROM assignments WHERE plan_id = ? ORDER BY position"
        before = [dict(row) for row in rows(former, query, plan_id)]
        now = upgraded.get(f"/v1/plans/{plan_id}/assignments").json()["assignments"]
        assert len(now) == len(before) == 61
        for is_, was in zip(now, before, strict=True):
            assert {name: was[name] for name in is_ if name in was} == is_
        files = "SELECT content FROM plan_files WHERE plan_id = ? AND name = ?"
        ((geojson,),) = rows(former, files, plan_id, "territories.geojson")
        assert upgraded.get(f"/v1/plans/{plan_id}/territories").json() == json.loads(geojson)
        ((document,),) = rows(former, files, plan_id, "plan.json")
        assert json.loads(document).items() <= upgraded.get(f"/v1/plans/{plan_id}").json().items()


def test_uploads_can_still_be_read_and_planned_from(
    upgraded: Client, former: sqlite3.Connection
) -> None:
    (was,) = rows(former, "SELECT * FROM datasets")
    now = upgraded.get(f"/v1/datasets/{was['id']}").json()
    assert (now["accounts"], now["review"], now["sha256"]) == (61, 1, was["sha256"])
    assert len(upgraded.get(f"/v1/datasets/{was['id']}/accounts").json()["accounts"]) == 61
    wish = {"dataset": was["id"], "territories": 2}
    assert upgraded.post("/v1/plans", json=wish).status_code == 202
    upload = {"file": ("again.csv", was["content"])}  # the same bytes are the same dataset
    assert upgraded.post("/v1/datasets", files=upload).json()["id"] == was["id"]


def test_jobs_are_remembered_with_their_reasons(
    upgraded: Client, former: sqlite3.Connection
) -> None:
    for was in rows(former, "SELECT * FROM jobs"):
        now = upgraded.get(f"/v1/jobs/{was['id']}").json()
        assert now["state"] == was["state"]
        assert now["error"] == (json.loads(was["error"]) if was["error"] else None)


def test_the_plan_in_force_still_says_whose_a_point_is(
    upgraded: Client, former: sqlite3.Connection
) -> None:
    query = (
        "SELECT a.* FROM assignments a JOIN plans p ON p.id = a.plan_id "
        "WHERE p.state = 'published' AND a.lat IS NOT NULL"
    )
    before = rows(former, query)
    points = [{"id": r["account_id"], "lat": r["lat"], "lng": r["lng"]} for r in before]
    answer = upgraded.post("/v1/route", json={"points": points}).json()
    assert answer["plan_state"] == "published"
    assert [r["territory"] for r in answer["results"]] == [r["territory_id"] for r in before]


def test_going_back_is_refused_in_words(settings: Settings) -> None:
    import sqlalchemy as sa

    from app.errors import UnavailableError

    database = Database(settings.url)
    migrate.upgrade(database)
    with database.write() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(UnavailableError, match="0999") as refused:
        migrate.upgrade(database)
    assert "or a newer one" in refused.value.hint
    database.close()
