"""The worker processes of a host, as many as the settings say."""

from collections.abc import Sequence

from app.jobs.keeper import WORKER, Keeper
from app.settings import Settings
from app.store.database import Database
from app.store.jobs import KINDS


def kinds_of(settings: Settings, number: int) -> tuple[str, ...]:
    """The kinds of jobs that the worker of that number does, counted from 0.

    A kind of which two may run at once is done by the first two workers, and by no other.
    """
    most = settings.kinds_at_once
    return tuple(kind for kind in KINDS if number < most.get(kind, settings.workers))


class Supervisor:
    """Starts the workers and keeps each of them alive."""

    def __init__(
        self, settings: Settings, database: Database, command: Sequence[str] = WORKER
    ) -> None:
        """Nothing runs before `start`."""
        shares = [kinds_of(settings, number) for number in range(settings.workers)]
        self._keepers = [Keeper(settings, database, kinds, command) for kinds in shares if kinds]

    def start(self) -> None:
        """Start the workers and watch them."""
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        """End the workers; their jobs go back to the queue without counting as an attempt."""
        for keeper in self._keepers:
            keeper.let_go()
        for keeper in self._keepers:
            keeper.stop()

    @property
    def pids(self) -> list[int | None]:
        """Process ids of the workers, None for one that is being replaced."""
        return [keeper.pid for keeper in self._keepers]
