"""The feed of ownership changes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.accounts_schemas import Changes
from app.api.bodies import json_response
from app.api.context import S
from app.api.owner import settle_clock
from app.api.problems import responses
from app.api.schemas import LARGEST
from app.store import ownership

router = APIRouter(prefix="/v1/changes", tags=["changes"])


@router.get(
    "",
    response_model=None,
    responses=responses()
    | {200: {"model": Changes, "description": "Changes after the cursor, oldest first."}},
)
def changes(
    services: S,
    since: Annotated[int, Query(ge=0, le=LARGEST, description="`seq` that was seen last")] = 0,
    limit: Annotated[int, Query(ge=1, description="rows on the page, up to the setting")] = 1000,
) -> Response:
    """What changed hands after `since`; keep `last` and ask again with it, from 0 on.

    No change is ever inserted before one that has been seen.
    """
    settle_clock(services)
    limit = min(limit, services.settings.max_page_size)
    with services.database.read() as session:
        rows = ownership.since(session, since, limit=limit + 1)
    shown: list[dict[str, Any]] = [
        {
            "seq": row.seq,
            "account_id": row.account_id,
            "effective_at": row.effective_at,
            "recorded_at": row.recorded_at,
            "former_territory": row.former_territory or None,
            "former_rep": row.former_rep or None,
            "territory": row.territory or None,
            "rep": row.rep or None,
            "rule": row.rule,
            "cause": row.cause,
            "plan": row.plan_id,
            "plan_version": row.plan_version,
        }
        for row in rows[:limit]
    ]
    last = shown[-1]["seq"] if shown else since
    following = f"/v1/changes?since={last}&limit={limit}" if len(rows) > limit else None
    return json_response({"changes": shown, "last": last, "next": following})
