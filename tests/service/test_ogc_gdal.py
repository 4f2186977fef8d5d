"""GDAL's own OGC API – Features client against a real served app: what QGIS and others do."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from app.store import migrate
from app.store.database import Database
from sales.export_layers import account_points, territory_areas, unit_areas
from tests.service import recorded_service
from tests.service.ogc_plan import KENTUCKY, bundle, publish_plan
from tests.service.test_served import free_port, served


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the service is asked, a line per request."""
    return tmp_path_factory.mktemp("log") / "requests.log"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[str]:
    url = f"sqlite:///{tmp_path_factory.mktemp('gdal') / 'served.db'}"
    database = Database(url)
    migrate.upgrade(database)
    publish_plan(database)
    database.close()
    with served(url, free_port(), "-m", recorded_service.__name__, str(log)) as (_, address):
        yield f"OAPIF:{address}/ogc"


def read(service: str, layer: str, **how: object) -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(service, layer=layer, **how)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


def test_all_layers_are_there_and_whole(service: str) -> None:
    listed = {str(name) for name, _ in pyogrio.list_layers(service)}
    assert listed == {"territories", "regions", "areas", "cells", "accounts", "reps"}
    plan = bundle()
    for layer, key, own in (
        ("territories", "id", territory_areas(plan)),
        ("cells", "cell", unit_areas(plan)),
        ("accounts", "account_id", account_points(plan)),
    ):
        found = read(service, layer)
        assert found.crs == "OGC:CRS84"
        assert list(found[key]) == list(own[key]), layer
        placed = own.geometry.notna()
        assert list(found.geometry.notna()) == list(placed)
        there, here = (np.array(f.geometry[placed].tolist()) for f in (found, own))
        assert shapely.equals_exact(there, here, 1e-6).all(), layer
    assert list(read(service, "reps")["name"]) == ["Ann", "Bo", "Ünï"]


def test_a_box_is_answered_by_the_service(service: str, log: Path) -> None:
    lat, lng = KENTUCKY
    box = (lng - 0.1, lat - 0.1, lng + 0.1, lat + 0.1)
    found = read(service, "cells", bbox=box)
    assert "bbox=" in log.read_text()  # the box went over the wire
    whole = read(service, "cells")
    assert 0 < len(found) < len(whole)
    assert set(found["cell"]) == set(whole.cx[box[0] : box[2], box[1] : box[3]]["cell"])


def test_small_pages_are_put_together(service: str, log: Path) -> None:
    whole = read(service, "cells")
    paged = read(service, "cells", PAGE_SIZE="7", INITIAL_REQUEST_PAGE_SIZE="7")
    assert list(paged["cell"]) == list(whole["cell"])
    assert "offset=126" in log.read_text()
    assert len(whole) == 127


@pytest.mark.parametrize(
    "where",
    ["potential > 100", "territory_id = 'T02'", "potential >= 20 AND territory_id <> 'T01'",
     "territory_id IN ('T01', 'T03')", "cell LIKE '852%'"],
)  # fmt: skip
def test_conditions_select_the_same_as_locally(service: str, where: str, log: Path) -> None:
    whole = read(service, "cells")
    table = whole.drop(columns="geometry")
    local = {
        "potential > 100": table["potential"] > 100,
        "territory_id = 'T02'": table["territory_id"] == "T02",
        "potential >= 20 AND territory_id <> 'T01'": (table["potential"] >= 20)
        & (table["territory_id"] != "T01"),
        "territory_id IN ('T01', 'T03')": table["territory_id"].isin(["T01", "T03"]),
        "cell LIKE '852%'": table["cell"].str.startswith("852"),
    }[where]
    found = read(service, "cells", where=where)
    if " IN " not in where:  # which GDAL does itself
        assert "filter-lang=cql-text" in log.read_text().splitlines()[-1]
    assert list(found["cell"]) == list(table["cell"][local])


def test_a_file_made_by_gdal_from_the_service_opens(service: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.gpkg"
    pyogrio.write_dataframe(read(service, "territories"), target, layer="territories")
    assert len(pyogrio.read_dataframe(target)) == 3
