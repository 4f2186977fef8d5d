import io
import zipfile

import pytest

from tests.service.client import Client, problem
from tests.service.made_up import keep_plan


@pytest.mark.parametrize("fmt", ["salesforce", "hubspot", "dynamics"])
def test_the_service_gives_packs_and_the_same_bytes_again(client: Client, fmt: str) -> None:
    plan, former = keep_plan(client.services.database), keep_plan(client.services.database)
    address = f"/v1/plans/{plan}/export?format={fmt}"
    pack = client.get(address)
    assert pack.headers["content-type"] == "application/zip"
    assert client.get(address).content == pack.content
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        left = archive.read("not_exported.csv").decode()
    assert "A-1" in left
    changes = client.get(f"{address}&former={former}&territory_model=0MA1")
    assert changes.status_code == 200
    if fmt == "salesforce":
        with zipfile.ZipFile(io.BytesIO(changes.content)) as archive:
            assert "ObjectTerritory2Association_delete.csv" in archive.namelist()
    problem(client.get(f"{address}&former=pl_none"), 404)


def test_the_service_gives_the_table_of_postal_codes(client: Client) -> None:
    plan = keep_plan(client.services.database)
    table = client.get(f"/v1/plans/{plan}/export?format=postal")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.startswith("postal_code,country,territory_id,territory,rep,")
