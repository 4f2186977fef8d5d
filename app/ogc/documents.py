"""The documents of the API: landing page, conformance, collections, queryables, items."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from app.ogc.collections import Collection
from app.ogc.layer import Layer
from app.ogc.links import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Address, itself, link
from app.ogc.pages import features
from app.ogc.query import CRS84, ItemsQuery
from app.ogc.scope import Scope
from app.store import plans
from geo.arrays import Int

_PART_1: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_PART_2: Final = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf"
_PART_3: Final = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
_COMMON: Final = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMANCE: Final = (
    *(f"{_PART_1}/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{_COMMON}/core",
    f"{_PART_2}/crs",
    *(
        f"{_PART_3}/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_CQL2}/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "accent-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
            "property-property", "arithmetic",
        )
    ),
)  # fmt: skip
_QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def landing(address: Address, form: str) -> dict[str, Any]:
    """Where a client begins."""
    return {
        "title": "Bailiwick",
        "description": "Sales territories of the plan in force: their outlines, cells, accounts "
        "and reps, for maps and geographic information systems.",
        "links": [
            *itself(address, "", form, JSON),
            link(address.of("/api", f="json"), "service-desc", OPENAPI, "The API's definition"),
            link(address.of("/api", f="html"), "service-doc", HTML, "The API, to be read"),
            link(address.of("/conformance"), "conformance", JSON, "What the API conforms to"),
            link(address.of("/collections"), "data", JSON, "The collections of features"),
        ],
    }


def conformance(address: Address, form: str) -> dict[str, Any]:
    """What the API conforms to."""
    return {"conformsTo": list(CONFORMANCE), "links": itself(address, "/conformance", form, JSON)}


def collections(
    address: Address, form: str, scope: Scope, described: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The collections of a plan."""
    plan = scope.plan
    state = plans.state_of(plan, scope.version)
    return {
        "title": plan.name,
        "description": f"Plan {plan.id}, version {scope.version}, {state}.",
        "links": [
            *itself(address, "/collections", form, JSON),
            link(
                address.outside(f"/v1/plans/{plan.id}/export", format="gpkg"),
                "enclosure", "application/geopackage+sqlite3", "Everything as a GeoPackage",
            ),
        ],
        "crs": [CRS84],
        "collections": list(described),
    }  # fmt: skip


def collection(
    address: Address, form: str, some: Collection, layer: Layer, visible: frozenset[str] | None
) -> dict[str, Any]:
    """One collection: what is in it, how far it reaches, where to get it."""
    path = f"/collections/{some.id}"
    box = layer.extent(layer.seen_by(visible))
    return {
        "id": some.id,
        "title": some.title,
        "description": some.description,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        **({"extent": {"spatial": {"bbox": [box], "crs": CRS84}}} if box else {}),
        "links": [
            *itself(address, path, form, JSON),
            link(address.of(f"{path}/items", f="json"), "items", GEOJSON, some.title),
            link(address.of(f"{path}/items", f="html"), "items", HTML, f"{some.title}, as a page"),
            link(address.of(f"{path}/queryables"), _QUERYABLES, SCHEMA, "What can be asked for"),
        ],
    }


def queryables(address: Address, some: Collection, layer: Layer) -> dict[str, Any]:
    """What filters and parameters can ask for, as a JSON Schema."""
    properties: dict[str, Any] = {
        name: {"property": name, "type": layer.kind(name)} for name in layer.table.column_names
    }
    properties["geometry"] = {"title": "geometry", "format": "geometry-any"}
    properties[layer.key]["x-ogc-role"] = "id"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address.of(f"/collections/{some.id}/queryables"),
        "type": "object",
        "title": some.title,
        "description": "What filters and query parameters can ask for.",
        "properties": properties,
        "additionalProperties": False,
    }


def items(
    address: Address,
    form: str,
    some: Collection,
    layer: Layer,
    rows: Int,
    query: ItemsQuery,
    given: Mapping[str, str],
    scope: Scope,
) -> dict[str, Any]:
    """One page of the features in `rows`. No `timeStamp`: the same page has the same bytes."""
    path = f"/collections/{some.id}/items"
    offset, limit = query.offset, query.limit
    asked = {name: value for name, value in given.items() if name != "f"}
    page = rows[offset : offset + limit]
    links = itself(address, path, form, GEOJSON, **asked)
    kind = HTML if form == "html" else GEOJSON
    # Other pages name the version, so that a walk through them never mixes two.
    fixed = asked | {"plan": scope.plan.id, "version": str(scope.version)}
    if offset + limit < len(rows):
        following = fixed | {"offset": str(offset + limit), "limit": str(limit)}
        links.append(link(address.of(path, **following, f=form), "next", kind, "Next page"))
    if offset > 0:
        before = fixed | {"offset": str(max(offset - limit, 0)), "limit": str(limit)}
        links.append(link(address.of(path, **before, f=form), "prev", kind, "Previous page"))
    links.append(link(address.of(f"/collections/{some.id}"), "collection", JSON, some.title))
    made = features(layer, page)
    document = {
        "type": "FeatureCollection",
        "links": links,
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "features": made,
    }
    if form == "html":
        document["addresses"] = [address.of(f"{path}/{each['id']}", f="html") for each in made]
    return document


def item(
    address: Address, form: str, some: Collection, layer: Layer, row: int, scope: Scope
) -> dict[str, Any]:
    """One feature."""
    (made,) = features(layer, np.array([row], dtype=np.int64))
    identity = quote(str(made["id"]), safe="")
    links = itself(address, f"/collections/{some.id}/items/{made['id']}", form, GEOJSON)
    links.append(link(address.of(f"/collections/{some.id}"), "collection", JSON, some.title))
    if some.id in ("territories", "regions"):
        base = f"{address.root}/v1/plans/{scope.plan.id}/{some.id}/{identity}/export?format="
        for suffix, kind, words in _DOWNLOADS:
            links.append(link(base + suffix, "enclosure", kind, words))
    return {**made, "links": links}


_DOWNLOADS: Final = (
    ("gpkg", "application/geopackage+sqlite3", "Outline, cells and accounts as a GeoPackage"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Accounts as a workbook",
    ),
    ("geojson", GEOJSON, "Outline as GeoJSON"),
    ("kml", "application/vnd.google-earth.kml+xml", "Outline for Google Earth"),
)
