"""The planner's page at `/`: upload a file, ask for a plan, watch it, open the map."""

import secrets
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from app.api.caller import LOCAL, C
from app.api.context import S
from app.api.files import page_policy
from app.api.plans import line, own_document
from app.api.templates import DIRECTORY, PAGES
from app.store import datasets, jobs, plans

router = APIRouter(include_in_schema=False)
_SHOWN: Final = 100


@router.get("/", response_class=HTMLResponse)
def home(services: S, caller: C) -> HTMLResponse:
    """Datasets, plans and work under way, with forms for more, as far as the caller may."""
    plans_all = caller.role in ("planner", "admin")
    with services.database.read() as session:
        found = plans.newest(session, limit=_SHOWN)
        visible = [services.visible(session, plan, caller) for plan in found]
        shown = {
            "datasets": datasets.newest(session, limit=_SHOWN) if plans_all else [],
            "jobs": jobs.unfinished(session) if plans_all else [],
            "failed": jobs.failed(session, limit=5) if plans_all else [],
            "may_plan": plans_all,
            "caller": None if caller is LOCAL else caller,
        }
    shown["plans"] = [
        line(plan, own_document(services, plan, own))
        for plan, own in zip(found, visible, strict=True)
    ]
    nonce = secrets.token_urlsafe(18)
    page = PAGES.get_template("home.html").render(shown, nonce=nonce)
    return HTMLResponse(page, headers=page_policy(nonce))


@router.get("/favicon.ico", response_class=FileResponse)
def icon() -> FileResponse:
    """The icon that browsers ask for on every page."""
    return FileResponse(
        DIRECTORY / "icon.svg",
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400"},
    )
