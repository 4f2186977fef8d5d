"""The secrets of webhooks as the database has them: sealed, where the settings have a key."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from geo.errors import ConflictError

_PLAIN: Final = "whsec_"


class Vault:
    """Seals with the first key and opens with any; without keys secrets stay as they are."""

    def __init__(self, keys: Sequence[str]) -> None:
        """With the keys of the settings, the newest first."""
        self._box = MultiFernet([Fernet(_stretched(key)) for key in keys]) if keys else None

    def close(self, secret: str) -> str:
        """What to keep of a secret."""
        return self._box.encrypt(secret.encode()).decode() if self._box else secret

    def open(self, kept: str) -> str:
        """The secret; raises ConflictError where it was sealed with a key that is not there."""
        if kept.startswith(_PLAIN):
            return kept  # made before there was a key
        try:
            if self._box is not None:
                return self._box.decrypt(kept.encode()).decode()
        except InvalidToken:
            pass
        raise ConflictError(
            "the webhook's secret was sealed with another key",
            hint="Put that key into BAILIWICK_WEBHOOK_KEYS again, behind the new one, "
            "or rotate the secret.",
        )


def _stretched(key: str) -> bytes:
    """The 32 bytes that Fernet wants; the settings refuse keys that could be guessed."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
