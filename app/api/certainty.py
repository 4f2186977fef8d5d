"""How likely a plan is in balance, its potentials being estimates."""

from fastapi import APIRouter

from app.api.context import S
from app.api.problems import responses
from app.api.scores_schemas import Certain, CertaintyRequest
from app.api.stored_accounts import accounts_of
from app.errors import PlanNotReadyError
from app.store import plans
from geo.errors import InputError, MissingColumnError, NotFoundError, OptionError

router = APIRouter(prefix="/v1/plans", tags=["plans"])


@router.post(
    "/{plan_id}/certainty",
    responses=responses(
        NotFoundError, OptionError, InputError, MissingColumnError, PlanNotReadyError
    ),
)
def certain(services: S, plan_id: str, asked: CertaintyRequest) -> Certain:
    """With which probability each territory is within tolerance (Monte Carlo with a seed)."""
    from sales.potential.model import SharedError
    from sales.potential.plan_certainty import plan_certainty

    with services.database.read() as session:
        plan = plans.get(session, plan_id)
    bundle = services.bundle(plan)
    dataset_id = asked.dataset or plan.dataset_id
    shared = [SharedError(error.column, error.sd) for error in asked.shared]
    with accounts_of(services, dataset_id) as (_, table):
        found = plan_certainty(
            bundle, table, shared, tolerance=asked.tolerance, draws=asked.draws, seed=asked.seed
        )
    return Certain(plan=plan.id, dataset=dataset_id, certainty=found)
