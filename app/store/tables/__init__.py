"""The tables, one module per subject."""

from app.store.tables.base import Base, UtcDateTime, now
from app.store.tables.jobs import Job
from app.store.tables.plans import Assignment, Dataset, Plan, PlanFile, Publication
from app.store.tables.record import AuditEntry, OwnershipChange
from app.store.tables.webhooks import Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage

__all__ = [
    "Assignment",
    "AuditEntry",
    "Base",
    "Dataset",
    "Job",
    "OwnershipChange",
    "Plan",
    "PlanFile",
    "Publication",
    "UtcDateTime",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookMessage",
    "now",
]
