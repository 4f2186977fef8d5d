"""Datasets and plan versions, which never change, and the state of a plan, which does."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.store.tables.base import Base


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
    upload_id: Mapped[str]  # the blob with the bytes as they came
    # Parquet, so that a page is read without parsing the rest.
    accounts: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    review: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))


class Plan(Base):
    """A finished plan. `version` is the newest of its contents, `published_version` the one that
    is or was in force; `state` says which."""

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
    published_version: Mapped[int | None]
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
        sa.Index("ix_assignments_record", "plan_id", "version", "record_id"),
        sa.Index("ix_assignments_territory", "plan_id", "version", "territory_id", "position"),
    )

    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    record_id: Mapped[str]  # canonical: the same however the id was written
    territory_id: Mapped[str]
    rep: Mapped[str]
    segment: Mapped[str]
    cell: Mapped[str]
    lat: Mapped[float | None] = mapped_column(sa.Double)
    lng: Mapped[float | None] = mapped_column(sa.Double)
    precision: Mapped[str]
    rule: Mapped[str]


class Edit(Base):
    """An entry of the edit log: what made `version` of a plan out of the one before."""

    __tablename__ = "edits"
    __table_args__ = (sa.CheckConstraint("kind IN ('move', 'undo', 'redo')", name="kind"),)

    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    steps: Mapped[list[Any]]
    summary: Mapped[dict[str, Any]]
    within_tolerance: Mapped[bool]
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class Publication(Base):
    """A plan version put in force, or to be put in force when `effective_at` comes."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.CheckConstraint("state IN ('scheduled', 'done', 'withdrawn')", name="state"),
        sa.Index("ix_publications_due", "state", "effective_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"))
    version: Mapped[int]
    former_plan_id: Mapped[str | None] = mapped_column(sa.ForeignKey("plans.id"))
    former_version: Mapped[int | None]
    state: Mapped[str]
    cause: Mapped[str]  # publish or rollback
    actor: Mapped[str]
    reason: Mapped[str]
    effective_at: Mapped[datetime]
    published_at: Mapped[datetime]
