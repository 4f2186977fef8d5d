"""Files of one territory: its outline, cells and accounts, and nothing of the others."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import sqlalchemy as sa

from app.store.tables import AuditEntry
from tests.service.client import Client, problem
from tests.service.ogc_plan import bundle, publish_plan


@pytest.fixture
def plan(client: Client) -> str:
    return publish_plan(client.services.database)


def test_a_territory_comes_as_every_kind_of_file(client: Client, plan: str, tmp_path: Path) -> None:
    whole = bundle()
    cells = int((whole.units["territory_id"] == "T02").sum())
    accounts = int((whole.assignments["territory_id"] == "T02").sum())
    url = f"/v1/plans/{plan}/territories/T02/export?format="
    got = {}
    for kind in ("geojson", "gpkg", "kml", "shp", "geoparquet", "csv", "xlsx"):
        answer = client.get(url + kind)
        assert answer.status_code == 200, answer.text
        assert f"{plan}-v1-T02" in answer.headers["content-disposition"]
        got[kind] = tmp_path / f"part.{kind if kind != 'shp' else 'zip'}"
        got[kind].write_bytes(answer.content)
    layers = {str(n): len(pyogrio.read_dataframe(got["gpkg"], layer=n))
              for n, _ in pyogrio.list_layers(got["gpkg"])}  # fmt: skip
    assert layers == {"territories": 1, "cells": cells, "accounts": accounts}
    assert [f["id"] for f in json.loads(got["geojson"].read_text())["features"]] == ["T02"]
    assert set(pd.read_csv(got["csv"])["territory_id"]) == {"T02"}
    assert len(pd.read_csv(got["csv"])) == accounts
    sheets = pd.read_excel(got["xlsx"], sheet_name=None)
    assert list(sheets["Territories"]["id"]) == ["T02"]
    assert set(sheets["Summary"]["Value"].astype(str)) >= {"1", str(accounts)}
    assert b"T01" not in got["csv"].read_bytes() + got["geojson"].read_bytes()
    assert list(gpd.read_parquet(got["geoparquet"])["id"]) == ["T02"]
    assert len(pyogrio.read_dataframe(got["kml"])) == 1
    with client.services.database.read() as session:
        entries = list(
            session.scalars(
                sa.select(AuditEntry)
                .where(AuditEntry.action == "plan.export")
                .order_by(AuditEntry.id)
            )
        )
    assert [entry.detail["format"] for entry in entries] == list(got)
    assert {(e.action, e.subject, e.detail["territory"]) for e in entries} == {
        ("plan.export", plan, "T02")
    }


def test_formats_of_one_layer_take_cells_or_accounts(
    client: Client, plan: str, tmp_path: Path
) -> None:
    url = f"/v1/plans/{plan}/territories/T02/export?format=geojson&layer="
    cells, accounts = (
        client.get(url + layer).json()["features"] for layer in ("cells", "accounts")
    )
    assert {f["geometry"]["type"] for f in cells} == {"Polygon"}
    assert {f["geometry"]["type"] for f in accounts} == {"Point"}
    assert {f["properties"]["territory_id"] for f in [*cells, *accounts]} == {"T02"}
    for kind in ("shp", "kml", "geoparquet"):
        answer = client.get(url.replace("geojson", kind) + "accounts")
        assert answer.status_code == 200
        if kind == "geoparquet":
            (tmp_path / "a.parquet").write_bytes(answer.content)
            assert len(gpd.read_parquet(tmp_path / "a.parquet")) == len(accounts)
    refused = problem(client.get(url.replace("geojson", "xlsx") + "cells"), 422)
    assert refused["code"] == "unusable_option"


def test_the_address_is_stable_and_has_an_etag(client: Client, plan: str) -> None:
    url = f"/v1/plans/{plan}/territories/T02/export?format=gpkg"
    tag = client.get(url).headers["etag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(url.replace("T02", "T01"), headers={"If-None-Match": tag}).status_code == 200


def test_what_is_not_there_is_said(client: Client, plan: str) -> None:
    problem(client.get(f"/v1/plans/{plan}/territories/T99/export?format=gpkg"), 404)
    problem(client.get(f"/v1/plans/{plan}/regions/R9/export?format=gpkg"), 404)
    problem(client.get(f"/v1/plans/{plan}/territories/T01/export?format=doc"), 422)
    problem(client.get("/v1/plans/none/territories/T01/export?format=gpkg"), 404)
