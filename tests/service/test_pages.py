import re

import pytest

from tests.service.client import Client
from tests.service.made_up import keep_job, keep_plan


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


def nonce_of(policy: str) -> str:
    return policy.partition("'nonce-")[2].partition("'")[0]


def test_an_empty_service_shows_where_to_begin(client: Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert 'id="upload"' in page.text
    assert "No plan yet." in page.text


def test_the_page_shows_datasets_plans_and_work(client: Client) -> None:
    plan_id = keep_plan(client.services.database, name="West 2027")
    job_id, _ = keep_job(client.services.database)
    text = client.get("/").text
    assert "West 2027" in text
    assert "made up.csv" in text
    assert f'href="/v1/plans/{plan_id}/map"' in text
    assert f'data-job="{job_id}"' in text
    assert f'data-publish="{plan_id}" data-etag="&#34;1-draft&#34;"' in text


def test_a_plan_in_force_is_shown_as_such_and_not_offered_for_publishing(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    client.post(f"/v1/plans/{plan_id}/publish", headers={"If-Match": "*"}).raise_for_status()
    page = client.get("/")
    assert page.status_code == 200
    assert '<span class="state">published</span>' in page.text
    assert f'data-publish="{plan_id}"' not in page.text


def test_names_cannot_become_markup(client: Client) -> None:
    keep_plan(client.services.database, name="<img src=x onerror=alert(1)>'\"${7*7}{{7*7}}")
    text = client.get("/").text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text
    assert "{{7*7}}" in text


def test_only_the_own_script_runs_and_nothing_comes_from_elsewhere(client: Client) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    assert nonce_of(policy) != nonce_of(second.headers["content-security-policy"])
    tags = re.findall(r"<(?:script|style)[^>]*>", first.text)
    assert tags
    assert all(f'nonce="{nonce_of(policy)}"' in tag for tag in tags)
    assert not re.search(r"\son\w+=", first.text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", first.text)


def test_assets_of_the_map_are_served_and_kept_by_browsers(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    page = client.get(f"/v1/plans/{plan_id}/map").text
    assets = re.findall(r"""(?:src|href)=["'](/static/[^"']+)["']""", page)
    assert assets
    for asset in set(assets):
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        assert "max-age" in answer.headers["cache-control"]


def test_browsers_get_the_icon_they_ask_for(client: Client) -> None:
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
