"""The tables, one module per subject."""

from app.store.tables.base import Base, UtcDateTime, now
from app.store.tables.blobs import BlobPart
from app.store.tables.idempotency import IdempotencyKey
from app.store.tables.jobs import Job
from app.store.tables.plans import Assignment, Dataset, Plan, PlanFile, Publication
from app.store.tables.record import AuditEntry, OwnershipChange

__all__ = [
    "Assignment",
    "AuditEntry",
    "Base",
    "BlobPart",
    "Dataset",
    "IdempotencyKey",
    "Job",
    "OwnershipChange",
    "Plan",
    "PlanFile",
    "Publication",
    "UtcDateTime",
    "now",
]
