"""The API keys in memory, at most about a second old, so that a look-up costs no query."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.errors import UnavailableError
from app.store import keys
from app.store.database import Database
from app.store.tables import ApiKey, now

# Between the two, keys are still believed while fresh ones are read beside the request.
_SOON_S: Final = 0.5
_STALE_S: Final = 1.0


@dataclass(frozen=True)
class _Keys:
    at: float = float("-inf")
    by_prefix: Mapping[str, ApiKey] = field(default_factory=dict)


class Keyring:
    """All keys of the database; several processes may share it, each with a ring of its own."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database, self._keys, self._in_use = database, _Keys(), False
        self._lock = threading.Lock()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="keyring")
        self._reading = False
        self._noted: dict[str, datetime] = {}

    @property
    def is_stale(self) -> bool:
        """Whether `refresh` must be called before the next look-up."""
        return time.monotonic() - self._keys.at > _STALE_S

    @property
    def in_use(self) -> bool:
        """Whether a key was ever made, as far as known; once true it stays so."""
        return self._in_use

    def refresh(self) -> None:
        """Read the keys unless they are fresh; raises UnavailableError."""
        with self._lock:
            if self.is_stale:
                self._read()

    def forget(self) -> None:
        """Read the keys anew at the next request: this process has changed them."""
        with self._lock:  # a read that is under way may have missed the change
            self._keys = _Keys(by_prefix=self._keys.by_prefix)

    def find(self, key: str) -> ApiKey | None:
        """The valid key that this is; None where there is none. Notes that it was used."""
        row = self._keys.by_prefix.get(keys.prefix_of(key) or "")
        self._read_beside()
        return row if row is not None and keys.fits(row, key) and self._usable(row) else None

    def by_prefix(self, prefix: str) -> ApiKey | None:
        """The valid key of that prefix, for whoever has shown the key before."""
        row = self._keys.by_prefix.get(prefix)
        self._read_beside()
        return row if row is not None and self._usable(row) else None

    def close(self) -> None:
        """Finish what is under way."""
        self._beside.shutdown()

    def _usable(self, row: ApiKey) -> bool:
        if not keys.is_valid(row):
            return False
        last, moment = self._noted.get(row.prefix) or row.last_used_at, now()
        if last is None or moment - last >= keys.USED_EVERY:
            self._noted[row.prefix] = moment
            self._beside.submit(self._note, row.prefix)
        return True

    def _note(self, prefix: str) -> None:
        try:
            with self._database.write() as session:
                keys.used(session, prefix)
        except UnavailableError:
            del self._noted[prefix]  # the next use tries again

    def _read(self) -> None:
        at = time.monotonic()  # before the query: what changes during it is not in it
        with self._database.read() as session:
            rows = keys.listing(session)
        self._keys = _Keys(at, {row.prefix: row for row in rows})
        self._in_use = self._in_use or bool(rows)

    def _read_beside(self) -> None:
        if self._reading or time.monotonic() - self._keys.at < _SOON_S:
            return
        self._reading = True
        self._beside.submit(self._try_read)

    def _try_read(self) -> None:
        try:
            with self._lock:
                self._read()
        except UnavailableError:
            pass  # the next request finds the keys stale, and says so
        finally:
            self._reading = False
