"""Accounts that the CRM sends one by one, and what the planner set beside the map."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class Account(Base):
    """An account as last sent, where it lies, and whose it is.

    `id` is canonical (18 characters for a Salesforce id), `external_id` as it was sent. Where
    `follows_plan`, the plan in force has the account and decides; else its own place does.
    A deleted account stays as a row, so that no plan brings it back.
    """

    __tablename__ = "accounts"
    __table_args__ = (sa.Index("ix_accounts_territory", "territory", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    sent: Mapped[dict[str, Any]]  # address and attributes, as sent
    segment: Mapped[str]
    lat: Mapped[float | None] = mapped_column(sa.Double)
    lng: Mapped[float | None] = mapped_column(sa.Double)
    precision: Mapped[str]
    matched: Mapped[str]  # what the address was found as, or why it was not
    code: Mapped[str]  # why it has no place; "" where it has one
    cell: Mapped[str]
    follows_plan: Mapped[bool]
    outcome: Mapped[str]  # code of the answer that said whose it is
    territory: Mapped[str]
    rep: Mapped[str]
    rule: Mapped[str]
    plan_id: Mapped[str | None] = mapped_column(sa.ForeignKey("plans.id"))
    plan_version: Mapped[int | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class RoutingRules(Base):
    """A version of the rules; rows are only ever added, the last one holds."""

    __tablename__ = "routing_rules"

    version: Mapped[int] = mapped_column(primary_key=True)
    outside: Mapped[str]
    nearest_km: Mapped[float | None] = mapped_column(sa.Double)
    queue: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class OwnerOverride(Base):
    """An account's owner whatever the geography. A row never changes, but for its end.

    `begun` and `over` say whether the log of owners knows of its beginning and of its end.
    """

    __tablename__ = "overrides"
    __table_args__ = (
        sa.Index("ix_overrides_account", "account_id", "id"),
        sa.Index("ix_overrides_over", "over", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    kind: Mapped[str]
    territory: Mapped[str]
    rep: Mapped[str]
    reason: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    begun: Mapped[bool]
    over: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class RoutingPulse(Base):
    """One row: how often rules or overrides have changed, by which other processes notice."""

    __tablename__ = "routing_pulse"

    id: Mapped[int] = mapped_column(primary_key=True)
    beats: Mapped[int]
