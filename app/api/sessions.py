"""The sealed cookies of people who have signed in: only the service can make or change one."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response

from app.settings import Settings

SESSION: Final = "bailiwick_session"
FLOW: Final = "bailiwick_flow"
_ALGORITHM: Final = "HS256"


class Seal:
    """Seals claims into a text for a cookie, and opens it again."""

    def __init__(self, settings: Settings) -> None:
        """With the secret of the settings, or one of its own."""
        self._settings = settings
        secret = settings.session_secret or secrets.token_urlsafe(48)
        self._key = OctKey.import_key(secret)

    def close(self, purpose: str, claims: Mapping[str, Any], seconds: float) -> str:
        """The text of the cookie `purpose`, which opens for so many seconds."""
        body = {**claims, "aud": purpose, "exp": int(time.time() + seconds)}
        return jwt.encode({"alg": _ALGORITHM}, body, self._key)

    def open(self, purpose: str, text: str | None) -> dict[str, Any] | None:
        """The claims; None where the text is forged, for something else, or too old."""
        rules = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": purpose}, exp={"essential": True}
        )
        try:
            token = jwt.decode(text or "", self._key, algorithms=[_ALGORITHM])
            rules.validate(token.claims)
        except (JoseError, ValueError):
            return None
        return token.claims

    def sign_in(self, request: Request, response: Response, claims: Mapping[str, Any]) -> None:
        """Put the session into the browser."""
        seconds = self._settings.session_hours * 3600
        text = self.close(SESSION, claims, seconds)
        self.put(request, response, SESSION, text, seconds)

    def put(
        self, request: Request, response: Response, name: str, text: str, seconds: float
    ) -> None:
        """A cookie that no script reads, no other site sends with a change, and https keeps."""
        response.set_cookie(
            name,
            text,
            max_age=int(seconds),
            secure=self.base_url(request).startswith("https:"),
            httponly=True,
            samesite="lax",  # the provider sends people back from its own site
        )

    def base_url(self, request: Request) -> str:
        """Where people reach the service; its host name was checked by the guard."""
        return self._settings.public_url or str(request.base_url).rstrip("/")
