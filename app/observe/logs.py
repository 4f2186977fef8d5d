"""What the log looks like: lines for people, or one JSON object per line for machines."""

import logging
import re
import sys
from typing import Final

from pythonjsonlogger.json import JsonFormatter
from starlette.types import Scope

from app.observe.request_id import CURRENT
from app.settings import LogFormat

_OWN_ID: Final = re.compile(r"[a-z]{2,3}_[0-9a-f]{16,}")
_CONSOLE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s%(trail)s"
_PASSWORD: Final = re.compile(r"(\w+://[^:/@\s]*:)[^@/\s]+@")


class _WithRequest(logging.Filter):
    """Adds the id of the request under way to a record, and takes passwords out of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = CURRENT.get()
        record.request_id = request_id or None
        record.trail = f" [{request_id}]" if request_id else ""
        if "://" in (said := record.getMessage()):
            record.msg, record.args = _PASSWORD.sub(r"\1***@", said), None
        return True


def set_up(form: LogFormat) -> None:
    """Send everything that is logged to standard error, in that form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithRequest())
    if form == "json":
        handler.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message", "request_id"],
                rename_fields={"levelname": "level", "name": "logger"},
                reserved_attrs=[*logging.makeLogRecord({}).__dict__, "trail", "color_message"],
                timestamp="time",
            )
        )
    else:
        handler.setFormatter(logging.Formatter(_CONSOLE))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log whole URLs
    logging.getLogger("alembic").setLevel(logging.WARNING)


def place(scope: Scope) -> str:
    """The address asked for, without anything that could tell of a person.

    That is the route's template, filled in with ids of our own making only; no query string.
    """
    path = route_of(scope)
    for name, value in scope.get("path_params", {}).items():
        if _OWN_ID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def route_of(scope: Scope) -> str:
    """The template of the route, e.g. `/v1/plans/{plan_id}`; `other` where there is none."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    return "/static" if scope["path"].startswith("/static/") else "other"
