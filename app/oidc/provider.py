"""An OpenID provider: where its pages are, its keys, and whom its tokens name."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import ClaimsOption

from app.api.caller import Caller
from app.errors import ForbiddenError, UnauthenticatedError, UnavailableError
from app.settings import ROLES, Settings

_SIGNED_BY: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_KEPT_S: Final = 3600.0
_AGAIN_S: Final = 10.0  # an unknown key id makes us look again, but not for every request
_LEEWAY_S: Final = 30
_TIMEOUT_S: Final = 10.0
_WIDEST_FIRST: Final = ("admin", "planner", "integrator", "manager")


class Provider:
    """The provider of the settings; what it says of itself is kept for an hour."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked yet."""
        self._settings, self._lock = settings, threading.Lock()
        self._about: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")

    @property
    def takes_bearer(self) -> bool:
        """Whether access tokens are taken in place of API keys."""
        return bool(self._settings.oidc_audience)

    @property
    def signs_in(self) -> bool:
        """Whether people can sign in to the pages."""
        return bool(self._settings.oidc_client_id)

    def address(self, back: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send a browser so that its person signs in; it comes back to `back`."""
        about, _ = self._known()
        with self._client(back) as client:
            url, _ = client.create_authorization_url(
                str(about["authorization_endpoint"]),
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        return str(url)

    def caller_of_code(self, code: str, back: str, *, nonce: str, verifier: str) -> Caller:
        """Who has signed in. Raises UnauthenticatedError, ForbiddenError and UnavailableError."""
        about, _ = self._known()
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    str(about["token_endpoint"]), code=code, code_verifier=verifier
                )
        except AuthlibBaseError as error:
            raise _refused(f"the provider did not take the code: {error.error}") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise _unreachable() from error
        claims = self._claims(
            str(token.get("id_token", "")), self._settings.oidc_client_id, nonce=nonce
        )
        return self._caller(claims)

    def caller_of_bearer(self, token: str) -> Caller:
        """Whose access token it is. Raises as `caller_of_code`."""
        return self._caller(self._claims(token, self._settings.oidc_audience))

    def sign_out_address(self, back: str) -> str | None:
        """Where the provider ends its own session, if it has such a page."""
        end = self._known()[0].get("end_session_endpoint")
        query = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back}
        return f"{end}?{urlencode(query)}" if end else None

    def _client(self, back: str) -> OAuth2Client:
        settings = self._settings
        secret = settings.oidc_client_secret
        return OAuth2Client(
            settings.oidc_client_id,
            secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )

    def _claims(self, token: str, audience: str, nonce: str | None = None) -> dict[str, Any]:
        needed: dict[str, ClaimsOption] = {
            "iss": {"essential": True, "value": self._issuer()},
            "aud": {"essential": True, "value": audience},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }
        if nonce is not None:
            needed["nonce"] = {"essential": True, "value": nonce}
        rules = jwt.JWTClaimsRegistry(None, _LEEWAY_S, **needed)
        try:
            claims = self._verified(token).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise _refused(f"the token is not good: {error}") from error
        if nonce is not None and claims.get("azp", audience) != audience:
            raise _refused("the token was made for another service")
        return claims

    def _verified(self, token: str) -> jwt.Token:
        _, keys = self._known()
        try:
            return jwt.decode(token, keys, algorithms=_SIGNED_BY)
        except InvalidKeyIdError:  # the provider may have new keys
            _, keys = self._known(older_than_s=_AGAIN_S)
            return jwt.decode(token, keys, algorithms=_SIGNED_BY)

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        settings = self._settings
        found = _at(claims, settings.oidc_role_claim)
        groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        named = settings.oidc_roles or {role: role for role in ROLES}
        roles = {named[group] for group in groups if isinstance(group, str) and group in named}
        name = str(claims.get("email") or claims.get("preferred_username") or claims["sub"])
        role = next((role for role in _WIDEST_FIRST if role in roles), None)
        region = _at(claims, settings.oidc_region_claim)
        if role is None:
            raise ForbiddenError(
                f"{name} has no role here",
                hint=f"The provider gives roles in the claim {settings.oidc_role_claim!r}; "
                "BAILIWICK_OIDC_ROLES says which is which.",
            )
        if role == "manager" and not (isinstance(region, str) and region):
            raise ForbiddenError(
                f"{name} is a manager without a region",
                hint=f"The provider gives it in the claim {settings.oidc_region_claim!r}.",
            )
        return Caller(name, role, str(region) if role == "manager" else None)

    def _issuer(self) -> str:
        return str(self._known()[0]["issuer"])

    def _known(self, older_than_s: float = _KEPT_S) -> tuple[Mapping[str, Any], KeySet]:
        """What the provider says of itself and its keys, asked for again when old."""
        with self._lock:
            if self._keys is None or time.monotonic() - self._asked_at > older_than_s:
                self._ask()
            assert self._keys is not None
            return self._about, self._keys

    def _ask(self) -> None:
        issuer = self._settings.oidc_issuer
        try:
            with httpx2.Client(timeout=_TIMEOUT_S) as client:
                answer = client.get(f"{issuer}/.well-known/openid-configuration")
                about = answer.raise_for_status().json()
                keys = client.get(str(about["jwks_uri"])).raise_for_status().json()
            known = KeySet.import_key_set(keys)
            itself = str(about["issuer"]).rstrip("/") == issuer
        except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            raise _unreachable() from error
        if not (itself and {"authorization_endpoint", "token_endpoint"} <= set(about)):
            raise _unreachable()
        self._about, self._keys, self._asked_at = about, known, time.monotonic()


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The claim at a path of dots; a claim whose own name has them goes first."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _refused(message: str) -> UnauthenticatedError:
    return UnauthenticatedError(message, hint="Sign in again, or get a new token.")


def _unreachable() -> UnavailableError:
    return UnavailableError(
        "the OpenID provider cannot be reached or does not answer as one",
        hint="Try again in a moment; if it persists, look at BAILIWICK_OIDC_ISSUER.",
    )
