"""The tables, one module per subject."""

from app.store.tables.accounts import Account, OwnerOverride, RoutingPulse, RoutingRules
from app.store.tables.base import Base, UtcDateTime, now
from app.store.tables.jobs import Job
from app.store.tables.plans import Assignment, Dataset, Plan, PlanFile, Publication
from app.store.tables.record import AuditEntry, OwnershipChange

__all__ = [
    "Account",
    "Assignment",
    "AuditEntry",
    "Base",
    "Dataset",
    "Job",
    "OwnerOverride",
    "OwnershipChange",
    "Plan",
    "PlanFile",
    "Publication",
    "RoutingPulse",
    "RoutingRules",
    "UtcDateTime",
    "now",
]
