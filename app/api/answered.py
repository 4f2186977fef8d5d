"""An answer that is there before the endpoint would run."""

from fastapi import FastAPI, Request
from starlette.responses import Response


class Answered(Exception):  # noqa: N818
    """Ends a request with `response`."""

    def __init__(self, response: Response) -> None:
        self.response = response


def install(app: FastAPI) -> None:
    """Let the answer leave as it is."""

    async def leave(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Answered)
        return error.response

    app.add_exception_handler(Answered, leave)
