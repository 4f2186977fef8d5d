"""Sizes: how many territories a market needs."""

from fastapi import APIRouter

from app.api.context import S
from app.api.problems import responses
from app.api.scores_schemas import Sized, SizingRequest
from app.api.stored_accounts import accounts_of, positions_of
from app.errors import PlanNotReadyError
from app.store import plans
from geo.errors import (
    InputError,
    MissingColumnError,
    NotFoundError,
    NothingLocatedError,
    OptionError,
)

router = APIRouter(prefix="/v1/sizing", tags=["sizing"])


@router.post(
    "",
    responses=responses(
        NotFoundError, OptionError, InputError, MissingColumnError, NothingLocatedError,
        PlanNotReadyError,
    ),
)  # fmt: skip
def size(services: S, asked: SizingRequest) -> Sized:
    """Workload, number of territories, one rep more or fewer, and what each territory carries."""
    from sales.sizing.placed import market_of
    from sales.sizing.size import size as size_market
    from sales.sizing.written import sizing_of

    model = sizing_of(asked.model)
    bundle = None
    if asked.plan is not None:
        with services.database.read() as session:
            plan = plans.get(session, asked.plan)
        bundle = services.bundle(plan)
    with accounts_of(services, asked.dataset) as (_, table):
        lat, lng = positions_of(services, asked.dataset)
        market, seats = market_of(table, lat, lng, model, bundle)
    return Sized(assumptions=model, sizing=size_market(market, seats, model))
