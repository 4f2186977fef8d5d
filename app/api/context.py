"""What the endpoints share: settings, database, geocoder, plans in memory. One per app."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from fastapi import Depends, Request

from app.api.in_force import InForce
from app.jobs.reader import Reader
from app.settings import Settings
from app.store import datasets, plans
from app.store.database import Database
from app.store.tables import Plan
from geo.geocode.types import Geocoder
from sales.lookup import Lookup, make_lookup

if TYPE_CHECKING:
    from sales.plan import PlanBundle

T = TypeVar("T")


class Recent(Generic[T]):
    """The few values used last. A plan version never changes, so nothing goes stale."""

    def __init__(self, size: int) -> None:
        """Keep `size` values."""
        self._size, self._lock = size, threading.Lock()
        self._values: OrderedDict[tuple[str, int], T] = OrderedDict()

    def get(self, key: tuple[str, int], make: Callable[[], T]) -> T:
        """The value of `key`, made where it is not there."""
        with self._lock:  # held while making: two requests must not do the same work twice
            if key not in self._values:
                self._values[key] = make()
                if len(self._values) > self._size:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]


class Services:
    """Everything an endpoint needs; made by `create_app`, kept on `app.state`."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self.settings = settings
        self.database = Database(settings.url)
        self.reader = Reader(nice=settings.worker_nice)
        self._bundles: Recent[PlanBundle] = Recent(4)
        self._lookups: Recent[Lookup] = Recent(4)
        self.maps: Recent[str] = Recent(4)
        self.in_force = InForce(self.database, self.lookup)

    @cached_property
    def geocoder(self) -> Geocoder:
        """The offline geocoder, loaded with the first address."""
        from geo.geocode import default_geocoder

        return default_geocoder()

    def bundle(self, plan: Plan) -> "PlanBundle":
        """All files of a plan, parsed."""
        return self._bundles.get((plan.id, plan.version), lambda: self._read(plan))

    def lookup(self, plan: Plan) -> Lookup:
        """Which territory a point is in, by that plan."""
        return self._lookups.get((plan.id, plan.version), lambda: make_lookup(self.bundle(plan)))

    def _read(self, plan: Plan) -> "PlanBundle":
        from sales.planfiles import read_bundle

        with self.database.read() as session:
            files = plans.files(session, plan.id, plan.version)
            dataset = datasets.get(session, plan.dataset_id, load="accounts")
        bundle = read_bundle(files)
        names = datasets.names_of(dataset.accounts)
        if len(names) != len(bundle.assignments):
            return bundle  # the dataset is of cells or units, which have no names
        return replace(bundle, names=names)

    def close(self) -> None:
        """Give everything back."""
        self.in_force.close()
        self.reader.close()
        self.database.close()


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


S = Annotated[Services, Depends(_services)]
