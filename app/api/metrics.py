"""Figures for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.caller import LOCAL, C
from app.api.context import S
from app.api.problems import responses
from app.errors import ForbiddenOriginError
from app.settings import is_loopback

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses=responses(ForbiddenOriginError)
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures."}},
)
def metrics(services: S, request: Request, caller: C) -> Response:
    """Requests, times, jobs and look-ups, in Prometheus' text format.

    Answered to this machine, and to an admin's key from elsewhere. The figures of requests are
    those of the process that answers: scrape each.
    """
    keyed = caller is not LOCAL and caller.role == "admin"
    if not keyed and request.client is not None and not is_loopback(request.client.host):
        raise ForbiddenOriginError(
            "the figures are for this machine and for admins",
            hint="Scrape from the machine that the service runs on, or with an admin's key.",
        )
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
