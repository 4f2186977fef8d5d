"""OGC API – Features by its requirements: /req/core, /req/geojson, /req/html, /req/oas30."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import shapely
from openapi_spec_validator import validate

from app.ogc.documents import CONFORMANCE
from app.ogc.query import CRS84
from tests.service.client import Client, problem
from tests.service.made_up import keep_plan
from tests.service.ogc_plan import FIJI, IDS, bundle, publish_plan

COLLECTIONS = ("territories", "regions", "areas", "cells", "accounts", "reps")
ITEMS = "/ogc/collections/{}/items"


def data(response: httpx.Response, kind: str = "application/json") -> dict[str, Any]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == kind
    body: dict[str, Any] = response.json()
    return body


def items(client: Client, collection: str, **params: object) -> dict[str, Any]:
    return data(
        client.get(ITEMS.format(collection), params=params),
        "application/geo+json",
    )


def ids(found: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in found["features"]]


def _without_own_links(document: dict[str, Any]) -> dict[str, Any]:
    own = ("self", "alternate")
    return document | {"links": [k for k in document["links"] if k["rel"] not in own]}


def rel(document: dict[str, Any], name: str) -> list[dict[str, str]]:
    return [link for link in document["links"] if link["rel"] == name]


@pytest.fixture
def plan(client: Client) -> str:
    return publish_plan(client.services.database)


def test_the_landing_page_leads_everywhere(client: Client, plan: str) -> None:
    landing = data(client.get("/ogc"))
    assert {link["rel"] for link in landing["links"]} == {
        "self", "alternate", "service-desc", "service-doc", "conformance", "data",
    }  # fmt: skip
    for link in landing["links"]:
        found = client.get(link["href"].removeprefix("http://localhost"))
        assert found.status_code == 200
        assert found.headers["content-type"].replace("; charset=utf-8", "") == link["type"]


def test_every_link_of_every_document_leads_to_what_it_says(client: Client, plan: str) -> None:
    todo, seen = ["http://localhost/ogc"], set[str]()
    while todo and len(seen) < 400:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = client.get(url.removeprefix("http://localhost"))
        assert answer.status_code == 200, (url, answer.text[:300])
        if "json" in answer.headers["content-type"]:
            body = answer.json()
            for document in (body, *body.get("collections", ()), *body.get("features", ())):
                for link in document.get("links", ()):
                    assert set(link) == {"href", "rel", "type", "title"}
                    if link["rel"] != "next":
                        todo.append(link["href"])
    assert len(seen) > 40


def test_the_definition_is_valid_and_has_the_properties(client: Client, plan: str) -> None:
    definition = data(client.get("/ogc/api"), "application/vnd.oai.openapi+json")
    validate(definition)
    assert definition["openapi"].startswith("3.0")
    parameters = definition["paths"]["/collections/cells/items"]["get"]["parameters"]
    assert {p.get("name") for p in parameters} >= {"potential", "territory_id", "cell"}
    limit = definition["components"]["parameters"]["limit"]["schema"]
    assert limit["maximum"] == client.services.settings.max_page_size


def test_conformance_lists_what_is_kept(client: Client) -> None:
    assert data(client.get("/ogc/conformance"))["conformsTo"] == list(CONFORMANCE)


def test_collections_are_described(client: Client, plan: str) -> None:
    found = data(client.get("/ogc/collections"))
    assert [some["id"] for some in found["collections"]] == list(COLLECTIONS)
    for some in found["collections"]:
        alone = data(client.get(f"/ogc/collections/{some['id']}"))
        assert _without_own_links(alone) == _without_own_links(some)
        assert some["crs"] == [CRS84]
        assert [link["type"] for link in rel(some, "items")] == [
            "application/geo+json",
            "text/html",
        ]
    cells = found["collections"][3]
    ((west, south, east, north),) = cells["extent"]["spatial"]["bbox"]
    for feature in items(client, "cells", limit=1000)["features"]:
        box = shapely.geometry.shape(feature["geometry"]).bounds
        assert shapely.box(west, south, east, north).contains(shapely.box(*box))


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_queryables_are_the_properties(client: Client, plan: str, collection: str) -> None:
    schema = data(
        client.get(f"/ogc/collections/{collection}/queryables"), "application/schema+json"
    )
    assert schema["type"] == "object"
    assert "geometry" in schema["properties"]
    for feature in items(client, collection)["features"]:
        assert set(feature["properties"]) == set(schema["properties"]) - {"geometry"}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pages_follow_each_other_and_keep_the_question(
    client: Client, plan: str, collection: str
) -> None:
    whole = ids(items(client, collection, limit=1000))
    url, walked, back = f"{ITEMS.format(collection)}?limit=17&datetime=2020-01-01/..", [], ""
    while url:
        page = data(client.get(url), "application/geo+json")
        assert page["numberMatched"] == len(whole)
        assert page["numberReturned"] == len(page["features"])
        assert "timeStamp" not in page
        walked += ids(page)
        links = {link["rel"]: link["href"] for link in page["links"]}
        back = links.get("prev", "")
        url = links.get("next", "").removeprefix("http://localhost")
        if url:
            asked = parse_qs(urlsplit(url).query)
            assert asked["datetime"] == ["2020-01-01/.."]
            assert asked["plan"] == [plan]  # a walk stays with one version
            assert asked["version"] == ["1"]
    assert walked == whole
    if back:
        before = data(client.get(back.removeprefix("http://localhost")), "application/geo+json")
        at = len(whole) - (len(whole) % 17 or 17) - 17
        assert ids(before) == whole[at : at + 17]


def test_limits_are_cut_not_refused(client: Client, plan: str) -> None:
    assert items(client, "cells", limit=10**9)["numberReturned"] == 127
    assert items(client, "cells")["numberReturned"] == 100
    assert items(client, "cells", offset=10**9)["features"] == []


@pytest.mark.parametrize("collection", ["territories", "cells", "accounts"])
def test_a_feature_stands_alone_as_in_the_list(client: Client, plan: str, collection: str) -> None:
    for feature in items(client, collection, limit=3)["features"]:
        alone = data(
            client.get(f"{ITEMS.format(collection)}/{feature['id']}"), "application/geo+json"
        )
        assert {k: alone[k] for k in feature} == feature
        assert {"self", "alternate", "collection"} <= {link["rel"] for link in alone["links"]}
    missing = problem(client.get(f"{ITEMS.format(collection)}/none"), 404)
    assert missing["code"] == "not_found"


def test_geometry_and_crs_are_as_geojson_has_them(client: Client, plan: str) -> None:
    answer = client.get(ITEMS.format("territories"))
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    for feature in answer.json()["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert isinstance(shape, shapely.Polygon)
        assert shape.is_valid
        assert shape.exterior.is_ccw
    (feature,) = items(client, "accounts", account_id="A-59")["features"]
    assert feature["geometry"] is None
    assert feature["properties"]["territory_id"] is None


def test_boxes_select_what_they_touch(client: Client, plan: str) -> None:
    everything = items(client, "cells", limit=1000)
    shapes = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in everything["features"]}
    for box in ((-85.3, 37.8, -84.9, 38.1), (-85.001, 38.0, -85.0, 38.001), (-85, 38, -85, 38)):
        area = shapely.box(*box) if box[0] < box[2] else shapely.Point(box[:2])
        wanted = [i for i, shape in shapes.items() if shape.intersects(area)]
        asked = ",".join(map(str, box))
        assert ids(items(client, "cells", bbox=asked, limit=1000)) == wanted
        west, south, east, north = box
        assert ids(items(client, "cells", bbox=f"{west},{south},-5,{east},{north},5")) == wanted
    assert items(client, "cells", bbox="0,0,1,1")["numberMatched"] == 0
    assert items(client, "cells", bbox="-180,-90,180,90")["numberMatched"] == 127


def test_boxes_and_outlines_cross_the_date_line(client: Client) -> None:
    publish_plan(client.services.database, bundle(FIJI))
    cells = items(client, "cells", limit=1000)["features"]
    sides = {(f["geometry"]["type"], f["geometry"]["type"] == "MultiPolygon") for f in cells}
    assert ("MultiPolygon", True) in sides  # hexagons cut at ±180°
    for name, box in (
        ("across", "179.9,-18,-179.9,-17"), ("west", "179.9,-18,180,-17"),
        ("east", "-180,-18,-179.9,-17"),
    ):  # fmt: skip
        west, south, east, north = map(float, box.split(","))
        areas = (
            [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
            if west > east
            else [shapely.box(west, south, east, north)]
        )
        wanted = [
            f["id"] for f in cells
            if any(shapely.geometry.shape(f["geometry"]).intersects(a) for a in areas)
        ]  # fmt: skip
        assert wanted, name
        assert ids(items(client, "cells", bbox=box, limit=1000)) == wanted
    assert len(ids(items(client, "territories", bbox="179.9,-18,-179.9,-17"))) >= 1


ODD = ["foo=1", "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "offset=-1", "offset=1e3",
     "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,5,1,4", "bbox=-200,0,1,1",
     "bbox=0,0,5,1,1,4", "datetime=yesterday", "datetime=2021-01-01/2020-01-01", "datetime=..",
     "datetime=2020-13-01", "datetime=a/b/c", "filter=potential >", "filter=nothing = 1",
     "filter=potential = 'x'", "filter=potential", "filter=", "filter-lang=sql&filter=true",
     "filter-lang=cql2-json&filter={", "crs=EPSG:4326", "bbox-crs=x", "filter-crs=x", "f=xml",
     "f=", "limit=1&limit=2", "potential=x", "version=0", "level=region",
     "level=planet"]  # fmt: skip


def test_what_is_unknown_or_odd_is_refused(client: Client, plan: str) -> None:
    for query in ODD:
        body = problem(client.get(f"{ITEMS.format('cells')}?{query}"), 400)
        assert body["code"] == "bad_parameter", query
        assert body["hint"]


def test_unknown_parameters_are_refused_everywhere(client: Client, plan: str) -> None:
    for path in (
        "", "/conformance", "/api", "/collections", "/collections/cells",
        "/collections/cells/queryables", "/collections/territories/items/T01",
    ):  # fmt: skip
        assert problem(client.get(f"/ogc{path}?nonsense=1"), 400)["code"] == "bad_parameter"
        assert problem(client.get(f"/ogc{path}", headers={"Accept": "image/png"}), 406)
        assert client.get(f"/ogc{path}?f=html").status_code == 200


def test_any_time_will_do_as_no_feature_has_one(client: Client, plan: str) -> None:
    for time in (
        "2020-01-01", "2020-01-01T10:00:00Z", "../2020-01-01", "2020-01-01/",
        "2020-01-01T00:00:00+02:00/..",
    ):  # fmt: skip
        assert items(client, "cells", datetime=time)["numberMatched"] == 127


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("", "application/geo+json"), ("*/*", "application/geo+json"),
     ("application/json", "application/geo+json"),
     ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
     ("text/html;q=0.1, application/geo+json", "application/geo+json")],
)  # fmt: skip
def test_the_form_is_negotiated(client: Client, plan: str, accept: str, kind: str) -> None:
    answer = client.get(ITEMS.format("cells"), headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pages_for_people_run_nothing(client: Client, plan: str, collection: str) -> None:
    answer = client.get(f"{ITEMS.format(collection)}?f=html")
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "O'Hara's" not in answer.text  # escaped


def test_etags_hold_until_something_changes(client: Client, plan: str) -> None:
    url = f"{ITEMS.format('cells')}?limit=5"
    first = client.get(url)
    tag = first.headers["etag"]
    assert client.get(url).content == first.content
    again = client.get(url, headers={"If-None-Match": f'"x", {tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert client.get(url, headers={"If-None-Match": "*"}).status_code == 304
    assert client.get(f"{url}&f=html").headers["etag"] != tag
    assert client.get(f"{url}&offset=1").headers["etag"] != tag
    publish_plan(client.services.database)
    later = client.get(url, headers={"If-None-Match": tag})
    assert later.status_code == 200
    assert later.headers["etag"] != tag


def test_answers_travel_compressed_and_event_streams_do_not(client: Client, plan: str) -> None:
    plain = client.get(ITEMS.format("cells"), headers={"Accept-Encoding": "identity"})
    packed = client.get(ITEMS.format("cells"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    assert {"Accept", "Accept-Encoding"} <= {v.strip() for v in packed.headers["vary"].split(",")}
    assert "content-encoding" not in plain.headers


def test_without_a_published_plan_it_says_so(client: Client) -> None:
    draft = publish_plan(client.services.database, publish=False)
    assert client.get("/ogc").status_code == 200
    validate(client.get("/ogc/api").json())
    for path in ("", "/cells", "/cells/items", "/cells/queryables", "/cells/items/x"):
        body = problem(client.get(f"/ogc/collections{path}"), 404)
        assert body["code"] == "nothing_published"
        assert "publish" in body["hint"].lower()
    shown = data(client.get(f"/ogc/collections?plan={draft}&version=1"))
    assert "draft" in shown["description"]
    link = rel(shown["collections"][0], "items")[0]["href"]
    assert f"plan={draft}" in link
    assert client.get(link.removeprefix("http://localhost")).status_code == 200
    assert problem(client.get("/ogc/collections?plan=none"), 404)["code"] == "not_found"
    assert problem(client.get(f"/ogc/collections?plan={draft}&version=9"), 404)


def test_a_plan_without_outlines_of_its_own_is_served_too(client: Client) -> None:
    plan_id = keep_plan(client.services.database)
    found = data(
        client.get(f"{ITEMS.format('territories')}?plan={plan_id}"), "application/geo+json"
    )
    assert ids(found) == list(IDS[:2])
    assert json.dumps(found)
