"""Large exports: a job writes the file, and keeps it to be fetched."""

from typing import Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api.caller import C
from app.api.context import S
from app.api.idempotency import O
from app.api.problems import responses
from app.api.schemas import Asked
from app.errors import IdempotencyKeyReusedError, PlanNotReadyError, QueueFullError
from app.store import jobs, plans

router: Final = APIRouter(prefix="/v1/plans", tags=["plans"])


class ExportRequest(Asked):
    """What kind of file is wanted."""

    format: Literal["geojson", "gpkg", "kml", "shp", "geoparquet", "csv", "xlsx"]


class JobStarted(BaseModel):
    """Work on a plan that has been taken on; the job in `Location` says how far it is."""

    plan: str
    job: str


@router.post(
    "/{plan_id}/exports",
    status_code=202,
    response_model=JobStarted,
    responses=responses(PlanNotReadyError, IdempotencyKeyReusedError, QueueFullError),
)
def start_export(services: S, caller: C, once: O, plan_id: str, asked: ExportRequest) -> Response:
    """Ask for the present version as a file: fetch it at `/v1/jobs/{id}/result` once it is done."""
    with once.write(services.database) as session:
        plan = plans.get(session, plan_id)
        job = jobs.add(
            session,
            "export",
            caller=caller.name,
            dataset_id=plan.dataset_id,
            plan_id=plan.id,
            request={"format": asked.format, "version": plan.version},
            most_queued=services.settings.max_queued_jobs,
        )
        headers = {"Location": f"/v1/jobs/{job.id}"}
        return once.answer(session, 202, JobStarted(plan=plan.id, job=job.id), headers)
