"""The definition of the API in OpenAPI 3.0, for clients that read one (GDAL and QGIS do)."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

from app.ogc import cql2
from app.ogc.collections import COLLECTIONS, LEVELS
from app.ogc.links import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Address
from app.ogc.query import CRS84, DEFAULT_LIMIT

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_OBJECT: Final = {"type": "object"}


def definition(
    address: Address, most: int, properties: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The OpenAPI document; `most` is the greatest page that is answered.

    `properties` are name and kind of what each collection can be asked for, by its id: GDAL sends
    conditions on no others.
    """
    paths = {
        "/": _path("landing", "Landing page", JSON),
        "/conformance": _path("conformance", "What the API conforms to", JSON),
        "/api": _path("api", "This definition", OPENAPI),
        "/collections": _path("collections", "Collections", JSON, fails=(404,)),
    }
    for some in COLLECTIONS.values():
        base, name = f"/collections/{some.id}", some.title
        level = ["level"] if some.id == "territories" else []
        paths[base] = _path(f"{some.id}Collection", name, JSON, *level, fails=(404,))
        paths[f"{base}/queryables"] = _path(
            f"{some.id}Queryables", f"What {name.lower()} can be asked for", SCHEMA, *level,
            fails=(404,),
        )  # fmt: skip
        paths[f"{base}/items"] = _path(
            f"{some.id}Items", f"{name}, page by page", GEOJSON, *_ITEMS, *level, fails=(404,),
            equal=properties.get(some.id, {}),
        )  # fmt: skip
        paths[f"{base}/items/{{featureId}}"] = _path(
            f"{some.id}Item", f"One of the {name.lower()}", GEOJSON, "featureId", "crs", *level,
            fails=(404,),
        )  # fmt: skip
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Bailiwick: OGC API – Features",
            "version": version("bailiwick"),
            "description": "Territories, cells, accounts and reps of the plan in force.",
            "license": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": f"{address.root}/ogc"}],
        "paths": paths,
        "components": {
            "parameters": _parameters(most),
            "responses": {
                "Problem": {
                    "description": "What is wrong, and how to mend it (RFC 9457)",
                    "content": {"application/problem+json": {"schema": _OBJECT}},
                },
                "NotModified": {"description": "As it was when the ETag was given"},
            },
        },
    }


_ITEMS: Final = (
    "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
    "filter-crs",
)  # fmt: skip


def _path(
    operation: str,
    summary: str,
    kind: str,
    *parameters: str,
    fails: tuple[int, ...] = (),
    equal: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    names = [*parameters, "f", "plan", "version"]
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [
                *({"$ref": f"#/components/parameters/{name}"} for name in names),
                *(
                    {
                        "name": name,
                        "in": "query",
                        "schema": {"type": kind},
                        "description": "The property equals the value",
                    }
                    for name, kind in (equal or {}).items()
                    if name not in names
                ),
            ],
            "responses": {
                "200": {
                    "description": summary,
                    "content": {kind: {"schema": _OBJECT}, HTML: {"schema": _TEXT}},
                },
                "304": {"$ref": "#/components/responses/NotModified"},
                **{
                    str(status): {"$ref": "#/components/responses/Problem"}
                    for status in (400, *fails, 406, 503)
                },
            },
        }
    }


def _parameters(most: int) -> dict[str, Any]:
    def query(name: str, schema: dict[str, Any], words: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": words, "schema": schema} | more

    crs = {"type": "string", "enum": [CRS84], "default": CRS84}
    return {
        "f": query("f", {"type": "string", "enum": ["json", "html"]}, "JSON, or a page to read"),
        "plan": query("plan", _TEXT, "Id of a plan; left out: the published one"),
        "version": query("version", {"type": "integer", "minimum": 1}, "A version of that plan"),
        "level": query(
            "level",
            {"type": "string", "enum": list(LEVELS), "default": LEVELS[0]},
            "What territories are rolled up to",
        ),
        "limit": query(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": most, "default": min(DEFAULT_LIMIT, most)},
            "Features on a page; more than the maximum is taken for the maximum",
            style="form", explode=False,
        ),
        "offset": query(
            "offset", {"type": "integer", "minimum": 0, "default": 0}, "Features to leave out"
        ),
        "bbox": query(
            "bbox",
            {"type": "array", "items": _NUMBER, "oneOf": [
                {"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}
            ]},
            "West, south, east, north in degrees; west may be east of east, across ±180°",
            style="form", explode=False,
        ),
        "bbox-crs": query("bbox-crs", crs, "Reference system of the box"),
        "crs": query("crs", crs, "Reference system of the answer"),
        "datetime": query(
            "datetime", _TEXT, "A moment or an interval; no feature has a time, so all match",
            style="form", explode=False,
        ),
        "filter": query("filter", _TEXT, "A CQL2 filter"),
        "filter-lang": query(
            "filter-lang",
            {"type": "string", "enum": list(cql2.LANGUAGES), "default": cql2.TEXT},
            "How the filter is written",
        ),
        "filter-crs": query("filter-crs", crs, "Reference system of geometries in the filter"),
        "featureId": {
            "name": "featureId", "in": "path", "required": True, "schema": _TEXT,
            "description": "Id of the feature",
        },
    }  # fmt: skip
