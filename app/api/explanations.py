"""Why is this account whose it is?"""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.caller import C
from app.api.context import S
from app.api.engagement_schemas import Explanation
from app.api.problems import responses
from app.api.schemas import LARGEST, Day
from app.engagement import explained
from app.errors import PlanNotReadyError
from app.store import plans
from geo.errors import OptionError

router = APIRouter(prefix="/v1/plans", tags=["engagement"])


@router.get(
    "/{plan_id}/accounts/{account_id}/explanation",
    response_model=Explanation,
    responses=responses(PlanNotReadyError, OptionError),
)
def explanation(
    services: S, caller: C, plan_id: str, account_id: str, *,
    rep: Annotated[str, Query(max_length=200, description="who asks for it, by id or name")] = "",
    territory: Annotated[str, Query(max_length=200, description="or which territory")] = "",
    at: Annotated[Day | None, Query(description="on which day; today if left out")] = None,
    version: Annotated[int | None, Query(ge=1, le=LARGEST, description="else the newest")] = None,
) -> Any:  # fmt: skip
    """The rule that decides and all that were asked, the map, and what another owner would cost.

    A manager is told of accounts and territories of their region only.
    """
    with services.database.read() as session:
        plan, number = plans.at(session, plan_id, version)
        visible = services.visible(session, plan, caller)
    found = explained(
        services, plan, number, visible, account_id, rep=rep, territory=territory, at=at
    )
    return found.document
