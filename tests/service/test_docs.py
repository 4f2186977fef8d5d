"""What can be asked, set or go wrong is documented, and nothing else is."""

import re
from pathlib import Path

import pytest

from app.errors import HTTP_CODES, STATUS
from app.main import create_app
from app.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
HTTP = (DOCS / "http.md").read_text()
CONFIGURATION = (DOCS / "configuration.md").read_text()


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("data")))
    paths = app.openapi()["paths"]
    app.state.services.close()
    found = {f"{method.upper()} {path}" for path, ways in paths.items() for method in ways}
    assert len(found) > 15
    return found | {"GET /"}


def test_every_endpoint_is_documented_and_no_other(endpoints: set[str]) -> None:
    documented = set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE) /[^` ]*)` \|", HTTP, re.MULTILINE))
    assert documented == endpoints


def test_every_error_code_is_documented_with_its_status() -> None:
    documented = set(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", HTTP, re.MULTILINE))
    raised = {(str(status), kind.code) for kind, status in STATUS.items()}
    assert documented == raised | {(str(status), code) for status, code in HTTP_CODES.items()}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `BAILIWICK_(\w+)` \|", CONFIGURATION, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", ["port", "worker_nice", "job_attempts", "max_route_points"])
def test_documented_defaults_are_the_defaults(name: str) -> None:
    default = Settings.model_fields[name].default
    assert f"| `BAILIWICK_{name.upper()}` | `{default}` |" in CONFIGURATION
