"""Large contents in parts, so that neither reading nor writing one needs memory for all of it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base


class BlobPart(Base):
    """A part of an upload or of a job's result, in the order of `part`."""

    __tablename__ = "blob_parts"

    blob_id: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
