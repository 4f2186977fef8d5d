"""Rules of engagement by version, and the challenges that reps and managers bring."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class EngagementRules(Base):
    """A version of the rules; rows are only ever added, the last one holds."""

    __tablename__ = "engagement_rules"

    version: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Challenge(Base):
    """An account of a plan that somebody contests for a territory, and what was decided.

    `decision` says how: accept, refuse or rule; `state` what came of it. `explanation` is what was
    known when it was decided. `made` is "move" (then `version` of the plan) or "override" (its id).
    """

    __tablename__ = "challenges"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),
        sa.Index("ix_challenges_plan", "plan_id", "id"),
        sa.Index("ix_challenges_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"))
    account_id: Mapped[str]  # canonical
    external_id: Mapped[str]  # as it was given
    territory: Mapped[str]  # that is to have it
    rep: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    decision: Mapped[str]
    rule: Mapped[str]
    rules_version: Mapped[int | None]
    answer: Mapped[str]  # of whoever decided
    explanation: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    made: Mapped[str]
    version: Mapped[int | None]
    override_id: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str]
