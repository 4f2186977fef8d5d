"""The description of the API is valid, complete, and true of what the service answers."""

from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from app.main import create_app
from app.settings import Settings
from scripts.record_examples import record
from tests.service.client import Client

PROBLEM = "application/problem+json"
# Pages and files of bytes, which no example could show.
# Pages, files, streams, and what has a definition of its own (`/ogc/api`).
WITHOUT_BODY = {
    "plans_plan_map", "plans_plan_export", "plans_territory_export", "plans_region_export",
    "jobs_events", "jobs_result", "health_metrics", "webhooks_remove", "accounts_delete",
    "routing_end_override", "plans_plan_report", "plans_territory_report",
    "ogc_landing", "ogc_conformance", "ogc_api", "ogc_collections", "ogc_one_collection",
    "ogc_queryables", "ogc_items", "ogc_item",
}  # fmt: skip


@pytest.fixture
def database_url() -> str:
    """SQLite in the data directory: nothing here depends on the kind of database."""
    return ""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("data"), database_url=""))
    app.state.services.close()
    return app.openapi()


@pytest.fixture(scope="module")
def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [operation for path in schema["paths"].values() for operation in path.values()]
    by_id = {operation["operationId"]: operation for operation in found}
    assert len(by_id) == len(found) > 15
    return by_id


def test_it_is_valid_openapi_3_1(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    validate(schema)


def test_it_says_how_to_bring_a_key(schema: dict[str, Any]) -> None:
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert {"bearer": []} in schema["security"]


def test_every_operation_says_what_it_does(
    schema: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    described = {tag["name"] for tag in schema["tags"] if tag["description"]}
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= described


def test_every_refusal_is_a_problem_with_examples(operations: dict[str, dict[str, Any]]) -> None:
    for operation in operations.values():
        refusals = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        assert {"403", "406", "429", "500", "503"} <= refusals.keys()
        for status, refusal in refusals.items():
            assert list(refusal["content"]) == [PROBLEM]
            assert refusal["description"]
            for code, example in refusal["content"][PROBLEM]["examples"].items():
                assert example["value"]["code"] == code
                assert str(example["value"]["status"]) == status


def test_every_operation_has_examples_that_fit_its_schemas(
    schema: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    bare = set()
    for name, operation in operations.items():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        shown = 0
        for content in (c for body in bodies for c in body.get("content", {}).values()):
            for example in content.get("examples", {}).values():
                whole = content.get("schema", {}) | {"components": schema["components"]}
                jsonschema.validate(example["value"], whole)
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                shown += sum("examples" in c for c in response.get("content", {}).values())
        request = operation.get("requestBody", {}).get("content", {})
        if not shown or not all("examples" in content for content in request.values()):
            bare.add(name)
    assert bare == WITHOUT_BODY, "add them to scripts/record_examples.py and run it"


def test_the_examples_are_what_the_service_answers(
    client: Client, operations: dict[str, dict[str, Any]]
) -> None:
    for name, example in record(client).items():
        shown = operations[name]["responses"]
        for status, bodies in example["responses"].items():
            for kind, body in bodies.items():
                value = shown[status]["content"][kind]["examples"]["example"]["value"]
                assert keys_of(value) == keys_of(body), name


def keys_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: keys_of(inner) for key, inner in value.items()}
    return [keys_of(inner) for inner in value] if isinstance(value, list) else None
