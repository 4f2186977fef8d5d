"""Who is asking, and may they: decided for every request before its body is read."""

from urllib.parse import quote, urlsplit

from fastapi.concurrency import run_in_threadpool
from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.caller import LOCAL, Caller
from app.api.context import Services
from app.api.matching import Matcher
from app.api.permissions import RULES, Rule
from app.api.problems import of_error
from app.api.sessions import SESSION
from app.errors import ForbiddenError, ForbiddenOriginError, UnauthenticatedError
from app.store.keys import PREFIX
from app.store.tables import ApiKey
from geo.errors import BailiwickError

_SAFE = ("GET", "HEAD", "OPTIONS")
_SIGN_IN = "/auth/sign-in"


class Access:
    """ASGI middleware: finds the caller by key, token or cookie, and asks the table of rules."""

    def __init__(self, app: ASGIApp, services: Services, matcher: Matcher) -> None:
        """Wrap `app`."""
        self._app, self._services, self._matcher = app, services, matcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the caller in the request's state."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        name = self._matcher.name(scope["method"], get_route_path(scope))
        rule = RULES.get(name) if name else None
        if rule is not None and rule.public:
            if scope["method"] not in _SAFE and not self._is_own_page(headers):
                await of_error(_foreign())(scope, receive, send)
                return
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope["method"], headers)
            if name is not None:
                _check(caller, rule, name)
        except UnauthenticatedError as error:
            if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                asked = scope["path"] + (f"?{q.decode()}" if (q := scope["query_string"]) else "")
                there = RedirectResponse(f"{_SIGN_IN}?next={quote(asked, safe='')}", 303)
                await there(scope, receive, send)
                return
            await of_error(error)(scope, receive, send)
            return
        except BailiwickError as error:
            await of_error(error)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller

        async def send_privately(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.setdefault("Cache-Control", "private, no-cache")
                answer.add_vary_header("Authorization")
                answer.add_vary_header("Cookie")
            await send(message)

        await self._app(scope, receive, send_privately)

    async def _caller(self, method: str, headers: Headers) -> Caller:
        ring = self._services.keyring
        if ring.is_stale:
            await run_in_threadpool(ring.refresh)
        if not self._services.guarded:
            return LOCAL
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return await self._bearer(token.strip())
        if kind:
            raise UnauthenticatedError(
                f"the service does not know {kind!r} authorization",
                hint="Send Authorization: Bearer with an API key.",
            )
        cookie = cookie_parser(headers.get("cookie", "")).get(SESSION)
        found = self._services.seal.open(SESSION, cookie) if cookie else None
        caller = self._signed_in(found) if found else None
        if caller is None:
            raise UnauthenticatedError(
                "the request does not say who is asking",
                hint="Send Authorization: Bearer with an API key, or sign in at /auth/sign-in.",
            )
        if method not in _SAFE and not self._is_own_page(headers):
            raise _foreign()
        return caller

    async def _bearer(self, token: str) -> Caller:
        if token.startswith(PREFIX):
            row = self._services.keyring.find(token)
            if row is None:
                raise UnauthenticatedError(
                    "the API key is unknown, expired or revoked",
                    hint="Ask an admin for a new one, or make one with bailiwick keys create.",
                )
            return _of_key(row)
        provider = self._services.provider
        if provider is None or not provider.takes_bearer:
            raise UnauthenticatedError(
                "the bearer token is no API key", hint="A key begins with bw_."
            )
        return await run_in_threadpool(provider.caller_of_bearer, token)

    def _is_own_page(self, headers: Headers) -> bool:
        """Whether a browser vouches that a page of this very host and port asks for a change."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        own = {headers.get("host"), urlsplit(self._services.settings.public_url).netloc} - {""}
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc in own

    def _signed_in(self, claims: dict[str, str]) -> Caller | None:
        if "key" in claims:
            row = self._services.keyring.by_prefix(claims["key"])
            return _of_key(row) if row else None
        return Caller(claims["name"], claims["role"], claims.get("region"))  # type: ignore[arg-type]


def _of_key(row: ApiKey) -> Caller:
    name = f"{row.name} ({PREFIX}{row.prefix})"
    return Caller(name, row.role, row.region, frozenset(row.scopes))  # type: ignore[arg-type]


def _check(caller: Caller, rule: Rule | None, name: str) -> None:
    if rule is None:
        raise ForbiddenError(
            f"nobody may call {name}", hint="It has no line in the table of permissions."
        )
    if not rule.by_role(caller.role):
        may = ", ".join([*sorted(rule.roles), "admin"])
        raise ForbiddenError(f"the role {caller.role} may not call {name}", hint=f"Roles: {may}.")
    if not rule.by_scope(caller.scopes):
        raise ForbiddenError(
            f"the key's scopes do not allow {name}", hint=f"It needs the scope {rule.scope}."
        )


def _foreign() -> ForbiddenOriginError:
    return ForbiddenOriginError(
        "with a cookie, only the service's own pages may change something",
        hint="A program sends Authorization: Bearer instead of the cookie.",
    )
