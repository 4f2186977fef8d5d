"""One designed plan for all tests that only read it."""

from pathlib import Path

import pytest

from geo.geocode import default_geocoder
from sales.plan import PlanBundle
from sales.planfiles import plan_files
from sales.request import DesignRequest
from sales.segments.design import design_segments
from sales.segments.read import model_of
from sales.segments.staff import Staff
from tests.segments.made_up import MODEL, table


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PlanBundle:
    source = table(tmp_path_factory.mktemp("segments"))
    return design_segments(
        source, model_of(MODEL, "model.toml"), DesignRequest(effort="quick"), Staff(),
        geocoder=default_geocoder(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def files(plan: PlanBundle) -> dict[str, bytes]:
    return plan_files(plan)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.toml"
    path.write_text(MODEL, encoding="utf-8")
    return path
