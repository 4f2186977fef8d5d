"""Edits of plans, publications that have a date and a cause, and the present owners."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plans") as plans:
        plans.add_column(sa.Column("published_version", sa.Integer(), nullable=True))
    # What was ever in force was version 1: nothing could be edited until now.
    op.execute(
        "UPDATE plans SET published_version = version "
        "WHERE id IN (SELECT plan_id FROM publications)"
    )
    op.create_table(
        "edits",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("within_tolerance", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('move', 'undo', 'redo')", name=op.f("ck_edits_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_edits_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "version", name=op.f("pk_edits")),
    )
    with op.batch_alter_table("publications") as publications:
        publications.add_column(sa.Column("former_version", sa.Integer(), nullable=True))
        for name, value in (("state", "done"), ("cause", "publish"), ("actor", ""), ("reason", "")):
            publications.add_column(
                sa.Column(name, sa.Text(), nullable=False, server_default=value)
            )
        publications.add_column(
            sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True)
        )
    op.execute(
        "UPDATE publications SET effective_at = published_at, "
        "former_version = CASE WHEN former_plan_id IS NULL THEN NULL ELSE 1 END"
    )
    with op.batch_alter_table("publications") as publications:
        for name in ("state", "cause", "actor", "reason"):
            publications.alter_column(name, existing_type=sa.Text(), server_default=None)
        publications.alter_column(
            "effective_at", existing_type=sa.DateTime(timezone=True), nullable=False
        )
        publications.create_check_constraint(
            op.f("ck_publications_state"), "state IN ('scheduled', 'done', 'withdrawn')"
        )
        publications.create_index("ix_publications_due", ["state", "effective_at"])
    op.create_table(
        "owners",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("rep", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_owners")),
    )


def downgrade() -> None:
    op.drop_table("owners")
    with op.batch_alter_table("publications") as publications:
        publications.drop_index("ix_publications_due")
        publications.drop_constraint(op.f("ck_publications_state"), type_="check")
        for name in ("effective_at", "reason", "actor", "cause", "state", "former_version"):
            publications.drop_column(name)
    op.drop_table("edits")
    with op.batch_alter_table("plans") as plans:
        plans.drop_column("published_version")
