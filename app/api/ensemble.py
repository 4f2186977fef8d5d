"""Is today's map unfair? Many valid maps of a plan's market are drawn, by a job."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.caller import C
from app.api.context import S
from app.api.exports import JobStarted
from app.api.idempotency import O
from app.api.problems import responses
from app.api.schemas import Asked, Name
from app.errors import IdempotencyKeyReusedError, PlanNotReadyError, QueueFullError
from app.store import jobs, plans

router: Final = APIRouter(prefix="/v1/plans", tags=["plans"])


class EnsembleRequest(Asked):
    """How many maps, and which map is judged."""

    maps: Annotated[int, Field(ge=20, le=20_000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    tolerance: Annotated[
        float | None,
        Field(gt=0, lt=1, description="of the maps drawn; the plan's own if left out"),
    ] = None
    tree: Literal["uniform", "minimal"] = "uniform"
    incumbent: Annotated[
        Name | None, Field(description="id of the plan to judge on this one's cells")
    ] = None
    format: Annotated[
        Literal["json", "zip"], Field(description="the figures, or all files with the plots")
    ] = "json"


@router.post(
    "/{plan_id}/ensemble",
    status_code=202,
    response_model=JobStarted,
    responses=responses(PlanNotReadyError, IdempotencyKeyReusedError, QueueFullError),
)
def start_ensemble(
    services: S, caller: C, once: O, plan_id: str, asked: EnsembleRequest
) -> Response:
    """Draw maps and say where today's stands: `/v1/jobs/{id}/result` has it once that is done."""
    request = asked.model_dump(mode="json", exclude_none=True)
    with once.write(services.database) as session:
        plan = plans.get(session, plan_id)
        if asked.incumbent is not None:
            plans.get(session, asked.incumbent)  # there, and finished
        job = jobs.add(
            session,
            "ensemble",
            caller=caller.name,
            dataset_id=plan.dataset_id,
            plan_id=plan.id,
            request=request | {"version": plan.version},
            most_queued=services.settings.max_queued_jobs,
        )
        headers = {"Location": f"/v1/jobs/{job.id}"}
        return once.answer(session, 202, JobStarted(plan=plan.id, job=job.id), headers)
