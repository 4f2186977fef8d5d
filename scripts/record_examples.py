"""Ask a small service once for everything, and keep what it answered for `/openapi.json`.

    python -m scripts.record_examples

An operation that is new gets a line in `asked`; tests/service/test_openapi.py says which has none.
"""

import json
import tempfile
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings import Settings
from tests.service.client import Client, running
from tests.service.made_up import keep_job, keep_plan
from tests.service.real_plan import keep_real_plan

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


Asking = Generator[Ask, Any, None]  # yields requests, and is sent what was answered


def asked(plan: str, real: str, other: str, job: str) -> Asking:
    """One request for each operation, in an order in which all succeed.

    `plan` is written by hand, `real` and `other` made by the solver, so that they can be edited.
    """
    here, of_dataset, of_job = {"plan_id": plan}, {"dataset_id": "ds_made_up"}, {"job_id": job}
    lead = {"id": "lead-1", "lat": 50.0, "lng": 10.1}
    wish = {"dataset": "ds_made_up", "territories": 2, "balance": ["potential:0.05"]}
    yield Ask("health_healthz", "GET", "/healthz")
    yield Ask("health_readyz", "GET", "/readyz")
    yield Ask("datasets_listing", "GET", "/v1/datasets")
    yield Ask("datasets_dataset", "GET", "/v1/datasets/{dataset_id}", of_dataset)
    yield Ask("datasets_review", "GET", "/v1/datasets/{dataset_id}/review", of_dataset)
    yield Ask("datasets_accounts", "GET", "/v1/datasets/{dataset_id}/accounts", of_dataset)
    yield Ask("plans_start", "POST", "/v1/plans", body=wish | {"name": "West"})
    yield Ask("plans_listing", "GET", "/v1/plans")
    yield Ask("plans_plan", "GET", "/v1/plans/{plan_id}", here)
    yield Ask("plans_territories", "GET", "/v1/plans/{plan_id}/territories", here)
    yield Ask(
        "plans_territory", "GET", "/v1/plans/{plan_id}/territories/{territory}",
        here | {"territory": "T01"},
    )  # fmt: skip
    yield Ask("plans_assignments", "GET", "/v1/plans/{plan_id}/assignments", here)
    yield Ask("plans_start_export", "POST", "/v1/plans/{plan_id}/exports", here, {"format": "gpkg"})
    drawn = {"maps": 20, "seed": 0}
    yield Ask(
        "plans_start_ensemble", "POST", "/v1/plans/{plan_id}/ensemble", {"plan_id": real}, drawn
    )
    what_if = {"name": "Ann leaves", "leaves": ["Ann"], "max_disruption": "10%"}
    yield Ask(
        "plans_start_scenarios", "POST", "/v1/plans/{plan_id}/scenarios", here,
        {"scenarios": [what_if]},
    )  # fmt: skip
    yield Ask("plans_scenarios", "GET", "/v1/plans/{plan_id}/scenarios", here)
    yield Ask("jobs_job", "GET", "/v1/jobs/{job_id}", of_job)
    yield Ask("jobs_stop", "DELETE", "/v1/jobs/{job_id}", of_job)
    yield from _scored(real)
    yield from _edited(real)
    yield from _published(real, other, plan)
    yield Ask("route_route", "POST", "/v1/route", body={"points": [lead]})
    yield Ask("route_route_one", "GET", "/v1/route", {"lat": 50.0, "lng": 10.1})
    yield from _kept()
    yield from _contested(real)
    yield from _told()
    yield from _governed(plan)


def _scored(plan: str) -> Asking:
    model = {
        "name": "by hand",
        "deal": {"base": 1.0, "by": [{"column": "potential", "power": 1.0}]},
        "propensity": {"base": 0.25},
        "error": {"account": 0.3},
    }
    of_real = {"dataset_id": "ds_real"}
    body = {"model": model, "explain": ["A0"]}
    made = yield Ask("datasets_score", "POST", "/v1/datasets/{dataset_id}/scores", of_real, body)
    rules = {"quota": {"per_rep": 300.0}}
    yield Ask(
        "sizing_size", "POST", "/v1/sizing",
        body={"dataset": "ds_real", "plan": plan, "model": rules},
    )  # fmt: skip
    yield Ask(
        "plans_certain", "POST", "/v1/plans/{plan_id}/certainty", {"plan_id": plan},
        {"dataset": made["dataset"]["id"], "draws": 500},
    )  # fmt: skip


def _edited(plan: str) -> Asking:
    here, path, anything = {"plan_id": plan}, "/v1/plans/{plan_id}", {"if-match": "*"}
    rows = yield Ask("plans_assignments", "GET", path + "/assignments", here)
    row = rows["assignments"][0]
    to = next(
        r["territory_id"]
        for r in rows["assignments"]
        if r["territory_id"] not in ("", row["territory_id"])
    )
    moves = {
        "moves": [{"account": row["account_id"], "territory": to}],
        "reason": "the rep knows them",
    }
    yield Ask("plans_move", "POST", path + "/moves", here, moves, {"if-match": '"1-draft"'})
    why = {"reason": "a mistake"}
    yield Ask("plans_undo", "POST", path + "/undo", here, why, anything)
    yield Ask("plans_redo", "POST", path + "/redo", here, {"reason": "none"}, anything)
    yield Ask("plans_history", "GET", path + "/history", here)
    days = {"since": "2026-01-01", "today": "2026-04-01", "dataset": "ds_real"}
    yield Ask("diagnoses_drift", "GET", path + "/drift", here | days)
    compared = here | {"with": plan, "with_version": 1}
    yield Ask("plans_compare", "GET", path + "/compare", compared)


def _published(first: str, second: str, third: str) -> Asking:
    path, anything = "/v1/plans/{plan_id}", {"if-match": "*"}
    publish = ("publications_publish", "POST", path + "/publish")
    yield Ask(*publish, {"plan_id": first}, {"reason": "the new year"}, anything)
    yield Ask(*publish, {"plan_id": second}, {"reason": "the new year"}, anything)
    yield Ask(
        "publications_rollback", "POST", "/v1/publications/rollback",
        body={"reason": "too soon"},
    )  # fmt: skip
    later = {"effective_at": "2999-01-01T00:00:00Z", "reason": "the new year"}
    made = yield Ask(*publish, {"plan_id": third}, later, anything)
    yield Ask("publications_listing", "GET", "/v1/publications")
    yield Ask(
        "publications_withdraw", "DELETE", "/v1/publications/{number}",
        {"number": made["publication"]},
    )  # fmt: skip
    yield Ask("publications_archive", "POST", path + "/archive", {"plan_id": third}, None, anything)


def _kept() -> Asking:
    rules = {"outside": "nearest", "nearest_km": 50.0}
    yield Ask("routing_change_rules", "PUT", "/v1/routing", {}, rules, {"if-match": "*"})
    yield Ask("routing_rules", "GET", "/v1/routing")
    place = {"lat": 53.55, "lng": 10.0}
    here = {"external_id": "001Aa00000abcdeAAA"}
    path = "/v1/accounts/{external_id}"
    yield Ask("accounts_upsert", "PUT", path, here, place)
    rows = {"accounts": [place | {"external_id": "001Aa00000abcdfAAA"}]}
    yield Ask("accounts_upsert_batch", "POST", "/v1/accounts:batch", body=rows)
    yield Ask("accounts_account", "GET", path, here)
    yield Ask("changes_changes", "GET", "/v1/changes")
    yield Ask("routing_overrides", "GET", "/v1/overrides")
    yield Ask("routing_replace_overrides", "PUT", "/v1/overrides", body={"overrides": []})
    named = {"rep": "Ann", "reason": "named account"}
    yield Ask("routing_set_override", "PUT", "/v1/overrides/{external_id}", here, named)


def _contested(plan: str) -> Asking:
    rules = {
        "precedence": ["override", "named", "holdover", "geography", "incumbent"],
        "holdover": {"days": 90, "pipeline": 10_000.0},
        "named": [{"account": "A7", "rep": "Ann", "from": "2026-01-01", "reason": "key account"}],
    }
    anything = {"if-match": "*"}
    yield Ask("engagement_change", "PUT", "/v1/engagement", {}, rules, anything)
    yield Ask("engagement_rules", "GET", "/v1/engagement")
    rows = yield Ask(
        "plans_assignments", "GET", "/v1/plans/{plan_id}/assignments", {"plan_id": plan}
    )
    account, own = (rows["assignments"][0][key] for key in ("account_id", "territory_id"))
    to = next(r["territory_id"] for r in rows["assignments"] if r["territory_id"] not in ("", own))
    yield Ask(
        "engagement_explanation", "GET",
        "/v1/plans/{plan_id}/accounts/{account_id}/explanation",
        {"plan_id": plan, "account_id": account, "territory": to},
    )  # fmt: skip
    wish = {"plan": plan, "account": account, "territory": to, "reason": "I know the buyer"}
    made = yield Ask("challenges_bring", "POST", "/v1/challenges", body=wish)
    yield Ask("challenges_listing", "GET", "/v1/challenges")
    decision = {"decision": "accept", "reason": "true"}
    yield Ask(
        "challenges_decide", "POST", "/v1/challenges/{challenge_id}/decision",
        {"challenge_id": made["id"]}, decision, anything,
    )  # fmt: skip


def _told() -> Asking:
    wanted = {"url": "https://93.184.215.14/hook", "events": ["plan.published"]}
    made = yield Ask("webhooks_create", "POST", "/v1/webhooks", body=wanted)
    here, path = {"webhook_id": made["id"]}, "/v1/webhooks/{webhook_id}"
    yield Ask("webhooks_listing", "GET", "/v1/webhooks")
    yield Ask("webhooks_webhook", "GET", path, here)
    yield Ask("webhooks_rotate", "POST", path + "/rotate", here)
    yield Ask("webhooks_enable", "POST", path + "/enable", here)
    yield Ask("webhooks_test", "POST", path + "/test", here)
    sent = yield Ask("webhooks_deliveries", "GET", path + "/deliveries", here)
    yield Ask(
        "webhooks_redeliver", "POST", path + "/deliveries/{delivery_id}/redeliver",
        here | {"delivery_id": sent["deliveries"][0]["id"]},
    )  # fmt: skip


def _governed(plan: str) -> Asking:
    tree = {
        "regions": [
            {"id": "west", "name": "West", "kind": "region", "parent": None, "reps": ["Ann"]}
        ]
    }
    yield Ask("regions_put", "PUT", "/v1/regions", body=tree)
    yield Ask("regions_listing", "GET", "/v1/regions")
    yield Ask("regions_roll_up", "GET", "/v1/plans/{plan_id}/regions", {"plan_id": plan})
    # From here on callers need the key.
    made = yield Ask("keys_create", "POST", "/v1/keys", body={"name": "Ops", "role": "admin"})
    bearer = {"authorization": f"Bearer {made['key']}"}
    yield Ask("keys_listing", "GET", "/v1/keys", headers=bearer)
    yield Ask("audit_listing", "GET", "/v1/audit", headers=bearer)
    yield Ask(
        "keys_revoke", "DELETE", "/v1/keys/{prefix}", {"prefix": made["prefix"]}, None, bearer
    )


def record(client: Client) -> dict[str, Any]:
    """The examples, by operation."""
    database = client.services.database
    plan, (job, _) = keep_plan(database), keep_job(database)
    real, other = keep_real_plan(database, 0), keep_real_plan(database, 1)
    found: dict[str, Any] = {"datasets_upload": _upload(client)}
    found["diagnoses_diagnose"] = _diagnosis(client)
    asking = asked(plan, real, other, job)
    ask = next(asking)
    while True:
        query = {k: v for k, v in ask.parameters.items() if f"{{{k}}}" not in ask.path}
        answer = client.ask(
            ask.method, ask.path.format(**ask.parameters), params=query, json=ask.body,
            headers=ask.headers,
        )  # fmt: skip
        assert answer.is_success, (ask, answer.text)
        kind = answer.headers["content-type"].partition(";")[0]
        own = {k: v for k, v in ask.headers.items() if k != "authorization"}
        example: dict[str, Any] = {"parameters": ask.parameters | own}
        if ask.body is not None:
            example["request"] = {"application/json": ask.body}
        body = answer.json()
        example["responses"] = {str(answer.status_code): {kind: shortened(body)}}
        found.setdefault(ask.operation, example)
        try:
            ask = asking.send(body)
        except StopIteration:
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


def _diagnosis(client: Client) -> dict[str, Any]:
    ids = [f"A{i}" for i in range(59)]
    alignment = [f"{a},T{i % 2},R{i % 2}" for i, a in enumerate(ids)]
    bookings = [
        f"{a},{day},{5 + i % 7},R{(i + half) % 2}"
        for i, a in enumerate(ids)
        for half, day in enumerate(("2025-09-01", "2025-02-03"))
    ]
    files = {
        "alignment": "\n".join(["account_id,territory,rep", *alignment]),
        "bookings": "\n".join(["account_id,close_date,amount,rep", *bookings]),
    }
    form = {"dataset": "ds_real", "period": "half"}
    answer = client.post(
        "/v1/diagnoses", data=form, files={n: (f"{n}.csv", t) for n, t in files.items()}
    )
    assert answer.status_code == 200, answer.text
    shown = {name: "\n".join(text.split("\n")[:3]) for name, text in files.items()}
    return {
        "parameters": {},
        "request": {"multipart/form-data": form | shown},
        "responses": {"200": {"application/json": shortened(answer.json())}},
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
