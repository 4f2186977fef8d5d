"""Jobs of several kinds, uploads and results in parts, keys of repeated requests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0006"
branch_labels = None
depends_on = None

_DESIGNS = sa.text("kind = 'design'")


def upgrade() -> None:
    op.create_table(
        "blob_parts",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "part", name=op.f("pk_blob_parts")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint("fk_jobs_dataset_id", type_="foreignkey")
        jobs.drop_constraint("uq_jobs_plan_id", type_="unique")
        jobs.add_column(sa.Column("caller", sa.Text(), nullable=False, server_default="local"))
        jobs.add_column(sa.Column("result", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("caller", server_default=None)
    op.create_index("ix_jobs_plan", "jobs", ["plan_id"])
    op.create_index("ix_jobs_dataset", "jobs", ["dataset_id"])
    op.create_index(
        "one_design_per_plan", "jobs", ["plan_id"], unique=True,
        sqlite_where=_DESIGNS, postgresql_where=_DESIGNS,
    )  # fmt: skip
    # SQLite could not give plans their dataset back if the table were made anew: plain ALTERs only.
    op.add_column("datasets", sa.Column("upload_id", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE datasets SET upload_id = 'up_' || id")
    op.execute(
        "INSERT INTO blob_parts (blob_id, part, content) SELECT upload_id, 0, content FROM datasets"
    )
    op.drop_column("datasets", "content")


def downgrade() -> None:
    op.add_column(
        "datasets", sa.Column("content", sa.LargeBinary(), nullable=False, server_default="")
    )
    connection = op.get_bind()
    for (upload_id,) in connection.execute(sa.text("SELECT upload_id FROM datasets")).all():
        parts = connection.execute(
            sa.text("SELECT content FROM blob_parts WHERE blob_id = :id ORDER BY part"),
            {"id": upload_id},
        )
        connection.execute(
            sa.text("UPDATE datasets SET content = :content WHERE upload_id = :id"),
            {"content": b"".join(part for (part,) in parts), "id": upload_id},
        )
    op.drop_column("datasets", "upload_id")
    # The former version knows designs only.
    op.execute("DELETE FROM jobs WHERE kind <> 'design'")
    op.drop_index("one_design_per_plan", "jobs")
    op.drop_index("ix_jobs_dataset", "jobs")
    op.drop_index("ix_jobs_plan", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("result")
        jobs.drop_column("caller")
        jobs.create_unique_constraint("uq_jobs_plan_id", ["plan_id"])
        jobs.create_foreign_key("fk_jobs_dataset_id", "datasets", ["dataset_id"], ["id"])
    op.drop_index("ix_idempotency_keys_at", "idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("blob_parts")
