from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.api.matching import names
from app.api.permissions import RULES
from app.cli.main import cli
from app.main import create_app, serve
from app.settings import Settings
from app.store import keys
from app.store.database import Database
from app.store.regions import Branch
from app.store.tables import ApiKey, now
from geo.errors import BailiwickError, OptionError
from tests.service.client import Client, problem, running
from tests.service.keyed import bearer, keep_tree, new_key
from tests.service.made_up import keep_plan


@pytest.fixture
def admin(client: Client) -> dict[str, str]:
    return bearer(new_key(client, "admin"))


def test_with_the_first_key_everybody_needs_one(client: Client) -> None:
    assert client.get("/v1/plans").status_code == 200
    made = client.post("/v1/keys", json={"name": "first", "role": "admin"})
    assert made.status_code == 201
    refused = client.get("/v1/plans")
    assert problem(refused, 401)["code"] == "unauthenticated"
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/v1/plans", headers=bearer(made.json()["key"])).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/favicon.ico"])
def test_probes_and_assets_need_no_key(client: Client, admin: dict[str, str], path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get_from("10.0.0.7", path).status_code == 200


def test_an_asset_of_the_map_needs_no_key(client: Client, admin: dict[str, str]) -> None:
    assert client.get("/static/vendor/none.js").status_code == 404


def test_another_machine_is_answered_if_it_shows_a_key(
    client: Client, admin: dict[str, str]
) -> None:
    assert client.get_from("10.0.0.7", "/v1/plans", headers=admin).status_code == 200
    problem(client.get_from("10.0.0.7", "/v1/plans"), 401)
    foreign = admin | {"Host": "evil.example"}
    assert problem(client.get_from("10.0.0.7", "/v1/plans", headers=foreign), 403)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer bw_000000000000_00",
        "Bearer bw_",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        "Bearer bw__x",
    ],
)
def test_what_is_no_key_is_refused(client: Client, admin: dict[str, str], header: str) -> None:
    problem(client.get("/v1/plans", headers={"Authorization": header}), 401)


def test_a_key_with_another_secret_is_refused(client: Client, admin: dict[str, str]) -> None:
    changed = admin["Authorization"][:-1] + ("0" if admin["Authorization"][-1] != "0" else "1")
    problem(client.get("/v1/plans", headers={"Authorization": changed}), 401)


def test_only_the_hash_of_a_key_is_stored(database: Database) -> None:
    key = new_key(database, "planner")
    secret = key.rpartition("_")[2]
    assert len(bytes.fromhex(secret)) == 32
    with database.read() as session:
        (row,) = keys.listing(session)
        stored = " ".join(str(getattr(row, c.key)) for c in ApiKey.__table__.columns)
    assert secret not in stored
    assert key.split("_")[1] == row.prefix


def test_keys_are_listed_without_secrets_and_revoked_at_once(
    client: Client, admin: dict[str, str]
) -> None:
    wish = {"name": "crm", "role": "integrator", "scopes": ["route"]}
    made = client.post("/v1/keys", json=wish, headers=admin).json()
    own = bearer(made["key"])
    assert client.get("/v1/route?lat=1&lng=1", headers=own).status_code == 409
    listed = client.get("/v1/keys", headers=admin)
    assert made["key"].rpartition("_")[2] not in listed.text
    assert {k["name"]: k["created_by"].partition(" (")[0] for k in listed.json()["keys"]} == {
        "admin key": "tests", "crm": "admin key",
    }  # fmt: skip
    ended = client.ask("DELETE", f"/v1/keys/{made['prefix']}", headers=admin)
    assert ended.json()["revoked_at"] is not None
    problem(client.get("/v1/route?lat=1&lng=1", headers=own), 401)
    problem(client.ask("DELETE", "/v1/keys/none", headers=admin), 404)


def test_another_process_refuses_a_revoked_key_within_a_second(
    client: Client, settings: Settings, admin: dict[str, str]
) -> None:
    key = new_key(client, "planner")
    with running(create_app(settings)) as other:
        assert other.get("/v1/plans", headers=bearer(key)).status_code == 200
        client.ask("DELETE", f"/v1/keys/{keys.prefix_of(key)}", headers=admin)
        import time

        time.sleep(1.1)  # what docs/access.md promises
        problem(other.get("/v1/plans", headers=bearer(key)), 401)


def test_a_key_ends_when_it_expires(client: Client) -> None:
    database = client.services.database
    gone = new_key(database, "admin", expires_at=now() - timedelta(seconds=1))
    later = new_key(database, "admin", expires_at=now() + timedelta(hours=1))
    problem(client.get("/v1/plans", headers=bearer(gone)), 401)
    assert client.get("/v1/plans", headers=bearer(later)).status_code == 200


def test_last_use_is_noted_and_not_at_every_request(client: Client, admin: dict[str, str]) -> None:
    for _ in range(3):
        client.get("/v1/plans", headers=admin)
    client.services.keyring.close()  # waits for what is under way
    with client.services.database.read() as session:
        (row,) = keys.listing(session)
        first = row.last_used_at
    assert first is not None
    with client.services.database.write() as session:
        keys.used(session, row.prefix)
    with client.services.database.read() as session:
        assert keys.listing(session)[0].last_used_at == first


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "x", "role": "king"},
        {"name": "x", "role": "manager"},
        {"name": "x", "role": "manager", "region": "nowhere"},
        {"name": "x", "role": "planner", "region": "west"},
        {"name": "x", "role": "planner", "scopes": ["everything"]},
        {"name": "x", "role": "planner", "expires_at": "2001-01-01T00:00:00Z"},
        {"name": "x", "role": "planner", "expires_at": "2999-01-01T00:00:00"},
        {"name": "", "role": "planner"},
    ],
)
def test_an_impossible_key_is_refused(
    client: Client, admin: dict[str, str], wish: dict[str, object]
) -> None:
    problem(client.post("/v1/keys", json=wish, headers=admin), 422)


def test_every_route_has_a_line_in_the_table_and_every_line_a_route(settings: Settings) -> None:
    app = create_app(settings)
    app.state.services.close()
    found = names(app.routes)
    assert len(found) == len(set(found)) > 30
    assert set(found) == set(RULES)


def test_a_route_without_a_line_nobody_may_call(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.api.access.RULES", {k: v for k, v in RULES.items() if "plans" not in k}
    )
    assert problem(client.get("/v1/plans"), 403)["code"] == "forbidden"


# Independent of the table, so that a slip of the pen there is found here.
FORBIDDEN = {
    "planner": ["GET /v1/keys", "POST /v1/keys", "DELETE /v1/keys/x", "GET /v1/audit"],
    "integrator": [
        "POST /v1/datasets", "GET /v1/datasets", "POST /v1/plans", "POST /v1/plans/x/publish",
        "DELETE /v1/jobs/x", "PUT /v1/regions", "GET /v1/keys", "GET /v1/audit",
    ],
    "manager": [
        "POST /v1/datasets", "GET /v1/datasets", "GET /v1/datasets/x", "GET /v1/datasets/x/review",
        "GET /v1/datasets/x/accounts", "POST /v1/plans", "POST /v1/plans/x/publish",
        "GET /v1/jobs/x", "GET /v1/jobs/x/events", "DELETE /v1/jobs/x", "PUT /v1/regions",
        "GET /v1/keys", "POST /v1/keys", "GET /v1/audit",
    ],
}  # fmt: skip


@pytest.mark.parametrize("role", FORBIDDEN)
def test_what_a_role_may_not_do_is_refused(client: Client, role: str) -> None:
    keep_tree(client.services.database, Branch("west", "West"))
    region = "west" if role == "manager" else None
    header = bearer(new_key(client, role, region=region))
    for line in FORBIDDEN[role]:
        method, _, path = line.partition(" ")
        answer = client.ask(method, path, headers=header)
        body = problem(answer, 403)
        assert body["code"] == "forbidden", line
        assert "admin" in body["hint"]


def test_an_upload_is_refused_before_it_is_looked_at(client: Client) -> None:
    header = bearer(new_key(client, "integrator"))
    large = b"x" * int(client.services.settings.max_upload_mb * 1e6 + 1)
    problem(client.ask("POST", "/v1/datasets", content=large, headers=header), 403)


def test_scopes_narrow_a_key(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    header = bearer(new_key(client, "planner", scopes=["plans:read", "route"]))
    assert client.get(f"/v1/plans/{plan_id}", headers=header).status_code == 200
    assert client.get("/v1/route?lat=50&lng=9.9", headers=header).status_code == 200
    wish = {"dataset": "x", "territories": 1}
    refused = problem(client.post("/v1/plans", json=wish, headers=header), 403)
    assert "plans:write" in refused["hint"]
    problem(client.get("/v1/datasets", headers=header), 403)


def test_a_missing_page_is_missing_only_for_whoever_has_a_key(
    client: Client, admin: dict[str, str]
) -> None:
    problem(client.get("/v1/nothing"), 401)
    problem(client.get("/v1/nothing", headers=admin), 404)
    problem(client.ask("PATCH", "/v1/plans", headers=admin), 405)


def run(settings: Settings, *words: str) -> str:
    done = CliRunner().invoke(cli, ["keys", *words, "--database-url", settings.database_url])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_the_command_line_makes_the_first_key_and_revokes_it(settings: Settings) -> None:
    key = run(settings, "create", "--role", "admin", "--name", "me").strip()
    with running(create_app(settings)) as client:
        assert client.get_from("10.1.1.1", "/v1/keys", headers=bearer(key)).status_code == 200
    assert "admin  me" in run(settings, "list")
    assert key not in run(settings, "list", "--json")
    run(settings, "revoke", key.split("_")[1])
    with running(create_app(settings)) as client:
        problem(client.get("/v1/keys", headers=bearer(key)), 401)
        problem(client.get("/v1/keys"), 401)  # keys in use stay in use


@pytest.mark.parametrize(
    "words",
    [
        ("create", "--role", "king", "--name", "x"),
        ("create", "--role", "manager", "--name", "x"),
        ("create", "--role", "manager", "--name", "x", "--region", "nowhere"),
        ("create", "--role", "planner", "--name", "x", "--scope", "everything"),
        ("revoke", "none"),
    ],
)
def test_the_command_line_refuses_the_impossible(settings: Settings, words: tuple[str]) -> None:
    with pytest.raises(BailiwickError):
        run(settings, *words)


def test_it_listens_elsewhere_only_with_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listened = []
    monkeypatch.setattr("app.main.uvicorn.run", lambda app, **how: listened.append(how["host"]))
    settings = Settings(host="0.0.0.0", data_dir=tmp_path / "data", run_worker=False)
    with pytest.raises(OptionError, match="this machine only"):
        serve(settings)
    assert not (tmp_path / "data").exists()
    run(settings.model_copy(update={"database_url": settings.url}),
        "create", "--role", "admin", "--name", "me")  # fmt: skip
    serve(settings)
    assert listened == ["0.0.0.0"]
