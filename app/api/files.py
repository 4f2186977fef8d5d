"""A plan as a map page and as files for other programs."""

import secrets
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, HTMLResponse
from starlette.background import BackgroundTask

from app.api.caller import C
from app.api.context import S
from app.api.plans import Version
from app.api.problems import responses
from app.errors import PlanNotReadyError
from app.store import audit, plans
from geo.errors import NotFoundError, OptionError

router = APIRouter(prefix="/v1/plans", tags=["plans"])
Format = Literal[
    "geojson", "gpkg", "kml", "shp", "geoparquet", "csv", "xlsx",
    "postal", "salesforce", "hubspot", "dynamics",
]  # fmt: skip
# Stands in a rendered page until a request puts its own nonce there; nobody can guess it.
_NONCE_TO_COME: Final = secrets.token_urlsafe(24)


def page_policy(nonce: str) -> dict[str, str]:
    """Headers of a page: only scripts and styles of ours, and nothing from elsewhere."""
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "no-store"}


@router.get("/{plan_id}/map", response_class=HTMLResponse, responses=responses(PlanNotReadyError))
def plan_map(services: S, caller: C, plan_id: str, version: Version = None) -> HTMLResponse:
    """The map page of a plan."""
    from app.maps import render_map

    with services.database.read() as session:
        plan, number = plans.at(session, plan_id, version)
        visible = services.visible(session, plan, caller)
    bundle = services.bundle(plan, visible, version=number)
    if not bundle.document["territories"]:
        raise NotFoundError(
            f"plan {plan_id!r} has no territory of your region", hint="See GET /v1/regions."
        )

    def render() -> str:
        return render_map(
            bundle,
            asset_base="/static/vendor",
            nonce=_NONCE_TO_COME,
            title=plan.name,
        )

    nonce = secrets.token_urlsafe(18)
    page = services.maps.get((plan.id, number, visible), render).replace(_NONCE_TO_COME, nonce)
    return HTMLResponse(page, headers=page_policy(nonce))


@router.get(
    "/{plan_id}/export",
    response_class=FileResponse,
    responses=responses(PlanNotReadyError, OptionError),
)
def plan_export(
    services: S,
    caller: C,
    plan_id: str,
    kind: Annotated[Format, Query(alias="format")],
    *,
    version: Version = None,
    former: Annotated[
        str | None, Query(description="a CRM pack of the changes since this plan")
    ] = None,
    territory_model: Annotated[str, Query(max_length=100, description="Salesforce: 0MA…")] = "",
    territory_type: Annotated[str, Query(max_length=100, description="Salesforce: 0M5…")] = "",
    id_property: Annotated[
        str, Query(max_length=100, description="HubSpot: what the account ids are of")
    ] = "",
) -> FileResponse:
    """The plan as a file of another kind, for GIS, spreadsheets, managers and CRMs."""
    from sales.export import FORMATS, export
    from sales.packs.given import read_options

    with services.database.write() as session:
        plan, number = plans.at(session, plan_id, version)
        visible = services.visible(session, plan, caller)
        before = plans.get(session, former) if former else None
        seen = services.visible(session, before, caller) if before else None
        audit.record(
            session, caller.name, "plan.export", plan_id, {"format": kind, "version": number}
        )
    bundle = services.bundle(plan, visible, version=number)
    if not bundle.document["territories"]:
        raise NotFoundError(
            f"plan {plan_id!r} has no territory of your region", hint="See GET /v1/regions."
        )
    options = read_options(
        model_id=territory_model,
        type_id=territory_type,
        former=services.bundle(before, seen) if before else None,
        id_property=id_property,
    )
    directory = Path(mkdtemp(prefix="bailiwick-"))
    path = directory / f"{plan.id}{FORMATS[kind].suffix}"
    try:
        export(bundle, kind, path, options)
    except BaseException:
        shutil.rmtree(directory)
        raise
    return FileResponse(
        path,
        filename=f"{plan.id}-v{number}{path.suffix}",
        media_type=FORMATS[kind].media_type,
        background=BackgroundTask(shutil.rmtree, directory),
    )
