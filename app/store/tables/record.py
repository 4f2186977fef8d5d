"""The record: who did what, and whose each account was from when on. Rows are only ever added."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class AuditEntry(Base):
    """Somebody did something: written in the transaction that does it."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_subject", "subject", "id"),
        sa.Index("ix_audit_entries_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # name of the key or the person; "local" where no keys are in use
    action: Mapped[str]  # e.g. plan.publish, plan.move, plan.export, key.create
    subject: Mapped[str]  # id of what it was done to
    detail: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(server_default="")


class OwnershipChange(Base):
    """From `effective_at` on an account belongs to `territory` and `rep` ("" to nobody).

    `seq` is the cursor of the changes feed: it grows in the order in which rows become visible.
    """

    __tablename__ = "ownership_changes"
    __table_args__ = (
        sa.Index("ix_ownership_changes_account", "account_id", "effective_at", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"))
    plan_version: Mapped[int]
    former_territory: Mapped[str]
    former_rep: Mapped[str]
    territory: Mapped[str]
    rep: Mapped[str]
    rule: Mapped[str]
    cause: Mapped[str]  # publish, rollback, upsert, override, rules, delete


class Owner(Base):
    """Whose each account is now: where the log of `OwnershipChange` has come to."""

    __tablename__ = "owners"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    territory: Mapped[str]
    rep: Mapped[str]
    rule: Mapped[str]
    since: Mapped[datetime]
    seq: Mapped[int]
