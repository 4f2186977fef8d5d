"""Files of a part of a plan: one territory, or all territories of a region or area."""

import hashlib
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.files import Format
from app.api.problems import responses
from app.errors import PlanNotReadyError
from app.ogc.exchange import is_known
from app.ogc.scope import Scope, scope_in
from app.store import audit, plans
from geo.errors import NotFoundError, OptionError

router = APIRouter(prefix="/v1/plans", tags=["plans"])
Kind = Annotated[Format, Query(alias="format")]
Layer = Annotated[
    Literal["territories", "cells", "accounts"],
    Query(description="for the formats of one layer: geojson, kml, shp, geoparquet"),
]
Known = Annotated[str | None, Header(alias="If-None-Match")]
_FAILS = responses(PlanNotReadyError, OptionError)


@router.get(
    "/{plan_id}/territories/{territory}/export", response_class=FileResponse, responses=_FAILS
)
def territory_export(
    services: S,
    caller: C,
    plan_id: str,
    territory: str,
    kind: Kind,
    layer: Layer = "territories",
    known: Known = None,
) -> Response:
    """One territory as a file: its outline, its cells, its accounts."""
    scope = _scope(services, plan_id, caller)
    there = {
        str(t["id"])
        for t in services.bundle(scope.plan, version=scope.version).document["territories"]
    }
    if territory not in (there if scope.visible is None else there & scope.visible):
        raise _nothing("territory", territory)
    _record(services, caller, scope, {"territory": territory, "format": kind, "layer": layer})
    return _file(services, scope, (territory,), territory, kind, layer, known)


@router.get("/{plan_id}/regions/{region}/export", response_class=FileResponse, responses=_FAILS)
def region_export(
    services: S,
    caller: C,
    plan_id: str,
    region: str,
    kind: Kind,
    layer: Layer = "territories",
    known: Known = None,
) -> Response:
    """The territories of a region or area as a file, with their cells and accounts."""
    scope = _scope(services, plan_id, caller)
    groups = [*scope.seen("region"), *scope.seen("area")]
    group = next((group for group in groups if group.id == region), None)
    if group is None or not group.territories:
        raise _nothing("region", region)
    _record(services, caller, scope, {"region": region, "format": kind, "layer": layer})
    return _file(services, scope, group.territories, region, kind, layer, known)


def _scope(services: Services, plan_id: str, caller: Caller) -> Scope:
    with services.database.read() as session:
        plan = plans.get(session, plan_id)
        return scope_in(session, plan, plan.version, caller)


def _record(services: Services, caller: Caller, scope: Scope, detail: dict[str, str]) -> None:
    with services.database.write() as session:
        audit.record(
            session, caller.name, "plan.export", scope.plan.id,
            {"version": scope.version} | detail,
        )  # fmt: skip


def _file(
    services: Services,
    scope: Scope,
    territories: tuple[str, ...],
    name: str,
    kind: Format,
    layer: str,
    known: str | None,
) -> Response:
    from sales.export import FORMATS, export

    plan = scope.plan
    said = "\n".join([plan.id, str(scope.version), kind, layer, *sorted(territories)])
    tag = f'W/"{hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_known(known, tag):
        return Response(status_code=304, headers=headers)
    part = services.bundle(plan, frozenset(territories), version=scope.version)
    directory = Path(mkdtemp(prefix="bailiwick-"))
    path = directory / f"part{FORMATS[kind].suffix}"
    try:
        export(part, kind, path, layer=layer)
    except BaseException:
        shutil.rmtree(directory)
        raise
    ending = "" if layer == "territories" else f"-{layer}"
    return FileResponse(
        path,
        filename=f"{plan.id}-v{scope.version}-{_plain(name)}{ending}{path.suffix}",
        media_type=FORMATS[kind].media_type,
        headers=headers,
        background=BackgroundTask(shutil.rmtree, directory),
    )


def _plain(name: str) -> str:
    """The name as a part of a file's name, on whatever system."""
    return "".join(c if c.isalnum() or c in "-_ " else "_" for c in name)[:60] or "part"


def _nothing(what: str, name: str) -> NotFoundError:
    return NotFoundError(
        f"the plan has no {what} {name!r:.80}", hint="GET /ogc/collections lists what there is."
    )
