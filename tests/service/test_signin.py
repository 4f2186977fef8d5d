"""Signing in with an API key, for people without a provider."""

import pytest

from tests.service.client import Client, problem
from tests.service.keyed import new_key

OWN = {"Origin": "http://localhost"}


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


def cookie(client: Client, key: str, following: str = "/") -> dict[str, str]:
    answer = client.post("/auth/key", data={"key": key, "next": following}, headers=OWN)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == following
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_browser_is_asked_who_it_is_and_a_program_told(client: Client) -> None:
    new_key(client, "admin")
    sent = client.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/auth/sign-in?next=%2F")
    assert 'name="key"' in client.get("/auth/sign-in").text
    problem(client.get("/", headers={"Accept": "*/*"}), 401)


def test_a_key_opens_a_session_that_ends_with_the_key(client: Client) -> None:
    key = new_key(client, "planner")
    session = cookie(client, key)
    assert key.rpartition("_")[2] not in session["Cookie"]
    assert 'id="upload"' in client.get("/", headers=session).text
    problem(client.get("/v1/keys", headers=session), 403)
    admin = {"Authorization": f"Bearer {new_key(client, 'admin')}"}
    client.ask("DELETE", f"/v1/keys/{key.split('_')[1]}", headers=admin)
    problem(client.get("/v1/plans", headers=session), 401)


def test_scopes_of_the_key_hold_in_its_session(client: Client) -> None:
    session = cookie(client, new_key(client, "planner", scopes=["plans"]))
    assert client.get("/v1/plans", headers=session).status_code == 200
    problem(client.get("/v1/datasets", headers=session), 403)


def test_a_wrong_key_is_said_on_the_page(client: Client) -> None:
    new_key(client, "admin")
    answer = client.post("/auth/key", data={"key": "bw_x_y", "next": "/"}, headers=OWN)
    assert answer.status_code == 403
    assert "unknown, expired or revoked" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost:3000"}, {"Origin": "http://evil.example"}]
)
def test_another_site_cannot_sign_somebody_in(client: Client, headers: dict[str, str]) -> None:
    key = new_key(client, "admin")
    problem(client.post("/auth/key", data={"key": key}, headers=headers), 403)


def test_the_page_cannot_be_made_to_hold_markup(client: Client) -> None:
    page = client.get("/auth/sign-in?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>" not in page
