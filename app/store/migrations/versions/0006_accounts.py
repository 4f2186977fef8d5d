"""Accounts sent one by one, routing rules and overrides."""

import sqlalchemy as sa
from alembic import op

from sales.accounts.identity import canonical_id

revision = "0006"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("matched", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("follows_plan", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("rep", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_accounts_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index("ix_accounts_territory", "accounts", ["territory", "id"])
    op.create_table(
        "routing_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outside", sa.Text(), nullable=False),
        sa.Column("nearest_km", sa.Double(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_routing_rules")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("rep", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index("ix_overrides_account", "overrides", ["account_id", "id"])
    op.create_index("ix_overrides_over", "overrides", ["over", "id"])
    pulse = op.create_table(
        "routing_pulse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_pulse")),
    )
    _add_record_ids()
    with op.batch_alter_table("owners") as owners:
        owners.drop_column("source")
    op.bulk_insert(pulse, [{"id": 1, "beats": 0}])


def _add_record_ids() -> None:
    op.add_column("assignments", sa.Column("record_id", sa.Text(), nullable=True))
    rows = sa.table("assignments", sa.column("account_id"), sa.column("record_id"))
    op.execute(sa.update(rows).values(record_id=rows.c.account_id))
    length = sa.func.length(rows.c.account_id)
    short = sa.select(rows.c.account_id).where(length.in_((15, 18))).distinct()
    changed = [
        {"held": written, "canonical": canonical}
        for written in op.get_bind().scalars(short).all()
        if (canonical := canonical_id(written)) != written
    ]
    if changed:
        held = rows.c.account_id == sa.bindparam("held")
        renamed = sa.update(rows).where(held).values(record_id=sa.bindparam("canonical"))
        op.get_bind().execute(renamed, changed)
    with op.batch_alter_table("assignments") as table:
        table.alter_column("record_id", existing_type=sa.Text(), nullable=False)
        table.create_index("ix_assignments_record", ["plan_id", "version", "record_id"])


def downgrade() -> None:
    with op.batch_alter_table("owners") as owners:
        owners.add_column(sa.Column("source", sa.Text(), nullable=False, server_default="plan"))
    with op.batch_alter_table("assignments") as table:
        table.drop_index("ix_assignments_record")
        table.drop_column("record_id")
    op.drop_table("routing_pulse")
    op.drop_table("overrides")
    op.drop_table("routing_rules")
    op.drop_table("accounts")
