"""Ensembles by a job, and reports, through the API."""

import io
import json
import zipfile

import sqlalchemy as sa

from app.jobs.worker import run_next
from app.store.regions import Branch
from app.store.tables import AuditEntry
from tests.service.client import Client, problem
from tests.service.keyed import bearer, keep_tree, new_key
from tests.service.real_plan import keep_real_plan

from app.jobs.kinds import KINDS  # isort: skip


def work(client: Client) -> bool:
    services = client.services
    return run_next(services.database, services.settings, "w", KINDS)


def test_an_ensemble_is_a_job_whose_result_is_kept(client: Client) -> None:
    plan, other = (
        keep_real_plan(client.services.database),
        keep_real_plan(client.services.database, 1),
    )
    path = f"/v1/plans/{plan}/ensemble"
    wish = {"maps": 20, "seed": 5, "incumbent": other, "format": "zip"}
    answer = client.post(path, json=wish)
    assert answer.status_code == 202
    job = answer.headers["location"]
    assert problem(client.get(f"{job}/result"), 404)["code"] == "result_not_ready"
    assert work(client)
    assert client.get(job).json()["state"] == "done", client.get(job).json()
    got = client.get(f"{job}/result")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert {"ensemble.json", "figures.png", "reps.svg"} <= set(archive.namelist())
        document = json.loads(archive.read("ensemble.json"))
    assert document["maps"] == 20
    again = client.post(path, json=wish | {"format": "json"}).headers["location"]
    assert work(client)
    assert client.get(f"{again}/result").json() == document
    with client.services.database.read() as session:
        done = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "plan.ensemble"))
        assert [entry.subject for entry in done] == [plan, plan]
    tight = client.post(path, json={"maps": 20, "tolerance": 1e-6}).headers["location"]
    assert work(client)
    assert client.get(tight).json()["error"]["code"] == "unusable_option"
    problem(client.post(path, json={"maps": 5}), 422)
    problem(client.post(path, json=wish | {"incumbent": "pl_none"}), 404)


def test_reports_are_pages_and_pdf_the_same_each_time(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    for address in (f"/v1/plans/{plan}/report", f"/v1/plans/{plan}/territories/T01/report"):
        page = client.get(address)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"].startswith(
            "default-src 'none'; style-src 'sha"
        )
        assert page.text.startswith("<!doctype html>")
        pdf = client.get(f"{address}?format=pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert client.get(f"{address}?format=pdf").content == pdf.content
        problem(client.get(f"{address}?format=doc"), 422)
    problem(client.get(f"/v1/plans/{plan}/territories/T99/report"), 404)


def test_managers_get_reports_on_their_own_and_no_ensemble(client: Client) -> None:
    database = client.services.database
    plan = keep_real_plan(database)
    keep_tree(database, Branch("mine", "Mine", territories=((plan, "T02"),)))
    header = bearer(new_key(client, "manager", region="mine"))
    own = client.get(f"/v1/plans/{plan}/report", headers=header)
    assert "T02" in own.text
    assert "T01" not in own.text
    assert "T03" not in own.text
    near = client.get(f"/v1/plans/{plan}/territories/T02/report", headers=header)
    assert "T01" not in near.text
    other = problem(client.get(f"/v1/plans/{plan}/territories/T01/report", headers=header), 404)
    none = problem(client.get(f"/v1/plans/{plan}/territories/T99/report", headers=header), 404)
    assert other["detail"].replace("T01", "T99") == none["detail"]
    problem(client.post(f"/v1/plans/{plan}/ensemble", json={}, headers=header), 403)
    keep_tree(database, Branch("mine", "Mine"))
    problem(client.get(f"/v1/plans/{plan}/report", headers=header), 404)
