"""What the endpoints share: settings, database, geocoder, plans in memory. One per app."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.api.caller import Caller
from app.api.in_force import InForce
from app.api.keyring import Keyring
from app.api.sessions import Seal
from app.drafts import Drafts
from app.jobs.reader import Reader
from app.observe.metrics import Metrics
from app.oidc.provider import Provider
from app.settings import Settings
from app.store import plans, publications
from app.store.bundles import named
from app.store.database import Database
from app.store.regions import visible_territories
from app.store.tables import Plan
from app.webhooks.vault import Vault
from geo.errors import NotFoundError
from geo.geocode.types import Geocoder
from sales.lookup import Lookup, make_lookup

if TYPE_CHECKING:
    from app.ogc.layer import Layer
    from sales.plan import PlanBundle

T = TypeVar("T")


class Recent(Generic[T]):
    """The few values used last. A plan version never changes, so nothing goes stale."""

    def __init__(self, size: int) -> None:
        """Keep `size` values."""
        self._size, self._lock = size, threading.Lock()
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
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
        self.metrics = Metrics(self.database)
        self.reader = Reader(nice=settings.worker_nice)
        self.keyring = Keyring(self.database)
        self.seal = Seal(settings)
        self.vault = Vault(settings.webhook_keys)
        self.provider = Provider(settings) if settings.oidc_issuer else None
        self.drafts = Drafts(self.database)
        self._bundles: Recent[PlanBundle] = Recent(4)
        self._trimmed: Recent[PlanBundle] = Recent(8)
        self._files: Recent[dict[str, bytes]] = Recent(4)
        self._documents: Recent[Mapping[str, Any]] = Recent(16)
        self._lookups: Recent[Lookup] = Recent(4)
        self.maps: Recent[str] = Recent(8)
        self.layers: Recent[Layer] = Recent(12)
        self.in_force = InForce(self.database, self.lookup, self.activate_due)

    @property
    def guarded(self) -> bool:
        """Whether callers must say who they are: a key was made, or people sign in elsewhere."""
        return self.keyring.in_use or self.provider is not None

    @cached_property
    def geocoder(self) -> Geocoder:
        """The offline geocoder, loaded with the first address."""
        from geo.geocode import default_geocoder

        return default_geocoder()

    def bundle(
        self, plan: Plan, visible: frozenset[str] | None = None, *, version: int | None = None
    ) -> "PlanBundle":
        """All files of a version of a plan, by default the newest; of `visible` territories only.

        Whatever shows a plan to a caller passes what `visible` answered: this is the one place
        where a manager's view is cut out.
        """
        number = plan.version if version is None else version
        whole = self._bundles.get((plan.id, number), lambda: self._read(plan, number))
        if visible is None:
            return whole
        from sales.trim import trimmed

        return self._trimmed.get((plan.id, number, visible), lambda: trimmed(whole, visible))

    def visible(self, session: Session, plan: Plan, caller: Caller) -> frozenset[str] | None:
        """The territories of a plan that the caller may see; None for all."""
        return visible_territories(session, plan.id, caller)

    def files(self, plan: Plan, version: int) -> dict[str, bytes]:
        """The files of a version by name; derived from its edits where they are not kept."""
        with self.database.read() as session:
            kept = plans.files(session, plan.id, version)
        if kept:
            return kept
        from sales.planfiles import plan_files

        return self._files.get(
            (plan.id, version), lambda: plan_files(self.bundle(plan, version=version))
        )

    def document(self, plan: Plan, version: int) -> Mapping[str, Any]:
        """The plan.json of a version, parsed; not to be changed."""
        return self._documents.get(
            (plan.id, version), lambda: self.drafts.document(plan.id, version)
        )

    def file(self, plan: Plan, version: int, name: str) -> bytes:
        """One of the files of a version; raises NotFoundError."""
        with self.database.read() as session:
            content = plans.file(session, plan.id, version, name)
        content = content or self.files(plan, version).get(name)
        if content is None:
            raise NotFoundError(f"plan {plan.id!r} has no {name}")
        return content

    def lookup(self, plan: Plan) -> Lookup:
        """Which territory a point is in, by the version of that plan that counts."""
        version = plans.version_in_force(plan)
        return self._lookups.get(
            (plan.id, version), lambda: make_lookup(self.bundle(plan, version=version))
        )

    def _read(self, plan: Plan, version: int) -> "PlanBundle":
        return named(self.database, self.drafts.bundle(plan.id, version), plan.dataset_id)

    def activate_due(self) -> None:
        """Put in force what was planned for a moment that has come."""
        with self.database.read() as session:
            if not publications.is_due(session):
                return
        with self.database.write() as session:
            publications.activate_due(session, self.lookup)

    def close(self) -> None:
        """Give everything back."""
        self.in_force.close()
        self.keyring.close()
        self.reader.close()
        self.database.close()


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


S = Annotated[Services, Depends(_services)]
