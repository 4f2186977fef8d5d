"""The tables: datasets and plan versions never change; jobs and the state of a plan do."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, deferred, mapped_column
from sqlalchemy.types import TypeDecorator

# Constraints need names of their own, or a migration could not find them again.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, which SQLite would forget."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self,
        value: datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Give a moment without a zone the one it was written in."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Parent of all tables."""

    metadata = sa.MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        str: sa.Text(),
    }


class Dataset(Base):
    """An uploaded file. `id` comes from its bytes and the columns that were mapped by hand."""

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    sha256: Mapped[str]
    kind: Mapped[str]  # accounts, cells or units
    overrides: Mapped[dict[str, Any]]
    columns: Mapped[dict[str, Any]]
    measures: Mapped[list[Any]]
    account_count: Mapped[int]
    review_count: Mapped[int]
    created_at: Mapped[datetime]
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    # Parquet, so that a page is read without parsing the rest.
    accounts: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    review: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))


class Plan(Base):
    """A finished plan; `version` counts its contents, `state` says whether it is in force."""

    __tablename__ = "plans"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'published', 'archived')", name="state"),
        sa.Index(
            "one_published_plan",
            "state",
            unique=True,
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(sa.ForeignKey("datasets.id"), index=True)
    name: Mapped[str]
    request: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    within_tolerance: Mapped[bool]
    state: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)


class PlanFile(Base):
    """One of the files of a plan version, byte for byte as the command line would write it."""

    __tablename__ = "plan_files"

    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Assignment(Base):
    """One account of a plan version, in the order of the upload."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.Index("ix_assignments_account", "plan_id", "version", "account_id"),
        sa.Index("ix_assignments_territory", "plan_id", "version", "territory_id", "position"),
    )

    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    territory_id: Mapped[str]
    rep: Mapped[str]
    segment: Mapped[str]
    cell: Mapped[str]
    lat: Mapped[float | None] = mapped_column(sa.Double)
    lng: Mapped[float | None] = mapped_column(sa.Double)
    precision: Mapped[str]
    rule: Mapped[str]


class Publication(Base):
    """The audit trail of what was in force: written in the transaction that flips the state."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"))
    version: Mapped[int]
    former_plan_id: Mapped[str | None] = mapped_column(sa.ForeignKey("plans.id"))
    published_at: Mapped[datetime]


class Job(Base):
    """A piece of long work. The plan it makes gets `plan_id`, and exists once the job is done."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
        sa.Index("ix_jobs_state", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    dataset_id: Mapped[str] = mapped_column(sa.ForeignKey("datasets.id"))
    plan_id: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    stage: Mapped[str] = mapped_column(default="")
    fraction: Mapped[float] = mapped_column(sa.Double, default=0.0)
    message: Mapped[str] = mapped_column(default="")
    best: Mapped[str] = mapped_column(default="")
    error: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(default=0)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
