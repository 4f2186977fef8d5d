"""The service: `create_app` puts it together, `serve` runs it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api import (
    accounts,
    answered,
    audit,
    certainty,
    challenges,
    changes,
    datasets,
    diagnoses,
    downloads,
    drafts,
    engagement,
    ensemble,
    explanations,
    exports,
    files,
    health,
    jobs,
    keys,
    metrics,
    ogc,
    openapi,
    pages,
    plans,
    problems,
    publications,
    regions,
    reports,
    route,
    routing,
    scenarios,
    scores,
    signin,
    sizing,
    webhooks,
)
from app.api.access import Access
from app.api.context import Services
from app.api.guard import Guard
from app.api.limits import SizeLimit
from app.api.matching import Matcher
from app.api.negotiation import acceptable
from app.api.paging import Links
from app.api.rate import RateLimit
from app.jobs.supervisor import Supervisor
from app.observe import logs, telemetry
from app.observe.observed import Observed
from app.settings import Settings, check_bind
from app.store import migrate
from app.webhooks.dispatcher import Dispatcher

# Event streams must not wait for more; the others gain nothing.
_COMPRESSED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)

STATIC = Path(__file__).parent / "web" / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """A service of its own, sharing nothing with another; settings from the environment if None.

    Starting it brings the database up to date and starts the worker; stopping it ends both.
    """
    settings = settings or Settings()
    services = Services(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(migrate.upgrade, services.database)
        supervisor = Supervisor(settings, services.database) if settings.run_worker else None
        app.state.supervisor = supervisor
        if supervisor:
            supervisor.start()
            services.reader.start()
        dispatcher = Dispatcher(settings, services.database) if settings.run_webhooks else None
        if dispatcher:
            dispatcher.start()
        try:
            yield
        finally:
            if dispatcher:
                await run_in_threadpool(dispatcher.stop)
            if supervisor:
                await run_in_threadpool(supervisor.stop)
            await run_in_threadpool(services.close)

    app = FastAPI(
        title="Bailiwick",
        version=version("bailiwick"),
        description="Sales territories: contiguous, balanced, and proven so.",
        lifespan=lifespan,
        docs_url=None,  # its pages load scripts from elsewhere; /openapi.json has it all
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
        dependencies=[Depends(acceptable)],
    )
    app.state.services = services
    problems.install(app)
    answered.install(app)
    for part in (
        health, metrics, datasets, plans, drafts, publications, files, downloads, exports,
        ensemble, reports, jobs, route, routing, accounts, changes, ogc, regions, keys, audit,
        webhooks, scores, sizing, certainty, engagement, explanations, challenges, scenarios,
        diagnoses, signin, pages,
    ):  # fmt: skip
        app.include_router(part.router)
    app.mount("/static", Assets(directory=STATIC, check_dir=False), name="static")
    # The last one added is the outermost.
    app.add_middleware(Links, public_url=settings.public_url)
    app.add_middleware(
        GZipMiddleware, minimum_size=1000, compresslevel=5, exclude_content_types=_COMPRESSED
    )
    app.add_middleware(SizeLimit, settings=settings)
    app.add_middleware(RateLimit, settings=settings)
    app.add_middleware(Access, services=services, matcher=Matcher(app.routes))
    app.add_middleware(Guard, services=services)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, **openapi.CORS, allow_origins=settings.cors_origins)
    app.add_middleware(Observed, metrics=services.metrics)
    if settings.telemetry:
        telemetry.trace(app)
    openapi.describe(app)
    return app


def serve(settings: Settings) -> None:
    """Run the service until it is told to end.

    Raises OptionError where it must not listen and UnavailableError without a usable database.
    """
    logs.set_up(settings.log_format)
    if not settings.oidc_issuer and settings.is_new:
        check_bind(settings)  # no database yet, so no key: refused before anything is made
    app = create_app(settings)
    services: Services = app.state.services
    migrate.upgrade(services.database)  # said in words here, a traceback in the server
    services.keyring.refresh()
    check_bind(settings, guarded=services.guarded)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        proxy_headers=False,  # who asks is who connects: a header cannot make it another
        server_header=False,
        access_log=False,  # ours has the request's id, and no query strings
        log_config=None,
        timeout_graceful_shutdown=3,
    )


class Assets(StaticFiles):
    """Scripts and styles that come with the package; a browser asks again after a day."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, to be kept for a day."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'page'}_{route.name}"
