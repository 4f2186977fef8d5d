"""An OpenID provider on a real socket: discovery, keys, authorization, token endpoint."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "bailiwick", "s3cret of the client"


@dataclass
class Fake:
    """The provider and what it will say; change it to make it lie."""

    issuer: str = ""
    keys: list[RSAKey | ECKey] = field(
        default_factory=lambda: [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})]
    )
    claims: dict[str, Any] = field(default_factory=dict)  # over those of the id token
    asked: list[str] = field(default_factory=list)  # paths
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, key: RSAKey | ECKey | None = None, alg: str = "RS256", **claims: Any) -> str:
        """A signed token with the claims of somebody in good standing, and these over them."""
        key = key or self.keys[0]
        now = int(time.time())
        body = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "u-1", "email": "ann@example.com",
            "iat": now, "exp": now + 300, "roles": ["planner"],
        } | claims  # fmt: skip
        good = {k: v for k, v in body.items() if v is not None}
        return jwt.encode({"alg": alg, "kid": key.kid}, good, key)

    def authorize(self, url: str) -> tuple[str, str]:
        """What a browser does there once its person has signed in: (code, state)."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code, asked["state"]

    def take(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The answer of the token endpoint; a code is good for one time."""
        expected = base64.b64encode(
            f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+')}".encode()
        ).decode()
        plain = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization not in (f"Basic {expected}", f"Basic {plain}"):
            return {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return {"error": "invalid_grant"}
        token = self.token(**({"nonce": asked["nonce"]} | self.claims))
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def get(self, path: str) -> dict[str, Any] | None:
        """Discovery and keys."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
            }
        if path == "/keys":
            return dict(KeySet(list(self.keys)).as_dict(private=False))
        return None


@contextmanager
def provider() -> Iterator[Fake]:
    """A provider that answers on a port of this machine."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            self._answer(fake.get(self.path))

        def do_POST(self) -> None:
            fake.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {k: v[0] for k, v in parse_qs(body).items()}
            self._answer(fake.take(form, self.headers.get("authorization", "")))

        def _answer(self, body: dict[str, Any] | None) -> None:
            self.send_response(404 if body is None else 400 if "error" in body else 200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
