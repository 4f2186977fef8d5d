import pytest

from app.main import create_app
from app.settings import Settings, check_bind, is_loopback
from geo.errors import OptionError
from tests.service.client import Client, problem, running


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


@pytest.mark.parametrize("peer", ["192.168.1.7", "8.8.8.8", "::ffff:10.0.0.1"])
def test_another_machine_is_refused(client: Client, peer: str) -> None:
    assert problem(client.get_from(peer, "/healthz"), 403)["code"] == "forbidden_origin"


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_answered(client: Client, peer: str) -> None:
    assert client.get_from(peer, "/healthz").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "["]
)
def test_a_foreign_name_for_this_machine_is_refused(client: Client, host: str) -> None:
    problem(client.get("/v1/plans", headers={"Host": host}), 403)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
def test_the_names_of_this_machine_are_answered(client: Client, host: str) -> None:
    assert client.get("/v1/plans", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_changes_nothing(client: Client, headers: dict[str, str]) -> None:
    files = {"file": ("a.csv", b"id\n1\n")}
    problem(client.post("/v1/datasets", files=files, headers=headers), 403)
    assert client.get("/v1/datasets").json()["datasets"] == []


def test_the_own_page_may_change_something(client: Client) -> None:
    own = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/v1/plans", json={"dataset": "x", "territories": 1}, headers=own)
    assert problem(answer, 404)["code"] == "not_found"


def test_other_machines_are_answered_where_that_is_allowed(settings: Settings) -> None:
    opened = settings.model_copy(update={"allow_remote": True, "allowed_hosts": ("maps.example",)})
    with running(create_app(opened)) as client:
        named = {"Host": "maps.example"}
        assert client.get_from("10.0.0.7", "/healthz", headers=named).status_code == 200
        problem(client.get_from("10.0.0.7", "/healthz"), 403)


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/", "/healthz", "/v1/none", "/static/none"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_the_service_does_not_listen_to_strangers(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(OptionError, match="this machine only"):
        check_bind(Settings(host=host))
    check_bind(Settings(host=host, allow_remote=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]"])
def test_the_service_listens_to_its_own_machine(host: str) -> None:
    check_bind(Settings(host=host))
