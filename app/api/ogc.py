"""OGC API – Features: the plan in force for GIS programs, and for people who follow links."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.problems import responses
from app.errors import BadParameterError, NothingPublishedError
from app.ogc import documents
from app.ogc.collections import COLLECTIONS, LEVELS, Collection, collection, make_layer
from app.ogc.cql2 import LANGUAGES
from app.ogc.description import definition
from app.ogc.exchange import Exchange, exchange
from app.ogc.layer import Layer
from app.ogc.links import GEOJSON, JSON, OPENAPI, SCHEMA
from app.ogc.pages import matching
from app.ogc.query import CRS84, CRS84H, MOST, items_query
from app.ogc.scope import Scope, scope_of
from geo.errors import NotFoundError

router = APIRouter(prefix="/ogc", tags=["ogc"])
_FAILS: Final = responses(BadParameterError, NothingPublishedError)
_TRAIL: Final = [("OGC API", ""), ("Collections", "/collections")]
_KINDS: Final = ("application/schema+json", "application/vnd.oai.openapi+json")


def _parameter(name: str, words: str, **schema: Any) -> dict[str, Any]:
    schema = {"type": "string"} | schema
    return {"name": name, "in": "query", "description": words, "schema": schema}


_SHARED: Final = [
    _parameter("f", "how the answer is shown", enum=["json", "html"]),
    _parameter("plan", "id of a plan; left out: the published one"),
    _parameter("version", "a version of it", type="integer", minimum=1, maximum=MOST),
]
_DESCRIBED: Final = {"parameters": _SHARED}
_LEVELLED: Final = {
    "parameters": [*_SHARED, _parameter("level", "rolled up to it", enum=list(LEVELS))]
}
_PAGED: Final = {
    "parameters": [
        *_LEVELLED["parameters"],
        _parameter("limit", "features on the page", type="integer", minimum=1, maximum=MOST),
        _parameter("offset", "features to leave out", type="integer", minimum=0, maximum=MOST),
        *(
            _parameter(name, "a coordinate system", enum=[CRS84, CRS84H])
            for name in ("crs", "bbox-crs", "filter-crs")
        ),
        _parameter("filter-lang", "what the filter is written in", enum=list(LANGUAGES)),
        *(_parameter(name, "see /ogc/api") for name in ("bbox", "datetime", "filter")),
    ]
}


@dataclass(frozen=True)
class Opened:
    """A collection that is asked for, and what it is made of; its layer is made when needed."""

    some: Collection
    asked: Exchange
    scope: Scope
    services: Services

    @cached_property
    def layer(self) -> Layer:
        """The features."""
        return _layer(self.services, self.scope, self.some)

    @property
    def visible(self) -> frozenset[str] | None:
        """Whose features may be seen; groups are made of such territories only."""
        return None if self.some.level else self.scope.visible


@router.get("", response_class=Response, responses=_FAILS, openapi_extra=_DESCRIBED)
def landing(request: Request) -> Response:
    """Where a GIS client begins."""
    asked = exchange(request)
    return asked.answer(
        asked.tag(), JSON, "links", "OGC API – Features", [],
        lambda: documents.landing(asked.address, asked.form),
    )  # fmt: skip


@router.get("/conformance", response_class=Response, responses=_FAILS, openapi_extra=_DESCRIBED)
def conformance(request: Request) -> Response:
    """Which parts of the standards are kept."""
    asked = exchange(request)
    return asked.answer(
        asked.tag(), JSON, "links", "Conformance", _TRAIL[:1],
        lambda: documents.conformance(asked.address, asked.form),
    )  # fmt: skip


@router.get("/api", response_class=Response, responses=_FAILS, openapi_extra=_DESCRIBED)
def api(services: S, request: Request, caller: C) -> Response:
    """The definition of this API in OpenAPI 3.0, with the properties of the plan in force."""
    asked = exchange(request, kinds=_KINDS)
    most = services.settings.max_page_size
    scope: Scope | None = None
    with suppress(NothingPublishedError):
        scope = _scope(services, asked, caller)

    def make() -> dict[str, Any]:
        if scope is None:
            return definition(asked.address, most, {})
        layers = {some.id: _layer(services, scope, some) for some in COLLECTIONS.values()}
        properties = {
            name: {column: layer.kind(column) for column in layer.table.column_names}
            for name, layer in layers.items()
        }
        return definition(asked.address, most, properties)

    tag = asked.tag(str(most), scope.tag() if scope else "")
    return asked.answer(tag, OPENAPI, "api", "API", _TRAIL[:1], make)


@router.get("/collections", response_class=Response, responses=_FAILS, openapi_extra=_DESCRIBED)
def collections(services: S, request: Request, caller: C) -> Response:
    """The collections of the plan in force."""
    asked = exchange(request)
    scope = _scope(services, asked, caller)

    def make() -> dict[str, Any]:
        described = [
            _described(Opened(some, asked, scope, services)) for some in COLLECTIONS.values()
        ]
        return documents.collections(asked.address, asked.form, scope, described)

    return asked.answer(
        asked.tag(scope.tag()), JSON, "collections", scope.plan.name, _TRAIL[:1], make
    )


@router.get(
    "/collections/{collection_id}",
    response_class=Response, responses=_FAILS, openapi_extra=_LEVELLED,
)  # fmt: skip
def one_collection(services: S, request: Request, caller: C, collection_id: str) -> Response:
    """One collection: what is in it and how far it reaches."""
    it = _opened(services, request, caller, collection_id)
    return _answer(it, JSON, "collection", _TRAIL, lambda: _described(it))


@router.get(
    "/collections/{collection_id}/queryables",
    response_class=Response, responses=_FAILS, openapi_extra=_LEVELLED,
)  # fmt: skip
def queryables(services: S, request: Request, caller: C, collection_id: str) -> Response:
    """What filters can ask for, as a JSON Schema."""
    it = _opened(services, request, caller, collection_id, kinds=_KINDS)
    return _answer(
        it, SCHEMA, "queryables", _trail(it),
        lambda: documents.queryables(it.asked.address, it.some, it.layer),
    )  # fmt: skip


@router.get(
    "/collections/{collection_id}/items",
    response_class=Response, responses=_FAILS, openapi_extra=_PAGED,
)  # fmt: skip
def items(services: S, request: Request, caller: C, collection_id: str) -> Response:
    """The features of a collection, page by page; any property is a parameter too."""
    it = _opened(services, request, caller, collection_id, free=True)
    query = items_query(it.asked.given, it.layer, services.settings.max_page_size)
    return _answer(
        it, GEOJSON, "items", _trail(it),
        lambda: documents.items(
            it.asked.address, it.asked.form, it.some, it.layer,
            matching(it.layer, query, it.visible), query, it.asked.given, it.scope,
        ),
    )  # fmt: skip


@router.get(
    "/collections/{collection_id}/items/{feature_id:path}",
    response_class=Response, responses=_FAILS, openapi_extra=_LEVELLED,
)  # fmt: skip
def item(services: S, request: Request, caller: C, collection_id: str, feature_id: str) -> Response:
    """One feature by its id."""
    it = _opened(services, request, caller, collection_id, known=("crs",))
    items_query(it.asked.given, it.layer, 1)
    row = it.layer.row_of(feature_id)
    if row is None or not it.layer.seen_by(it.visible)[row]:
        raise NotFoundError(
            f"there is no feature {feature_id!r:.80} in {it.some.id}",
            hint=f"GET {it.asked.address.of(f'/collections/{it.some.id}/items')} lists them.",
        )
    return _answer(
        it, GEOJSON, "item", [*_trail(it), ("Items", f"/collections/{it.some.id}/items")],
        lambda: documents.item(
            it.asked.address, it.asked.form, it.some, it.layer, row, it.scope
        ),
        title=feature_id,
    )  # fmt: skip


def _opened(
    services: Services,
    request: Request,
    caller: Caller,
    collection_id: str,
    *,
    known: tuple[str, ...] = (),
    **how: Any,
) -> Opened:
    some = collection(collection_id)
    levelled = ("level",) if some.id == "territories" else ()
    asked = exchange(request, (*known, *levelled), **how)
    level = asked.given.get("level", LEVELS[0])
    if level != LEVELS[0]:
        if not levelled or level not in LEVELS:
            raise BadParameterError(
                "the parameter 'level' cannot be that here",
                hint=f"Only territories are rolled up, with level={'|'.join(LEVELS)}.",
            )
        some = replace(some, level=level)
    return Opened(some, asked, _scope(services, asked, caller), services)


def _scope(services: Services, asked: Exchange, caller: Caller) -> Scope:
    with services.database.read() as session:
        return scope_of(session, asked.given, caller)


def _layer(services: Services, scope: Scope, some: Collection) -> Layer:
    groups = scope.seen(some.level) if some.level else ()
    key = f"{scope.plan.id}/{some.level or some.id}" + (f"/{scope.tag()}" if some.level else "")
    return services.layers.get(
        (key, scope.version),
        lambda: make_layer(services.bundle(scope.plan, version=scope.version), some, groups),
    )


def _described(it: Opened) -> dict[str, Any]:
    return documents.collection(it.asked.address, it.asked.form, it.some, it.layer, it.visible)


def _trail(it: Opened) -> list[tuple[str, str]]:
    return [*_TRAIL, (it.some.title, f"/collections/{it.some.id}")]


def _answer(
    it: Opened,
    kind: str,
    page: str,
    trail: Sequence[tuple[str, str]],
    make: Callable[[], dict[str, Any]],
    *,
    title: str = "",
) -> Response:
    return it.asked.answer(
        it.asked.tag(it.scope.tag()), kind, page, title or it.some.title, trail, make
    )
