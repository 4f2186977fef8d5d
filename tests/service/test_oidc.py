"""Signing in through an OpenID provider, and its tokens in place of keys."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.main import create_app
from app.settings import Settings, check_bind
from app.store import audit
from app.store.regions import Branch
from geo.errors import OptionError
from tests.service.client import Client, problem, running
from tests.service.fake_oidc import CLIENT_ID, CLIENT_SECRET, Fake, provider
from tests.service.keyed import keep_tree
from tests.service.made_up import keep_plan

OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

# Fixed, so that every process that collects the tests names them alike.
_PAST, _FUTURE = 1_500_000_000, 4_000_000_000


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


@pytest.fixture
def fake() -> Iterator[Fake]:
    with provider() as fake:
        yield fake


@pytest.fixture
def signing(settings: Settings, fake: Fake) -> Iterator[Client]:
    """A service whose people sign in at the fake."""
    wanted = {
        "oidc_issuer": fake.issuer, "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET, "oidc_audience": "bailiwick-api",
        "oidc_roles": {"sales-ops": "planner", "it": "admin", "heads": "manager",
                       "planner": "planner"},
    }  # fmt: skip
    with running(create_app(settings.model_copy(update=wanted))) as client:
        yield client


class Browser:
    """Keeps cookies and follows where it is sent, as far as this service goes."""

    def __init__(self, client: Client, fake: Fake) -> None:
        self.client, self.fake, self.cookies = client, fake, httpx.Cookies()

    def ask(self, method: str, url: str, **options: Any) -> httpx.Response:
        headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"} | options.pop(
            "headers", {}
        )
        jar = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.client.ask(method, url, headers=headers | {"Cookie": jar}, **options)
        self.cookies.extract_cookies(answer)
        return answer

    def begin(self, following: str = "/") -> tuple[str, str]:
        sent = self.ask("GET", f"/auth/oidc?next={following}")
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"{self.fake.issuer}/authorize?")
        return self.fake.authorize(sent.headers["location"])

    def sign_in(self, following: str = "/") -> httpx.Response:
        code, state = self.begin(following)
        return self.ask("GET", f"/auth/callback?code={code}&state={state}")


@pytest.fixture
def browser(signing: Client, fake: Fake) -> Browser:
    return Browser(signing, fake)


def test_a_page_sends_people_to_sign_in_and_back(browser: Browser) -> None:
    plan_id = keep_plan(browser.client.services.database)
    wanted = f"/v1/plans/{plan_id}/map?x=1"
    sent = browser.ask("GET", wanted)
    assert sent.status_code == 303
    page = browser.ask("GET", sent.headers["location"])
    assert f"/auth/oidc?next=/v1/plans/{plan_id}/map%3Fx%3D1" in page.text
    back = browser.sign_in(f"/v1/plans/{plan_id}/map%3Fx%3D1")
    assert back.headers["location"] == wanted
    assert browser.ask("GET", wanted).status_code == 200
    assert "ann@example.com" in browser.ask("GET", "/").text


def test_the_cookie_is_for_this_service_only(browser: Browser) -> None:
    cookie = browser.sign_in().headers.get_list("set-cookie")[0]
    assert cookie.startswith("bailiwick_session=")
    assert {"HttpOnly", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}


def test_over_https_the_cookie_stays_there(settings: Settings, fake: Fake) -> None:
    wanted = {
        "oidc_issuer": fake.issuer, "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET, "public_url": "https://maps.example",
    }  # fmt: skip
    with running(create_app(settings.model_copy(update=wanted))) as client:
        browser = Browser(client, fake)
        named = {"Host": "maps.example"}
        sent = browser.ask("GET", "/auth/oidc", headers=named)
        assert "Secure" in sent.headers["set-cookie"]
        assert (
            "redirect_uri=https%3A%2F%2Fmaps.example%2Fauth%2Fcallback"
            in (sent.headers["location"])
        )


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": _PAST},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_signs_nobody_in(
    browser: Browser, claims: dict[str, object]
) -> None:
    browser.fake.claims = claims
    answer = browser.sign_in()
    problem(answer, 401)
    assert "bailiwick_session" not in browser.cookies


def test_a_token_signed_by_another_signs_nobody_in(browser: Browser) -> None:
    forged = RSAKey.generate_key(2048, {"kid": "one"})
    real = browser.fake.token
    browser.fake.token = lambda **claims: real(key=forged, **claims)  # type: ignore[method-assign]
    problem(browser.sign_in(), 401)


def test_a_code_is_taken_once_and_by_the_browser_that_began(browser: Browser) -> None:
    code, state = browser.begin()
    stranger = Browser(browser.client, browser.fake)
    address = f"/auth/callback?code={code}&state={state}"
    problem(stranger.ask("GET", address), 401)
    problem(browser.ask("GET", f"/auth/callback?code={code}&state=another"), 401)
    assert browser.ask("GET", address).status_code == 303
    problem(browser.ask("GET", address), 401)
    problem(browser.ask("GET", "/auth/callback?error=access_denied&state=x"), 401)


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_sent_elsewhere(browser: Browser, following: str) -> None:
    assert browser.sign_in(following).headers["location"] == "/"


def test_whoever_has_no_role_here_stays_out(browser: Browser) -> None:
    browser.fake.claims = {"roles": ["cooks"]}
    assert problem(browser.sign_in(), 403)["code"] == "forbidden"


def test_a_manager_signs_in_to_their_region(browser: Browser) -> None:
    plan_id = keep_plan(browser.client.services.database)
    keep_tree(browser.client.services.database, Branch("west", "West", reps=("Ann",)))
    browser.fake.claims = {"roles": "heads", "region": "west"}
    browser.sign_in()
    plan = browser.ask("GET", f"/v1/plans/{plan_id}")
    assert [t["id"] for t in plan.json()["territories"]] == ["T01"]
    problem(browser.ask("GET", "/v1/datasets"), 403)
    browser.fake.claims = {"roles": ["heads"]}
    problem(browser.sign_in(), 403)


def test_the_widest_role_counts(browser: Browser) -> None:
    browser.fake.claims = {"roles": ["heads", "it"], "region": "west"}
    browser.sign_in()
    assert browser.ask("GET", "/v1/audit").status_code == 200


def test_with_the_cookie_only_own_pages_change_something(browser: Browser) -> None:
    browser.sign_in()
    tree: dict[str, object] = {"json": {"regions": []}}
    assert browser.ask("PUT", "/v1/regions", headers=OWN, **tree).status_code == 200
    for foreign in (
        {},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1"},
    ):
        answer = browser.ask("PUT", "/v1/regions", headers=foreign, **tree)
        assert problem(answer, 403)["code"] == "forbidden_origin"


def test_signing_out_ends_it_here_and_there(browser: Browser) -> None:
    browser.sign_in()
    out = browser.ask("POST", "/auth/sign-out", headers=OWN)
    assert out.headers["location"].startswith(f"{browser.fake.issuer}/end?")
    assert browser.ask("GET", "/").status_code == 303


def test_a_forged_or_old_cookie_is_none(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.sign_in()
    good = browser.cookies["bailiwick_session"]
    claims = {"name": "eve", "role": "admin", "aud": "bailiwick_session",
              "exp": int(time.time()) + 60}  # fmt: skip
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + good.split(".")[1] + "."
    flow = browser.client.services.seal.close("bailiwick_flow", claims, 60)
    old = browser.client.services.seal.close("bailiwick_session", claims, -60)
    other = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 40))
    for bad in (unsigned, flow, old, other, good[:-2], "", "x.y.z"):
        browser.cookies.set("bailiwick_session", bad, domain="localhost.local", path="/")
        header = {"Cookie": f"bailiwick_session={bad}"}
        problem(browser.client.get("/v1/plans", headers=header), 401)


def test_a_session_is_recorded(browser: Browser) -> None:
    browser.sign_in()
    with browser.client.services.database.read() as session:
        (entry,) = audit.entries(session, audit.Wanted(action="session.begin"), limit=10)
    assert entry.actor == "ann@example.com"


# Access tokens in place of API keys.


def ask(client: Client, token: str) -> httpx.Response:
    return client.get("/v1/plans", headers={"Authorization": f"Bearer {token}"})


def test_an_access_token_is_as_good_as_a_key(signing: Client, fake: Fake) -> None:
    token = fake.token(aud=["bailiwick-api", "others"], roles=["sales-ops"])
    assert ask(signing, token).status_code == 200
    wish = {"name": "x", "role": "planner"}
    header = {"Authorization": f"Bearer {token}"}
    problem(signing.post("/v1/keys", json=wish, headers=header), 403)
    assert ask(signing, fake.token(aud="bailiwick-api", roles=["cooks"])).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": CLIENT_ID},  # an id token is no access token
        {"aud": None},
        {"aud": "bailiwick-api", "iss": "https://evil.example"},
        {"aud": "bailiwick-api", "exp": _PAST},
        {"aud": "bailiwick-api", "exp": None},
        {"aud": "bailiwick-api", "nbf": _FUTURE},
    ],
    ids=str,
)
def test_an_access_token_that_is_not_for_us_now_is_refused(
    signing: Client, fake: Fake, claims: dict[str, Any]
) -> None:
    problem(ask(signing, fake.token(**claims)), 401)


def signed_with(public: bytes, issuer: str) -> str:
    """A token whose HMAC secret is the provider's public key, which everybody knows."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    claims = {
        "iss": issuer, "aud": "bailiwick-api", "sub": "x", "roles": ["it"],
        "exp": int(time.time()) + 60,
    }  # fmt: skip
    head = part(b'{"alg":"HS256","kid":"one"}')
    signed = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(public, signed.encode(), 'sha256'))}"


def test_a_token_with_a_bad_signature_is_refused(signing: Client, fake: Fake) -> None:
    good = fake.token(aud="bailiwick-api")
    assert ask(signing, good).status_code == 200
    head, body, signature = good.split(".")
    forged = fake.token(aud="bailiwick-api", roles=["it"]).split(".")[1]
    public = fake.keys[0].as_pem(private=False)
    for bad in (
        f"{head}.{forged}.{signature}",
        f"{head}.{body}.",
        f"eyJhbGciOiJub25lIn0.{body}.",
        fake.token(key=RSAKey.generate_key(2048, {"kid": "one"}), aud="bailiwick-api"),
        signed_with(public, fake.issuer),
        "x", "..", "a.b.c", "\u00e9",
    ):  # fmt: skip
        answer = signing.get("/v1/plans", headers={"Authorization": f"Bearer {bad}".encode()})
        problem(answer, 401)


def test_new_keys_of_the_provider_are_found(
    signing: Client, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(signing, fake.token(aud="bailiwick-api")).status_code == 200
    fake.keys.insert(0, ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}))
    token = fake.token(aud="bailiwick-api", alg="ES256")
    before = len(fake.asked)
    for _ in range(5):  # not a question to the provider for every unknown key
        problem(ask(signing, token), 401)
    assert len(fake.asked) == before
    monkeypatch.setattr("app.oidc.provider._AGAIN_S", -1.0)
    assert ask(signing, token).status_code == 200


def test_a_provider_that_is_away_is_said(settings: Settings) -> None:
    wanted = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x", "oidc_audience": "x"}
    with running(create_app(settings.model_copy(update=wanted))) as client:
        problem(ask(client, "a.b.c"), 503)
        problem(client.get("/auth/oidc"), 503)
        assert client.get("/healthz").status_code == 200


def test_with_a_provider_nobody_is_answered_without_a_sign_in(signing: Client) -> None:
    problem(signing.get("/v1/plans"), 401)
    problem(signing.get_from("10.0.0.7", "/v1/plans"), 401)


def test_without_a_provider_there_is_no_such_way(client: Client) -> None:
    problem(client.get("/auth/oidc"), 404)
    problem(client.get("/auth/callback?code=x&state=y"), 404)


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "http://provider.example", "oidc_client_id": "x"},
        {"oidc_issuer": "provider", "oidc_client_id": "x"},
        {"oidc_issuer": "https://provider.example"},
        {"oidc_roles": "sales=king"},
        {"session_secret": "short"},
        {"public_url": "http://maps.example"},
    ],
)
def test_an_unsafe_setting_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="BAILIWICK_"):
        Settings(**given)


def test_the_service_may_listen_elsewhere_if_it_is_guarded() -> None:
    check_bind(Settings(host="0.0.0.0"), guarded=True)
