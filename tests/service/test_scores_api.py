"""Scores, sizes and certainty, asked for over HTTP."""

from typing import Any

import pytest

from tests.service.client import Client, problem
from tests.service.keyed import bearer, new_key
from tests.service.real_plan import DATASET, keep_real_plan

MODEL: dict[str, Any] = {
    "deal": {"base": 2.0, "by": [{"column": "potential", "power": 1.0}]},
    "propensity": {"base": 0.5, "by": [{"column": "City", "values": {"Hamburg": 0.5}}]},
    "error": {"account": 0.2},
}


def test_scores_make_a_dataset_that_can_be_sized_and_judged(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    address = f"/v1/datasets/{DATASET}/scores"
    # "City" is a field, and fields may be named by their header
    answer = client.post(address, json={"model": MODEL, "explain": ["A0"]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    (reason,) = made["explained"]
    (part,) = reason["parts"]
    product = 1.0
    for term in part["terms"]:
        product *= term["value"]
    assert product == reason["potential"]
    new = made["dataset"]["id"]
    assert answer.headers["location"] == f"/v1/datasets/{new}"
    rows = client.get(f"/v1/datasets/{new}/accounts").json()["accounts"]
    before = client.get(f"/v1/datasets/{DATASET}/accounts").json()["accounts"]
    assert rows[0]["potential"] == pytest.approx(before[0]["potential"] * 2.0 * 0.25)
    assert rows[0]["potential_sd"] == pytest.approx(rows[0]["potential"] * 0.2, abs=0.01)
    assert client.post(address, json={"model": MODEL}).json()["dataset"]["id"] == new
    entries = client.get("/v1/audit", params={"action": "dataset.score"}).json()["entries"]
    assert entries[0]["subject"] == new

    asked = {"dataset": new, "plan": plan, "model": {"quota": {"per_rep": 1e9}}}
    sized = client.post("/v1/sizing", json=asked)
    assert sized.status_code == 200, sized.text
    territories = sized.json()["sizing"]["territories"]
    assert len(territories) == 3
    assert all(t["reason"].startswith("too little potential") for t in territories)
    assert sized.json()["assumptions"]["travel"]["speed_kmh"] == 60.0

    question = {"dataset": new, "draws": 400, "tolerance": 0.5, "seed": 7}
    found = client.post(f"/v1/plans/{plan}/certainty", json=question).json()["certainty"]
    assert 0.0 <= found["all_within"] <= min(t["probability"] for t in found["territories"])
    again = client.post(f"/v1/plans/{plan}/certainty", json=question).json()["certainty"]
    assert again == found


def test_what_cannot_be_scored_is_refused(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    address = f"/v1/datasets/{DATASET}/scores"
    body = problem(client.post(address, json={"model": {"deal": {"bas": 1}}}), 422)
    assert body["code"] == "unusable_option"
    assert "deal.base" in body["detail"]
    nothing = {"deal": {"base": 1, "by": [{"column": "Tier", "power": 1}]}}
    assert problem(client.post(address, json={"model": nothing}), 422)["code"] == "missing_column"
    unknown = {"model": MODEL, "explain": ["B9"]}
    assert problem(client.post(address, json=unknown), 404)["code"] == "not_found"
    problem(client.post("/v1/datasets/ds_none/scores", json={"model": MODEL}), 404)
    problem(client.post("/v1/sizing", json={"dataset": "ds_none"}), 404)
    # without scores nothing is known of the error
    answer = client.post(f"/v1/plans/{plan}/certainty", json={})
    assert problem(answer, 422)["code"] == "missing_column"
    content = '{"model": {"name": "\\ud800", "deal": {"base": 1}}}'
    answer = client.post(address, content=content, headers={"content-type": "application/json"})
    assert problem(answer, 422)["code"] == "invalid_request"


def test_managers_neither_score_nor_size(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    headers = bearer(new_key(client.services.database, "manager"))
    for path, body in (
        (f"/v1/datasets/{DATASET}/scores", {"model": MODEL}),
        ("/v1/sizing", {"dataset": DATASET}),
        (f"/v1/plans/{plan}/certainty", {}),
    ):
        assert problem(client.post(path, json=body, headers=headers), 403)["code"] == "forbidden"
