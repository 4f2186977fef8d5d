"""Figures for Prometheus: of this process's requests, and of what the store holds."""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.errors import UnavailableError
from app.store.database import Database
from app.store.tables import Job, Plan, now

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)


class Metrics:
    """The figures of one app; another app in the same process has its own."""

    def __init__(self, database: Database) -> None:
        """Everything at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "bailiwick_http_requests",
            "Requests answered, by route template.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "bailiwick_http_request_duration_seconds",
            "From the first byte of a request to the last byte of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.lookups = Counter(
            "bailiwick_route_lookups",
            "Points routed, by what came of it.",
            ("code",),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Store(database))


class _Store(Collector):
    """Asks the database at each scrape, so every process of the service tells the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[Metric]:
        """Nothing: registering must not need a database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Jobs, the age of the queue, the plan in force; only `up` 0 without a database."""
        up = GaugeMetricFamily("bailiwick_database_up", "Whether the database answers.")
        try:
            found = list(self._ask())
        except UnavailableError:
            found = []
        up.add_metric([], 1.0 if found else 0.0)
        yield up
        yield from found

    def _ask(self) -> Iterator[Metric]:
        with self._database.read() as session:
            counts = session.execute(
                sa.select(Job.kind, Job.state, sa.func.count()).group_by(Job.kind, Job.state)
            ).all()
            oldest = session.scalar(
                sa.select(Job.created_at)
                .where(Job.state == "queued")
                .order_by(Job.created_at)
                .limit(1)
            )
            plan = session.execute(
                sa.select(Plan.id, Plan.version).where(Plan.state == "published")
            ).first()
        jobs = GaugeMetricFamily(
            "bailiwick_jobs", "Jobs, by kind and state.", None, ("kind", "state")
        )
        for kind, state, count in counts:
            jobs.add_metric([kind, state], count)
        yield jobs
        age = (now() - oldest).total_seconds() if oldest is not None else 0.0
        yield GaugeMetricFamily(
            "bailiwick_queue_age_seconds",
            "How long the oldest waiting job has waited.",
            max(age, 0.0),
        )
        in_force = GaugeMetricFamily(
            "bailiwick_plan_in_force_version", "Version of the published plan.", None, ("plan",)
        )
        if plan is not None:
            in_force.add_metric([plan.id], plan.version)
        yield in_force
