"""A manager sees their region and nothing else, whatever they ask."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.api.matching import names
from app.api.permissions import RULES
from app.jobs.pipeline import design_plan, read_upload
from app.jobs.work import Upload, Work
from app.main import create_app
from app.settings import Settings
from app.store import datasets, plans, publications
from app.store.regions import Branch
from geo.progress import silent
from sales.export import FORMATS
from sales.planfiles import read_bundle
from sales.trim import trimmed
from tests.service.client import Client, problem
from tests.service.keyed import bearer, keep_tree, new_key

REPS = [f"Rep-{c}-{c}" for c in "ABCDE"]
KEPT = settings(
    max_examples=6, phases=[Phase.generate], deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def upload(directory: Path) -> Upload:
    """120 accounts, one of them huge, one without a place and one twice."""
    rng = np.random.default_rng(3)
    lines = ["Account ID,Account Name,Latitude,Longitude,Potential"]
    for i in range(120):
        lat, lng = rng.uniform(40, 44), rng.uniform(-100, -94)
        potential = 5000 if i == 7 else rng.integers(1, 100)
        lines.append(f"Acct-{i:04d}x,Firm-{i:04d}y,{lat:.5f},{lng:.5f},{potential}")
    lines.append("Acct-lost-x,Firm-lost-y,,,5")
    lines.append("Acct-0003x,Firm-0003y,41.5,-97,5")
    path = directory / "crm.csv"
    path.write_text("\n".join(lines) + "\n")
    return Upload("crm.csv", path, {"columns": {}})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A real plan with rules, out of tolerance, so that every part of plan.json is there."""
    request = {
        "name": "x",
        "reps": [{"id": rep, "name": f"Name of {rep}"} for rep in REPS],
        "balance": [{"measure": "potential", "tolerance": 0.05}],
        "effort": "quick",
        "locks": [{"account_id": "Acct-0001x", "rep": REPS[0]}],
        "apart": [{"account_a": "Acct-0001x", "account_b": "Acct-0002x"}],
        "limits": [{"measure": "accounts", "max": 24.0}],
    }
    work = Work(upload(tmp_path_factory.mktemp("crm")), request)
    return design_plan(work, silent, lambda: False)


@pytest.fixture
def served(client: Client, files: dict[str, bytes], tmp_path: Path) -> str:
    """The plan, published, in a service."""
    reading = read_upload(upload(tmp_path))
    with client.services.database.write() as session:
        datasets.keep(
            session, dataset_id="ds_x", file_name="crm.csv", sha256="0" * 64,
            upload_id="up_x", overrides={}, reading=reading,
        )  # fmt: skip
        plans.add(session, plan_id="pl_x", dataset_id="ds_x", name="x", request={}, files=files)
        publications.publish(session, "pl_x", "*", actor="test")
    return "pl_x"


def text_of(answer: httpx.Response) -> str:
    """All that can be read in a body, in zip files too."""
    body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    if body[:4] == b"PAR1":
        body = pd.read_parquet(io.BytesIO(body)).to_csv().encode()
    return body.decode("utf-8", "replace")


def secrets_of(files: dict[str, bytes], own: set[str]) -> set[str]:
    """Whatever names an account, rep or territory that is not in `own`."""
    bundle = read_bundle(files)
    inside = bundle.assignments["territory_id"].isin(own)
    ids = set(bundle.assignments["account_id"][~inside])
    ids -= set(bundle.assignments["account_id"][inside])
    others = [t for t in bundle.document["territories"] if t["id"] not in own]
    names_of_others = {t["name"] for t in others} - {
        t["name"] for t in bundle.document["territories"] if t["id"] in own
    }
    return (
        ids
        | {i.replace("Acct", "Firm").removesuffix("x") + "y" for i in ids}
        | {t["rep"] for t in others}
        | names_of_others
    )


def addresses(client: Client, own_territories: list[str], account: str) -> Iterator[str]:
    """Every GET of the service, its parameters filled in with what there is."""
    app = client._app
    for name in names(app.routes):
        method, _, path = name.partition(" ")
        if method != "GET" or path == "/static":
            continue
        path = path.replace("{plan_id}", "pl_x").replace("{dataset_id}", "ds_x")
        path = path.replace("{job_id}", "jb_x").replace("{account_id}", account)
        path = path.replace("{external_id}", account)
        if "{collection_id}" in path:
            for collection in ("territories", "regions", "areas", "cells", "accounts", "reps"):
                one = path.replace("{collection_id}", collection)
                yield re.sub(r"\{feature_id(:path)?\}", quote(account), one)
                if one.endswith("/items"):
                    yield f"{one}?limit=1000"
                    yield f"{one}?level=region"
        elif path.endswith("/export"):
            for territory in own_territories if "{territory}" in path else [""]:
                one = path.replace("{territory}", quote(territory))
                for region in ("mine", "others") if "{region}" in one else ("",):
                    yield from (
                        f"{one.replace('{region}', region)}?format={fmt}" for fmt in FORMATS
                    )
        elif path == "/v1/route":
            yield from (f"{path}?lat={lat}&lng={lng}" for lat in (40.5, 42, 43.5)
                        for lng in (-99.5, -97, -94.5))  # fmt: skip
        elif "{territory}" in path:
            yield from (path.replace("{territory}", quote(t)) for t in own_territories)
        else:
            yield re.sub(r"\{\w+(:\w+)?\}", "x", path)


@KEPT
@given(own=st.sets(st.integers(0, 4), max_size=4), which=st.integers(0, 10_000))
def test_nothing_of_another_region_is_in_any_answer(
    client: Client, served: str, files: dict[str, bytes], own: set[int], which: int
) -> None:
    document = json.loads(files["plan.json"])
    by_rep = {t["rep"]: t["id"] for t in document["territories"]}
    mine = {by_rep[REPS[i]] for i in own}
    others = {by_rep[rep] for rep in REPS} - mine
    with client.services.database.write() as session:
        from app.store.tables import ApiKey

        session.query(ApiKey).delete()
    keep_tree(
        client.services.database,
        Branch("mine", "Mine", reps=tuple(REPS[i] for i in own)),
        Branch("others", "Others", reps=tuple(r for r in REPS if by_rep[r] in others)),
    )
    header = bearer(new_key(client, "manager", region="mine"))
    hidden = secrets_of(files, mine)
    theirs = sorted(i for i in hidden if i.startswith("Acct"))
    account = theirs[which % len(theirs)]
    seen = ""
    for address in addresses(client, sorted(by_rep.values()), account):
        told = "/export" in address or address == "/openapi.json"  # whatever is accepted
        for accept in ("*/*",) if told else ("*/*", "text/csv", "text/html"):
            answer = client.get(address, headers=header | {"Accept": accept})
            assert answer.status_code < 500, address
            text = text_of(answer).replace(address, "")
            if answer.status_code >= 400:
                text = text.replace(account, "")  # it may say what was asked for
            leaks = [secret for secret in hidden if secret in text]
            assert leaks[:1] == [], (address, accept)
            if answer.headers["content-type"].endswith("json") and answer.status_code == 200:
                named = [territory for territory in others if f'"{territory}"' in text]
                # The examples of the description are of another plan.
                assert named == [] or address == "/openapi.json", address
            seen += text
    assert [territory for territory in mine if f'"{territory}"' not in seen] == []


def test_the_plan_has_what_could_leak(files: dict[str, bytes]) -> None:
    """Else the test above would prove little."""
    document = json.loads(files["plan.json"])
    assert "Acct-0007x" in json.dumps(document["violations"])
    assert "Acct-0007x" in json.dumps(document["certificate"])
    assert "Acct-0001x" in json.dumps(document["rules"])
    assert "Acct-0001x" in json.dumps(document["provenance"])
    assert {"limit", "balance"} <= {v["kind"] for v in document["violations"]}


@pytest.fixture
def manager(client: Client, served: str) -> dict[str, str]:
    keep_tree(
        client.services.database,
        Branch("area", "Area", kind="area"),
        Branch("mine", "Mine", parent="area", reps=(REPS[0],)),
        Branch("next", "Next", parent="area", reps=(REPS[1],)),
        Branch("far", "Far", reps=tuple(REPS[2:])),
    )
    return bearer(new_key(client, "manager", region="mine"))


def test_a_manager_gets_their_own_part_whole(
    client: Client, manager: dict[str, str], files: dict[str, bytes]
) -> None:
    whole = read_bundle(files)
    (mine,) = (t for t in whole.document["territories"] if t["rep"] == REPS[0])
    plan = client.get("/v1/plans/pl_x", headers=manager).json()
    assert plan["territories"] == [mine]
    assert plan["summary"]["accounts"] == mine["accounts"]
    assert plan["summary"]["max_deviation"] == abs(mine["deviation"])
    assert 0 < plan["summary"]["rms_km"] < 2 * whole.document["summary"]["rms_km"]
    assert plan["summary"]["cut_edges"] == 0  # there is one territory only
    rows = client.get("/v1/plans/pl_x/assignments", headers=manager).json()["assignments"]
    own = whole.assignments[whole.assignments["territory_id"] == mine["id"]]
    assert [r["account_id"] for r in rows] == own["account_id"].tolist()
    csv = client.get("/v1/plans/pl_x/assignments", headers=manager | {"Accept": "text/csv"})
    expected = [
        line for line in files["assignments.csv"].decode().splitlines() if f",{mine['id']}," in line
    ]
    assert csv.text.splitlines()[1:] == expected
    (listed,) = client.get("/v1/plans", headers=manager).json()["plans"]
    assert listed["summary"] == plan["summary"]


def test_the_manager_of_an_area_gets_all_its_regions(
    client: Client, manager: dict[str, str]
) -> None:
    area = bearer(new_key(client, "manager", region="area"))
    reps = [t["rep"] for t in client.get("/v1/plans/pl_x", headers=area).json()["territories"]]
    assert sorted(reps) == REPS[:2]


def test_a_point_elsewhere_is_not_in_the_region_and_no_more_is_said(
    client: Client, manager: dict[str, str], files: dict[str, bytes]
) -> None:
    rows = read_bundle(files).assignments.dropna(subset=["lat"])
    points = [{"id": r.account_id, "lat": r.lat, "lng": r.lng} for r in rows.itertuples()]
    answer = client.post("/v1/route", json={"points": points}, headers=manager).json()["results"]
    for row, found in zip(rows.itertuples(), answer, strict=True):
        if row.rep == REPS[0]:
            assert (found["territory"], found["rep"]) == (row.territory_id, row.rep)
        else:
            assert found["code"] == "not_in_your_region"
            assert (found["territory"], found["territory_name"], found["rep"]) == (None,) * 3
            assert found["reason"] == "not in your region"


def test_a_manager_asks_by_account_and_of_the_queue(
    client: Client, served: str, manager: dict[str, str]
) -> None:
    with client.services.database.read() as session:
        rows = plans.assignments(session, served, 1, after=-1, limit=1000)
    mine = next(r.account_id for r in rows if r.rep == REPS[0])
    theirs = next(r.account_id for r in rows if r.rep not in ("", REPS[0]))
    admin = bearer(new_key(client, "admin"))
    rules = {"outside": "queue", "queue": "Inbound desk"}
    client.ask(
        "PUT", "/v1/routing", json=rules, headers=admin | {"If-Match": "*"}
    ).raise_for_status()
    points = [{"account": mine}, {"account": theirs}, {"lat": 10.0, "lng": 10.0}]
    answer = client.post("/v1/route", json={"points": points}, headers=manager)
    found, other, queued = answer.raise_for_status().json()["results"]
    assert found["rep"] == REPS[0]
    for hidden in (other, queued):
        assert hidden["code"] == "not_in_your_region"
        assert hidden["territory"] is hidden["rep"] is None
    assert "Inbound" not in answer.text


def test_another_regions_territory_is_as_missing_as_one_that_is_not_there(
    client: Client, manager: dict[str, str], files: dict[str, bytes]
) -> None:
    (other,) = (
        t["id"] for t in json.loads(files["plan.json"])["territories"] if t["rep"] == REPS[3]
    )
    base = "/v1/plans/pl_x/territories"
    hidden = problem(client.get(f"{base}/{other}", headers=manager), 404)
    missing = problem(client.get(f"{base}/T99", headers=manager), 404)
    assert hidden["detail"].replace(other, "T99") == missing["detail"]


def test_the_tag_of_a_part_is_not_that_of_the_whole(
    client: Client, manager: dict[str, str]
) -> None:
    admin = bearer(new_key(client, "admin"))
    part = client.get("/v1/plans/pl_x", headers=manager).headers
    whole = client.get("/v1/plans/pl_x", headers=admin).headers
    assert part["etag"] != whole["etag"]
    assert "Authorization" in part["vary"]
    asked = manager | {"If-None-Match": part["etag"]}
    assert client.get("/v1/plans/pl_x", headers=asked).status_code == 304
    keep_tree(client.services.database, Branch("mine", "Mine", reps=(REPS[0], REPS[1])))
    assert client.get("/v1/plans/pl_x", headers=asked).status_code == 200


def test_a_manager_whose_region_is_empty_sees_an_empty_plan(
    client: Client, manager: dict[str, str]
) -> None:
    keep_tree(client.services.database, Branch("mine", "Mine"))
    assert client.get("/v1/plans/pl_x", headers=manager).json()["territories"] == []
    assert client.get("/v1/plans/pl_x/assignments", headers=manager).json()["assignments"] == []
    problem(client.get("/v1/plans/pl_x/map", headers=manager), 404)
    problem(client.get("/v1/plans/pl_x/export?format=xlsx", headers=manager), 404)


def test_a_trimmed_plan_of_all_territories_keeps_all_rows(files: dict[str, bytes]) -> None:
    bundle = read_bundle(files)
    same = trimmed(bundle, [t["id"] for t in bundle.document["territories"]])
    assert same.document["territories"] == bundle.document["territories"]
    assert len(same.units) == len(bundle.units)
    assert same.outlines["features"] == bundle.outlines["features"]
    assert len(same.assignments) == bundle.document["summary"]["assigned"]
    summaries = same.document["summary"], bundle.document["summary"]
    ours, theirs = ([s["rms_km"], s["cut_edges"]] for s in summaries)
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_a_manager_s_pages_offer_nothing_they_may_not_do(
    client: Client, manager: dict[str, str]
) -> None:
    page = client.get("/", headers=manager | {"Accept": "text/html"}).text
    assert "data-publish" not in page
    assert 'id="upload"' not in page
    assert "crm.csv" not in page


def test_every_get_of_the_table_was_asked(settings: Settings) -> None:
    walked = {name for name in names(create_app(settings).routes) if name.startswith("GET")}
    assert walked == {name for name in RULES if name.startswith("GET")}
