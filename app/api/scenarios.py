"""What-ifs on a plan: a job makes a draft plan of each scenario, and compares them."""

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from app.api.caller import C
from app.api.context import S
from app.api.idempotency import O
from app.api.problems import responses
from app.api.scenarios_schemas import (
    ComparisonOut,
    Comparisons,
    ScenarioPlan,
    ScenariosRequest,
    ScenariosStarted,
)
from app.errors import IdempotencyKeyReusedError, PlanNotReadyError, QueueFullError
from app.store import audit, datasets, jobs, plans
from geo.errors import InputError, OptionError

router: Final = APIRouter(prefix="/v1/plans", tags=["plans"])


@router.post(
    "/{plan_id}/scenarios",
    status_code=202,
    response_model=ScenariosStarted,
    responses=responses(
        PlanNotReadyError, InputError, OptionError, IdempotencyKeyReusedError, QueueFullError
    ),
)
def start_scenarios(
    services: S, caller: C, once: O, plan_id: str, asked: ScenariosRequest
) -> Response:
    """Ask for what-ifs on the newest version: each becomes a draft plan that can be published."""
    from app.jobs.scenarios import book_from
    from sales.realign.sales import check_basis
    from sales.realign.slug import slugs

    request: dict[str, Any] = asked.model_dump(mode="json", exclude_defaults=True)
    request |= {"seed": asked.seed}
    names = slugs([scenario.name for scenario in asked.scenarios])
    check_basis(book_from(request, Path(), services.geocoder, bookings=None).basis)
    with once.write(services.database) as session:
        plan = plans.get(session, plan_id)
        for scenario in asked.scenarios:
            if scenario.merge is not None:
                plans.get(session, scenario.merge.plan)
            if scenario.potential is not None and scenario.potential.dataset:
                datasets.get(session, scenario.potential.dataset)
        made = {name: jobs.new_id("pl") for name in names}
        job = jobs.add(
            session,
            "scenarios",
            caller=caller.name,
            dataset_id=plan.dataset_id,
            plan_id=plan.id,
            request=request | {"version": plan.version, "plans": made},
            most_queued=services.settings.max_queued_jobs,
        )
        about = {"job": job.id, "scenarios": [scenario.name for scenario in asked.scenarios]}
        audit.record(session, caller.name, "plan.scenarios", plan.id, about)
        body = ScenariosStarted(
            plan=plan.id,
            job=job.id,
            plans=[
                ScenarioPlan(scenario=scenario.name, plan=made[name])
                for scenario, name in zip(asked.scenarios, names, strict=True)
            ],
        )
        return once.answer(session, 202, body, {"Location": f"/v1/jobs/{job.id}"})


@router.get("/{plan_id}/scenarios", responses=responses(PlanNotReadyError))
def scenarios(
    services: S, plan_id: str, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> Comparisons:
    """Comparisons of what-ifs on this plan that have been made, newest first."""
    with services.database.read() as session:
        plan = plans.get(session, plan_id)
        found = jobs.done(session, "scenarios", plan_id=plan.id, limit=limit)
        return Comparisons(
            plan=plan.id,
            comparisons=[
                ComparisonOut(
                    job=job.id,
                    made_at=job.finished_at,
                    version=job.request["version"],
                    plans=[ScenarioPlan(**entry) for entry in job.result["plans"]],
                    comparison=job.result["comparison"],
                )
                for job in found
                if job.result is not None and job.finished_at is not None
            ],
        )
