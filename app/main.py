"""The service: `create_app` puts it together, `serve` runs it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api import (
    accounts,
    changes,
    datasets,
    files,
    health,
    jobs,
    pages,
    plans,
    problems,
    route,
    routing,
)
from app.api.context import Services
from app.api.guard import Guard
from app.api.limits import SizeLimit
from app.api.schemas import Problem
from app.jobs.supervisor import Supervisor
from app.settings import Settings, check_bind
from app.store import migrate

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
        try:
            yield
        finally:
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
    )
    app.state.services = services
    problems.install(app)
    for part in (
        health, datasets, plans, files, jobs, route, routing, accounts, changes, pages,
    ):  # fmt: skip
        app.include_router(part.router)
    app.mount("/static", Assets(directory=STATIC, check_dir=False), name="static")
    app.add_middleware(SizeLimit, settings=settings)
    app.add_middleware(Guard, settings=settings)
    _describe_problems(app)
    return app


def serve(settings: Settings) -> None:
    """Run the service until it is told to end.

    Raises OptionError where it must not listen and UnavailableError without a usable database.
    """
    check_bind(settings)
    app = create_app(settings)
    migrate.upgrade(app.state.services.database)  # said in words here, a traceback in the server
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        proxy_headers=False,  # who asks is who connects: a header cannot make it another
        server_header=False,
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


def _describe_problems(app: FastAPI) -> None:
    make = app.openapi

    def openapi() -> dict[str, object]:
        schema = make()
        schemas = schema["components"]["schemas"]
        schemas.setdefault(
            "Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        )
        for name, definition in schemas["Problem"].pop("$defs", {}).items():
            schemas.setdefault(name, definition)
        # The framework describes a body of its own that we never send.
        for path in schema["paths"].values():
            for operation in path.values():
                if "422" in operation["responses"]:
                    operation["responses"]["422"]["content"] = {
                        problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                    }
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
