"""A served app that writes down what it is asked: `python -m tests.service.recorded_service FILE`.

A process of its own, since GDAL's client keeps Python from doing anything else while it reads.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.settings import Settings


class Recorded:
    """An app that appends path and query of each request to a file."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self.app, self.file = app, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with self.file.open("a") as out:
                out.write(f"{scope['path']}?{scope['query_string'].decode()}\n")
        await self.app(scope, receive, send)


if __name__ == "__main__":
    settings = Settings(run_worker=False)
    app = Recorded(create_app(settings), Path(sys.argv[1]))
    uvicorn.run(app, port=settings.port, log_config=None)
