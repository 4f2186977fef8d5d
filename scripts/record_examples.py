"""Ask a small service once for everything, and keep what it answered for `/openapi.json`.

    python -m scripts.record_examples

An operation that is new gets a line in `asked`; tests/service/test_openapi.py says which has none.
"""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings import Settings
from tests.service.client import Client, running
from tests.service.made_up import keep_job, keep_plan

TARGET = Path(__file__).parents[1] / "app" / "api" / "examples.json"
_CSV = b"id,name,city,state,zip,potential\nA-1001,Quellisk Spice,Susanville,CA,96130,3800\n"
_LONGEST = 6  # of a list; the rest is left out


@dataclass(frozen=True)
class Ask:
    """A request, by the operation that it is an example of."""

    operation: str
    method: str
    path: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def asked(plan: str, dataset: str, job: str) -> list[Ask]:
    """One request for each operation, in an order in which all succeed."""
    here, of_dataset, of_job = {"plan_id": plan}, {"dataset_id": dataset}, {"job_id": job}
    berlin = {"id": "lead-1", "lat": 50.0, "lng": 10.1}
    wish = {"dataset": dataset, "territories": 2, "balance": ["potential:0.05"], "name": "West"}
    return [
        Ask("health_healthz", "GET", "/healthz"),
        Ask("health_readyz", "GET", "/readyz"),
        Ask("datasets_listing", "GET", "/v1/datasets"),
        Ask("datasets_dataset", "GET", "/v1/datasets/{dataset_id}", of_dataset),
        Ask("datasets_review", "GET", "/v1/datasets/{dataset_id}/review", of_dataset),
        Ask("datasets_accounts", "GET", "/v1/datasets/{dataset_id}/accounts", of_dataset),
        Ask("plans_start", "POST", "/v1/plans", body=wish),
        Ask("plans_listing", "GET", "/v1/plans"),
        Ask("plans_plan", "GET", "/v1/plans/{plan_id}", here),
        Ask("plans_territories", "GET", "/v1/plans/{plan_id}/territories", here),
        Ask(
            "plans_territory", "GET", "/v1/plans/{plan_id}/territories/{territory}",
            here | {"territory": "T01"},
        ),
        Ask("plans_assignments", "GET", "/v1/plans/{plan_id}/assignments", here),
        Ask(
            "plans_publish", "POST", "/v1/plans/{plan_id}/publish", here,
            headers={"if-match": '"1-draft"'},
        ),
        Ask("route_route", "POST", "/v1/route", body={"points": [berlin]}),
        Ask("route_route_one", "GET", "/v1/route", {"lat": 50.0, "lng": 10.1}),
        Ask("jobs_job", "GET", "/v1/jobs/{job_id}", of_job),
        Ask("jobs_stop", "DELETE", "/v1/jobs/{job_id}", of_job),
    ]  # fmt: skip


def record(client: Client) -> dict[str, Any]:
    """The examples, by operation."""
    database = client.services.database
    plan, (job, _) = keep_plan(database), keep_job(database)
    found: dict[str, Any] = {"datasets_upload": _upload(client)}
    for ask in asked(plan, "ds_made_up", job):
        query = {k: v for k, v in ask.parameters.items() if f"{{{k}}}" not in ask.path}
        answer = client.ask(
            ask.method, ask.path.format(**ask.parameters), params=query, json=ask.body,
            headers=ask.headers,
        )  # fmt: skip
        assert answer.is_success, (ask, answer.text)
        kind = answer.headers["content-type"].partition(";")[0]
        example: dict[str, Any] = {"parameters": ask.parameters | ask.headers}
        if ask.body is not None:
            example["request"] = {"application/json": ask.body}
        example["responses"] = {str(answer.status_code): {kind: shortened(answer.json())}}
        found[ask.operation] = example
    return found


def _upload(client: Client) -> dict[str, Any]:
    answer = client.post("/v1/datasets", files={"file": ("accounts.csv", _CSV)})
    assert answer.status_code == 201, answer.text
    form = {"file": _CSV.decode(), "columns": '{"potential": "potential"}'}
    return {
        "parameters": {},
        "request": {"multipart/form-data": form},
        "responses": {"201": {"application/json": answer.json()}},
    }


def shortened(value: Any) -> Any:
    """The same with long lists cut."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value[:_LONGEST]]
    return value


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings(data_dir=Path(directory), run_worker=False)
        with running(create_app(settings)) as client:
            examples = record(client)
    TARGET.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
