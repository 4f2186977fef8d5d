"""Sends what is in the outbox, in threads of its own, for as long as the service runs.

Any number of services may do so over one database: a delivery is held by one at a time. One that
dies with a delivery in hand leaves it to the others when the lease ends: at least once.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.errors import UnavailableError
from app.settings import Settings
from app.store import deliveries
from app.store.database import Database
from app.store.deliveries import Due, Outcome
from app.store.tables import now
from app.webhooks.send import attempt
from app.webhooks.vault import Vault
from geo.errors import ConflictError

POLL_S: Final = 1.0
AT_ONCE: Final = 8
_FORGET_EVERY: Final = timedelta(hours=1)
log = logging.getLogger("bailiwick.webhooks")


class Dispatcher:
    """Starts with the service and ends with it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing is sent before `start`."""
        self._settings, self._database = settings, database
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent, and end."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        forget_at = now()
        while not self._ending.is_set():
            try:
                sent = deliver_due(self._database, self._settings)
                if now() >= forget_at:
                    forget_at = now() + _FORGET_EVERY
                    keep = timedelta(days=self._settings.webhook_keep_days)
                    with self._database.write() as session:
                        deliveries.forget(session, now() - keep)
            except UnavailableError:
                sent = 0  # a busy moment of the database: the outbox can wait
            except Exception:
                log.exception("sending webhooks failed")
                sent = 0
            if not sent:
                self._ending.wait(POLL_S)


def deliver_due(database: Database, settings: Settings) -> int:
    """Make one attempt at each of the deliveries that are due, a handful; how many."""
    vault = Vault(settings.webhook_keys)
    lease_s = 3 * settings.webhook_timeout_s + 30
    with database.read() as session:  # an idle outbox costs no write
        if not deliveries.any_due(session):
            return 0
    with database.write() as session:
        taken = deliveries.claim(session, limit=AT_ONCE, lease_s=lease_s)

    def one(due: Due) -> None:
        try:
            outcome = attempt(
                replace(due, secrets=tuple(vault.open(kept) for kept in due.secrets)),
                timeout_s=settings.webhook_timeout_s,
                allow_private=settings.webhook_allow_private,
            )
        except ConflictError as error:
            outcome = Outcome(None, error.message, "", 0.0)
        with database.write() as session:
            deliveries.settle(
                session,
                due,
                outcome,
                disable_after=timedelta(hours=settings.webhook_disable_after_h),
            )

    if len(taken) == 1:
        one(taken[0])
    elif taken:
        with ThreadPoolExecutor(len(taken)) as pool:
            list(pool.map(one, taken))
    return len(taken)
