"""The rules of engagement: who owns an account when several rules claim it."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from sqlalchemy.orm import Session

from app.api.caller import C
from app.api.context import S
from app.api.engagement_schemas import Engagement, EngagementVersion
from app.api.problems import responses
from app.errors import InvalidRequestError, PreconditionFailedError, PreconditionRequiredError
from app.store import engagement
from sales.ownership.rules import Rules

router = APIRouter(prefix="/v1/engagement", tags=["engagement"])
_SHOWN = 20


@router.get("", responses=responses())
def rules(services: S, response: Response) -> Engagement:
    """The rules in force, as engagement.toml has them; the `ETag` is needed to change them."""
    with services.database.read() as session:
        return _shown(session, response)


@router.put(
    "",
    responses=responses(InvalidRequestError, PreconditionFailedError, PreconditionRequiredError),
)
def change(
    services: S,
    caller: C,
    asked: Rules,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> Engagement:
    """Put other rules in force. Explanations and challenges go by them from now on."""
    if if_match is None:
        raise PreconditionRequiredError(
            "changing the rules of engagement needs an If-Match header",
            hint="Send the ETag that GET /v1/engagement answers.",
        )
    with services.database.write() as session:
        engagement.change(session, asked, if_match, caller.name)
        return _shown(session, response)


def _shown(session: Session, response: Response) -> Engagement:
    row, held = engagement.current(session)
    version = row.version if row else 0
    response.headers["ETag"] = f'"{version}"'
    past = [
        EngagementVersion(version=r.version, created_at=r.created_at, created_by=r.created_by)
        for r in engagement.history(session, limit=_SHOWN)
    ]
    return Engagement(version=version, rules=held, history=past)
