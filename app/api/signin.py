"""Signing in to the pages: with an API key, or through an OpenID provider."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.api.context import S, Services
from app.api.files import page_policy
from app.api.sessions import FLOW, SESSION
from app.api.templates import PAGES
from app.errors import UnauthenticatedError
from app.oidc.provider import Provider
from app.store import audit, keys
from geo.errors import NotFoundError

router = APIRouter(prefix="/auth", include_in_schema=False)
_FLOW_S: Final = 600
_BACK: Final = "/auth/callback"


def _local(address: str) -> str:
    """The address if it is one of our own, else the first page."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\", "/auth/"))
    return address if ours and address.isprintable() else "/"


@router.get("/sign-in", response_class=HTMLResponse)
def page(services: S, next: str = "/") -> HTMLResponse:  # noqa: A002
    """The page that asks who you are."""
    return _page(services, _local(next))


@router.post("/key", response_model=None)
def with_key(
    services: S,
    request: Request,
    key: Annotated[str, Form(max_length=500)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002
) -> HTMLResponse | RedirectResponse:
    """Sign in with an API key; the session lasts no longer than the key."""
    services.keyring.refresh()
    row = services.keyring.find(key.strip())
    if row is None:
        return _page(services, _local(next), "This key is unknown, expired or revoked.")
    response = RedirectResponse(_local(next), 303)
    services.seal.sign_in(request, response, {"key": row.prefix})
    _record(services, f"{row.name} ({keys.PREFIX}{row.prefix})", "key")
    return response


@router.get("/oidc", response_class=RedirectResponse, status_code=303)
def with_provider(services: S, request: Request, next: str = "/") -> RedirectResponse:  # noqa: A002
    """Go to the provider."""
    provider = _provider(services)
    flow = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    back = services.seal.base_url(request) + _BACK
    response = RedirectResponse(provider.address(back, **flow), 303)
    sealed = services.seal.close(FLOW, {**flow, "next": _local(next)}, _FLOW_S)
    services.seal.put(request, response, FLOW, sealed, _FLOW_S)
    return response


@router.get("/callback", response_class=RedirectResponse, status_code=303)
def callback(
    services: S, request: Request, state: str = "", code: str = "", error: str = ""
) -> RedirectResponse:
    """Come back from the provider, with a code that it will take once."""
    provider = _provider(services)
    flow = services.seal.open(FLOW, request.cookies.get(FLOW))
    if flow is None or not secrets.compare_digest(str(flow["state"]).encode(), state.encode()):
        raise UnauthenticatedError(
            "this sign-in was not begun in this browser, or too long ago", hint="Sign in again."
        )
    if error or not code:
        raise UnauthenticatedError(
            f"the provider did not sign you in: {error[:100] or 'no code'}", hint="Sign in again."
        )
    back = services.seal.base_url(request) + _BACK
    caller = provider.caller_of_code(
        code, back, nonce=str(flow["nonce"]), verifier=str(flow["verifier"])
    )
    response = RedirectResponse(str(flow["next"]), 303)
    claims: Mapping[str, str | None] = {
        "name": caller.name, "role": caller.role, "region": caller.region,
    }  # fmt: skip
    services.seal.sign_in(request, response, claims)
    response.delete_cookie(FLOW)
    _record(services, caller.name, "provider")
    return response


@router.post("/sign-out", response_class=RedirectResponse, status_code=303)
def sign_out(services: S, request: Request) -> RedirectResponse:
    """End the session here, and at the provider where it has a page for that."""
    there = None
    session = services.seal.open(SESSION, request.cookies.get(SESSION))
    if session is not None and "key" not in session and services.provider is not None:
        there = services.provider.sign_out_address(services.seal.base_url(request) + "/")
    response = RedirectResponse(there or "/auth/sign-in", 303)
    response.delete_cookie(SESSION)
    return response


def _provider(services: Services) -> Provider:
    if services.provider is None or not services.provider.signs_in:
        raise NotFoundError(
            "nobody signs in through a provider here", hint="Set BAILIWICK_OIDC_ISSUER."
        )
    return services.provider


def _page(services: Services, following: str, wrong: str = "") -> HTMLResponse:
    nonce = secrets.token_urlsafe(18)
    provider = services.provider is not None and services.provider.signs_in
    page = PAGES.get_template("signin.html").render(
        nonce=nonce, next=following, wrong=wrong, provider=provider
    )
    return HTMLResponse(page, 403 if wrong else 200, headers=page_policy(nonce))


def _record(services: Services, actor: str, way: str) -> None:
    with services.database.write() as session:
        audit.record(session, actor, "session.begin", "session", {"with": way})
