"""The id of the request under way: in every answer, problem body and line of the log."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

HEADER: Final = "X-Request-ID"
CURRENT: Final[ContextVar[str]] = ContextVar("bailiwick_request_id", default="")
_SANE: Final = re.compile(r"[\w.:-]{1,100}", re.ASCII)


def of_header(given: str) -> str:
    """The id that came with the request, if it is one; else a new one."""
    return given if _SANE.fullmatch(given) else secrets.token_hex(12)
