import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import app.errors
import geo.errors
from app.errors import STATUS, status_of
from app.main import create_app
from app.settings import Settings
from geo.errors import BailiwickError
from tests.service.client import Client, problem, running


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


def tree(kind: type[BailiwickError]) -> set[type[BailiwickError]]:
    return {kind}.union(*(tree(child) for child in kind.__subclasses__()))


def ours() -> list[type[BailiwickError]]:
    modules = (geo.errors.__name__, app.errors.__name__)
    found = tree(BailiwickError)
    assert len(found) > 15
    return sorted((k for k in found if k.__module__ in modules), key=lambda k: k.__name__)


@pytest.mark.parametrize("kind", ours())
def test_every_error_has_a_status_of_its_own(kind: type[BailiwickError]) -> None:
    assert kind in STATUS
    assert "code" in vars(kind)


def test_an_error_of_another_module_has_the_status_of_its_parent() -> None:
    class Special(geo.errors.MissingColumnError):
        code = "special"

    assert status_of(Special("x")) == 422


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("PUT", "/v1/plans", 405, "method_not_allowed"),
        ("GET", "/static/none.js", 404, "not_found"),
        ("GET", "/static/../main.py", 404, "not_found"),
        ("GET", "/v1/plans?limit=0", 422, "invalid_request"),
        ("GET", "/v1/plans?limit=x", 422, "invalid_request"),
        ("GET", "/v1/plans/x/assignments?after=99999999999999999999", 422, "invalid_request"),
        ("GET", "/v1/plans/pl_no", 404, "not_found"),
        ("GET", "/v1/plans/pl_no/map", 404, "not_found"),
        ("GET", "/v1/plans/pl_no/export?format=docx", 422, "invalid_request"),
        ("POST", "/v1/plans/pl_no/publish", 428, "precondition_required"),
    ],
)
def test_every_refusal_has_the_same_shape(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    assert problem(client.ask(method, path), status)["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"points": [{"lat": NaN, "lng": 1}]}',
        b'{"points": [{"lat": 1e999, "lng": 1}]}',
        b'{"points": [{"id": {"a": NaN}}]}',
        b'{"points": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"\xff\xfe{",
        b"{",
        b"[" * 2000,
        b"null",
        b"",
    ],
)
def test_a_hostile_body_is_refused_not_a_defect(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/route", content=body, headers=headers)
    problem(answer, answer.status_code)
    assert 400 <= answer.status_code < 500


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), run_worker=False)
    with running(create_app(settings)) as client:
        yield client


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("dataset", "territories", "reps", "balance", "resolution", "seed", "name", "market")


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wish=st.dictionaries(st.sampled_from(_FIELDS), _JSON))
def test_no_wish_at_all_is_a_defect(lasting: Client, wish: dict[str, object]) -> None:
    content = json.dumps(wish).encode()
    headers = {"Content-Type": "application/json"}
    answer = lasting.post("/v1/plans", content=content, headers=headers)
    problem(answer, answer.status_code)
    assert answer.status_code in (404, 422)


def test_a_defect_of_ours_tells_nothing_of_its_inner_life(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret inner life")

    with running(app) as client:
        answer = client.get("/broken")
    assert problem(answer, 500)["code"] == "internal"
    assert "secret" not in answer.text


def test_a_lost_database_is_said_to_be_unavailable(settings: Settings) -> None:
    lost = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    from app.store.database import Database

    with running(create_app(settings)) as client:
        client.services.database.close()
        client.services.database = Database(lost.url)
        assert problem(client.get("/v1/plans"), 503)["code"] == "unavailable"
        assert problem(client.get("/readyz"), 503)["code"] == "unavailable"
        assert client.get("/healthz").status_code == 200
