"""Who may do what: API keys, and the tree of regions that managers are limited to."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class ApiKey(Base):
    """A key `bw_<prefix>_<secret>`, of which only the hash is kept. Rows are never deleted."""

    __tablename__ = "api_keys"
    __table_args__ = (
        sa.CheckConstraint("role IN ('planner', 'integrator', 'manager', 'admin')", name="role"),
    )

    prefix: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]  # SHA-256 of the whole key, hexadecimal
    name: Mapped[str]
    role: Mapped[str]
    scopes: Mapped[list[Any]]  # empty: all that the role may do
    region: Mapped[str | None]  # of a manager
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]  # to the minute


class Region(Base):
    """A node of the tree: territories roll up to regions, and those to areas."""

    __tablename__ = "regions"

    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]  # in the order in which the tree was given
    name: Mapped[str]
    kind: Mapped[str]  # region, area, or what the company calls it
    parent: Mapped[str | None]


class RegionRep(Base):
    """All territories of a rep belong to a region, in every plan."""

    __tablename__ = "region_reps"

    rep: Mapped[str] = mapped_column(primary_key=True)
    region_id: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.id", ondelete="CASCADE"), index=True
    )


class RegionTerritory(Base):
    """One territory of one plan belongs to a region, whoever its rep is."""

    __tablename__ = "region_territories"

    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    territory_id: Mapped[str] = mapped_column(primary_key=True)
    region_id: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.id", ondelete="CASCADE"), index=True
    )
