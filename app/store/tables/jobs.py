"""Long work under way."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class Job(Base):
    """A piece of long work; what it makes exists once the job is done.

    `dataset_id`: read by a design, made by an import, else of the plan. `plan_id`: made by a
    design, exported, published, or what-ifs start from it; "" for an import. `result`: what an
    export or a comparison of scenarios made.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
        sa.Index("ix_jobs_state", "state", "created_at"),
        sa.Index("ix_jobs_plan", "plan_id"),
        sa.Index("ix_jobs_dataset", "dataset_id"),
        sa.Index(
            "one_design_per_plan",
            "plan_id",
            unique=True,
            sqlite_where=sa.text("kind = 'design'"),
            postgresql_where=sa.text("kind = 'design'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # import, design, export, publish, scenarios or ensemble
    caller: Mapped[str]  # who asked, for the audit log
    state: Mapped[str]
    dataset_id: Mapped[str] = mapped_column(default="")
    plan_id: Mapped[str] = mapped_column(default="")
    request: Mapped[dict[str, Any]]
    stage: Mapped[str] = mapped_column(default="")
    fraction: Mapped[float] = mapped_column(sa.Double, default=0.0)
    message: Mapped[str] = mapped_column(default="")
    best: Mapped[str] = mapped_column(default="")
    error: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(default=0)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
