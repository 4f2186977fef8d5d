"""The planner's page at `/`: upload a file, ask for a plan, watch it, open the map."""

import secrets
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.api.context import S
from app.api.files import page_policy
from app.store import datasets, jobs, plans

router = APIRouter(include_in_schema=False)
_SHOWN: Final = 100
_DIRECTORY: Final = Path(__file__).parent.parent / "web" / "pages"
_PAGES = Environment(
    loader=FileSystemLoader(_DIRECTORY),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["percent"] = lambda fraction: f"{100 * fraction:.1f} %"
_PAGES.filters["grouped"] = lambda number: f"{number:,}".replace(",", "\u202f")
_PAGES.globals["etag"] = plans.etag
_PAGES.globals["state"] = plans.state_of


@router.get("/", response_class=HTMLResponse)
def home(services: S) -> HTMLResponse:
    """Datasets, plans and work under way, with forms for more."""
    with services.database.read() as session:
        shown = {
            "datasets": datasets.newest(session, limit=_SHOWN),
            "plans": plans.newest(session, limit=_SHOWN),
            "jobs": jobs.unfinished(session),
            "failed": jobs.failed(session, limit=5),
        }
    nonce = secrets.token_urlsafe(18)
    page = _PAGES.get_template("home.html").render(shown, nonce=nonce)
    return HTMLResponse(page, headers=page_policy(nonce))


@router.get("/favicon.ico", response_class=FileResponse)
def icon() -> FileResponse:
    """The icon that browsers ask for on every page."""
    return FileResponse(
        _DIRECTORY / "icon.svg",
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400"},
    )
