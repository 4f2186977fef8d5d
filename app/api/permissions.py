"""Who may call what: every route with its scope and the roles that may use it.

An admin may do everything. What is not in this table nobody may call, and a test walks all routes
for one that was forgotten. A scope is a group of routes, or with `:read` or `:write` half of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.api.caller import Caller, Role


@dataclass(frozen=True)
class Rule:
    """Which roles besides admin may call a route, and the scope that a narrowed key needs."""

    scope: str
    roles: frozenset[Role]
    public: bool = False

    def allows(self, caller: Caller) -> bool:
        """Whether this caller may call the route."""
        return self.by_role(caller.role) and self.by_scope(caller.scopes)

    def by_role(self, role: Role) -> bool:
        """Whether the role may."""
        return role == "admin" or role in self.roles

    def by_scope(self, scopes: frozenset[str]) -> bool:
        """Whether the scopes of a key, if it has any, reach so far."""
        return not scopes or bool(scopes & {self.scope, self.scope.partition(":")[0]})


def _rule(scope: str, *roles: Role) -> Rule:
    return Rule(scope, frozenset(roles))


_PUBLIC: Final = Rule("", frozenset(), public=True)
_EVERYBODY: Final[tuple[Role, ...]] = ("planner", "integrator", "manager")

RULES: Final[Mapping[str, Rule]] = {
    # what browsers and probes need before anybody is known
    "GET /healthz": _PUBLIC,
    "GET /readyz": _PUBLIC,
    "GET /metrics": _rule("metrics:read"),
    "GET /favicon.ico": _PUBLIC,
    "GET /static": _PUBLIC,
    "GET /auth/sign-in": _PUBLIC,
    "POST /auth/key": _PUBLIC,
    "GET /auth/oidc": _PUBLIC,
    "GET /auth/callback": _PUBLIC,
    "POST /auth/sign-out": _PUBLIC,
    # pages and description
    "GET /": _rule("plans:read", *_EVERYBODY),
    "GET /openapi.json": _rule("description:read", *_EVERYBODY),
    # planning
    "POST /v1/datasets": _rule("datasets:write", "planner"),
    "GET /v1/datasets": _rule("datasets:read", "planner"),
    "GET /v1/datasets/{dataset_id}": _rule("datasets:read", "planner"),
    "GET /v1/datasets/{dataset_id}/review": _rule("datasets:read", "planner"),
    "GET /v1/datasets/{dataset_id}/accounts": _rule("datasets:read", "planner"),
    "POST /v1/datasets/{dataset_id}/scores": _rule("datasets:write", "planner"),
    "POST /v1/sizing": _rule("plans:read", "planner"),
    "POST /v1/plans/{plan_id}/certainty": _rule("plans:read", "planner"),
    "POST /v1/diagnoses": _rule("diagnoses:write", "planner"),
    "GET /v1/plans/{plan_id}/drift": _rule("diagnoses:read", "planner"),
    "POST /v1/plans": _rule("plans:write", "planner"),
    "POST /v1/plans/{plan_id}/moves": _rule("plans:write", "planner"),
    "POST /v1/plans/{plan_id}/undo": _rule("plans:write", "planner"),
    "POST /v1/plans/{plan_id}/redo": _rule("plans:write", "planner"),
    "GET /v1/plans/{plan_id}/history": _rule("plans:read", "planner"),
    "GET /v1/plans/{plan_id}/compare": _rule("plans:read", "planner"),
    "POST /v1/plans/{plan_id}/publish": _rule("plans:write", "planner"),
    "POST /v1/plans/{plan_id}/archive": _rule("plans:write", "planner"),
    # what-ifs show the whole plan, so they are not for managers
    "POST /v1/plans/{plan_id}/scenarios": _rule("plans:write", "planner"),
    "GET /v1/plans/{plan_id}/scenarios": _rule("plans:read", "planner"),
    "GET /v1/publications": _rule("plans:read", "planner", "integrator"),
    "POST /v1/publications/rollback": _rule("plans:write", "planner"),
    "DELETE /v1/publications/{number:int}": _rule("plans:write", "planner"),
    "GET /v1/jobs/{job_id}": _rule("jobs:read", "planner", "integrator"),
    "GET /v1/jobs/{job_id}/events": _rule("jobs:read", "planner", "integrator"),
    "GET /v1/jobs/{job_id}/result": _rule("jobs:read", "planner", "integrator"),
    "DELETE /v1/jobs/{job_id}": _rule("jobs:write", "planner"),
    # reading plans; a manager gets the territories of their region
    "GET /v1/plans": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/territories": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/territories/{territory}": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/assignments": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/map": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/report": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/territories/{territory}/report": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/export": _rule("plans:read", *_EVERYBODY),
    # the file of a job has the whole plan, so it is not for managers
    "POST /v1/plans/{plan_id}/exports": _rule("plans:read", "planner", "integrator"),
    # an ensemble is of the whole market, so it is not for managers
    "POST /v1/plans/{plan_id}/ensemble": _rule("plans:read", "planner"),
    "GET /v1/plans/{plan_id}/regions": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/territories/{territory}/export": _rule("plans:read", *_EVERYBODY),
    "GET /v1/plans/{plan_id}/regions/{region}/export": _rule("plans:read", *_EVERYBODY),
    # the same for GIS programs
    "GET /ogc": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/api": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/conformance": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/collections": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/collections/{collection_id}": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/collections/{collection_id}/queryables": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/collections/{collection_id}/items": _rule("ogc:read", *_EVERYBODY),
    "GET /ogc/collections/{collection_id}/items/{feature_id:path}": _rule("ogc:read", *_EVERYBODY),
    # whose is it
    "GET /v1/route": _rule("route:read", *_EVERYBODY),
    "POST /v1/route": _rule("route:read", *_EVERYBODY),
    "GET /v1/routing": _rule("routing:read", "planner", "integrator"),
    "PUT /v1/routing": _rule("routing:write", "planner", "integrator"),
    "GET /v1/overrides": _rule("routing:read", "planner", "integrator"),
    "PUT /v1/overrides": _rule("routing:write", "planner", "integrator"),
    "PUT /v1/overrides/{external_id:path}": _rule("routing:write", "planner", "integrator"),
    "DELETE /v1/overrides/{external_id:path}": _rule("routing:write", "planner", "integrator"),
    # accounts that are sent, and whose they are
    "POST /v1/accounts:batch": _rule("accounts:write", "planner", "integrator"),
    "PUT /v1/accounts/{external_id:path}": _rule("accounts:write", "planner", "integrator"),
    "GET /v1/accounts/{external_id:path}": _rule("accounts:read", "planner", "integrator"),
    "DELETE /v1/accounts/{external_id:path}": _rule("accounts:write", "planner", "integrator"),
    "GET /v1/changes": _rule("accounts:read", "planner", "integrator"),
    # rules of engagement; a manager may ask and contest for the reps of their region
    "GET /v1/engagement": _rule("engagement:read", "planner", "integrator"),
    "PUT /v1/engagement": _rule("engagement:write", "planner"),
    "GET /v1/plans/{plan_id}/accounts/{account_id}/explanation": _rule(
        "plans:read", "planner", "manager"
    ),
    "GET /v1/challenges": _rule("challenges:read", "planner", "manager"),
    "POST /v1/challenges": _rule("challenges:write", "planner", "manager"),
    "POST /v1/challenges/{challenge_id}/decision": _rule("plans:write", "planner"),
    # what is told to others
    "GET /v1/webhooks": _rule("webhooks:read", "planner", "integrator"),
    "POST /v1/webhooks": _rule("webhooks:write", "planner", "integrator"),
    "GET /v1/webhooks/{webhook_id}": _rule("webhooks:read", "planner", "integrator"),
    "DELETE /v1/webhooks/{webhook_id}": _rule("webhooks:write", "planner", "integrator"),
    "POST /v1/webhooks/{webhook_id}/rotate": _rule("webhooks:write", "planner", "integrator"),
    "POST /v1/webhooks/{webhook_id}/enable": _rule("webhooks:write", "planner", "integrator"),
    "POST /v1/webhooks/{webhook_id}/test": _rule("webhooks:write", "planner", "integrator"),
    "GET /v1/webhooks/{webhook_id}/deliveries": _rule("webhooks:read", "planner", "integrator"),
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": _rule(
        "webhooks:write", "planner", "integrator"
    ),
    # who may do what
    "GET /v1/regions": _rule("regions:read", *_EVERYBODY),
    "PUT /v1/regions": _rule("regions:write", "planner"),
    "GET /v1/keys": _rule("keys:read"),
    "POST /v1/keys": _rule("keys:write"),
    "DELETE /v1/keys/{prefix}": _rule("keys:write"),
    "GET /v1/audit": _rule("audit:read"),
}

_EXACT: Final = {rule.scope for rule in RULES.values() if rule.scope}
SCOPES: Final = frozenset(_EXACT | {scope.partition(":")[0] for scope in _EXACT})


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Those that no route has."""
    return sorted(set(scopes) - SCOPES)
