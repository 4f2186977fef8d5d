"""The tables, one module per subject."""

from app.store.tables.access import ApiKey, Region, RegionRep, RegionTerritory
from app.store.tables.accounts import Account, OwnerOverride, RoutingPulse, RoutingRules
from app.store.tables.base import Base, UtcDateTime, now
from app.store.tables.blobs import BlobPart
from app.store.tables.engagement import Challenge, EngagementRules
from app.store.tables.idempotency import IdempotencyKey
from app.store.tables.jobs import Job
from app.store.tables.plans import Assignment, Dataset, Edit, Plan, PlanFile, Publication
from app.store.tables.record import AuditEntry, Owner, OwnershipChange
from app.store.tables.webhooks import Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage

__all__ = [
    "Account",
    "ApiKey",
    "Assignment",
    "AuditEntry",
    "Base",
    "BlobPart",
    "Challenge",
    "Dataset",
    "Edit",
    "EngagementRules",
    "IdempotencyKey",
    "Job",
    "Owner",
    "OwnerOverride",
    "OwnershipChange",
    "Plan",
    "PlanFile",
    "Publication",
    "Region",
    "RegionRep",
    "RegionTerritory",
    "RoutingPulse",
    "RoutingRules",
    "UtcDateTime",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookMessage",
    "now",
]
