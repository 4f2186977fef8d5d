"""API keys, the tree of regions, and the request id in the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('planner', 'integrator', 'manager', 'admin')",
            name=op.f("ck_api_keys_role"),
        ),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "regions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
    )
    op.create_table(
        "region_reps",
        sa.Column("rep", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"],
            ["regions.id"],
            name=op.f("fk_region_reps_region_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rep", name=op.f("pk_region_reps")),
    )
    op.create_index(op.f("ix_region_reps_region_id"), "region_reps", ["region_id"])
    op.create_table(
        "region_territories",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("territory_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_region_territories_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"],
            ["regions.id"],
            name=op.f("fk_region_territories_region_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "territory_id", name=op.f("pk_region_territories")),
    )
    op.create_index(op.f("ix_region_territories_region_id"), "region_territories", ["region_id"])
    op.add_column(
        "audit_entries", sa.Column("request_id", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("audit_entries", "request_id")
    op.drop_table("region_territories")
    op.drop_table("region_reps")
    op.drop_table("regions")
    op.drop_table("api_keys")
