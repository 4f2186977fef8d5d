"""The audit log, for admins: who did what to what, and when."""

import csv
import io
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.caller import C
from app.api.context import S
from app.api.problems import responses
from app.api.schemas import LARGEST, Page, Zoned
from app.errors import InvalidRequestError
from app.store import audit
from app.store.tables import AuditEntry
from geo.formats.text import spreadsheet_safe

router = APIRouter(prefix="/v1/audit", tags=["audit"])
_COLUMNS = ("id", "at", "actor", "action", "subject", "request_id", "detail")


class Entry(BaseModel):
    """Somebody did something."""

    id: int
    at: datetime
    actor: str = Field(description="name of the key or the person")
    action: str
    subject: str
    request_id: str
    detail: dict[str, Any]


class Entries(Page):
    """Entries, newest first."""

    entries: list[Entry]


@router.get(
    "",
    response_model=Entries,
    responses=responses(InvalidRequestError)
    | {200: {"content": {"text/csv": {}}, "description": "A page of JSON, or all as CSV."}},
)
def listing(
    services: S,
    caller: C,
    request: Request,
    subject: Annotated[str | None, Query(description="only what was done to this")] = None,
    actor: Annotated[str | None, Query(description="only what this key or person did")] = None,
    action: Annotated[
        str | None, Query(description="only this action, or with a dot at the end all such: `key.`")
    ] = None,
    since: Zoned | None = None,
    until: Zoned | None = None,
    before: Annotated[
        int | None, Query(ge=0, le=LARGEST, description="continue with ids below")
    ] = None,
    limit: Annotated[int, Query(ge=1, description="rows, up to the setting")] = 100,
) -> Any:
    """Who did what and when, newest first; with `Accept: text/csv` all that fits in one file."""
    wanted = audit.Wanted(subject, actor, action, since, until)
    if "text/csv" in request.headers.get("accept", ""):
        with services.database.write() as session:
            rows = audit.entries(session, wanted, before=before, limit=None)
            audit.record(session, caller.name, "audit.export", "audit", {"rows": len(rows)})
        return Response(
            _csv(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
        )
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        rows = audit.entries(session, wanted, before=before, limit=limit + 1)
    following = None
    if len(rows) > limit:
        url = request.url.replace(scheme="", netloc="")
        following = str(url.include_query_params(before=rows[limit - 1].id, limit=limit))
    return Entries(
        entries=[Entry.model_validate(row, from_attributes=True) for row in rows[:limit]],
        next=following,
    )


def _csv(rows: list[AuditEntry]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(
        [spreadsheet_safe(audit.written(getattr(row, name))) for name in _COLUMNS] for row in rows
    )
    return text.getvalue()
