"""One request and its answer: form by `f` or Accept, parameters, ETag, headers."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.errors import BadParameterError
from app.ogc import html
from app.ogc.links import GEOJSON, Address
from app.ogc.query import CRS84, EVERYWHERE, single, whole

CARRIED: Final[tuple[str, ...]] = (
    "plan",
    "version",
    "level",
)  # from each document to those that it links to
_JSON_KINDS: Final = ("*/*", "application/*", "application/json", "application/geo+json")
_HTML_KINDS: Final = ("text/html", "application/xhtml+xml", "text/*")


@dataclass(frozen=True)
class Exchange:
    """A request that has been checked: `given` its parameters, `form` json or html."""

    request: Request
    given: Mapping[str, str]
    form: str
    address: Address

    def tag(self, *parts: str) -> str:
        """The entity tag: weak, as the same answer may travel compressed or not."""
        said = (version("bailiwick"), str(self.request.url), self.form, *parts)
        digest = hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()
        return f'W/"{digest[:32]}"'

    def answer(
        self,
        tag: str,
        kind: str,
        page: str,
        title: str,
        trail: Sequence[tuple[str, str]],
        make: Callable[[], dict[str, Any]],
    ) -> Response:
        """The document that `make` gives, as JSON or a page; 304 where the client has it.

        `trail` are names and paths of the pages above this one.
        """
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept"}
        if is_known(self.request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        document = make()
        if kind == GEOJSON:
            headers["Content-Crs"] = f"<{CRS84}>"
        if self.form == "html":
            above = [(name, self.address.of(path, f="html")) for name, path in trail]
            shown = html.page(page, document, above, title)
            return HTMLResponse(shown, headers=headers | html.HEADERS)
        body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return Response(body.encode("utf-8", "replace"), headers=headers, media_type=kind)


def exchange(
    request: Request,
    known: Collection[str] = (),
    *,
    kinds: Collection[str] = (),
    free: bool = False,
) -> Exchange:
    """The request, checked; `known` its parameters beside `f`, `plan` and `version`.

    `kinds` are media types that its JSON may be asked for by; with `free` whoever takes it checks
    which other parameters there are. Raises BadParameterError, and
    HTTPException 406 where nothing that is accepted can be given.
    """
    given = single(request.query_params, None if free else [*EVERYWHERE, *known])
    form = given.get("f") or _negotiated(request.headers.get("accept", ""), kinds)
    if form not in ("json", "html") or given.get("f") == "":
        raise BadParameterError("the parameter 'f' is neither json nor html", hint="f=json")
    whole(given, "version", 1, least=1)
    root: str = request.app.state.services.seal.base_url(request)
    carried: dict[str, str] = {name: given[name] for name in CARRIED if name in given}
    return Exchange(request, given, form, Address(root, carried))


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has what `tag` names (RFC 9110 §13.1.2, compared weakly)."""
    if if_none_match is None:
        return False
    known = re.findall(r'(?:W/)?("[^"]*")', if_none_match)
    return if_none_match.strip() == "*" or tag.removeprefix("W/") in known


def _negotiated(accept: str, kinds: Collection[str]) -> str:
    best, form = 0.0, ""
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        offered = (
            "html" if kind in _HTML_KINDS else "json" if kind in (*_JSON_KINDS, *kinds) else ""
        )
        if offered and quality > best:
            best, form = quality, offered
    if not form:
        raise HTTPException(406, "there is JSON and HTML, and neither is accepted")
    return form


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
