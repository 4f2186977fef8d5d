"""Accounts that a rep or a manager contests, with a reason; and how that is decided."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query

from app.api.caller import C, Caller
from app.api.context import S, Services
from app.api.drafts import required
from app.api.engagement_schemas import ChallengeIn, ChallengeOut, Challenges, DecisionIn
from app.api.problems import responses
from app.api.schemas import LARGEST
from app.engagement import Explained, explained
from app.errors import PlanNotReadyError, PreconditionFailedError, PreconditionRequiredError
from app.store import challenges, ownership, plans, routing_rules
from app.store.reroute import settle_due
from app.store.tables import Challenge, Plan
from geo.errors import ConflictError, NotFoundError, OptionError
from sales.edits.steps import Move
from sales.owners import Override
from sales.ownership.party import party_of

router = APIRouter(prefix="/v1/challenges", tags=["challenges"])
State = Literal["open", "accepted", "refused"]
_DECIDE = responses(
    NotFoundError, ConflictError, OptionError, PreconditionFailedError, PreconditionRequiredError
)


@router.post("", status_code=201, responses=responses(PlanNotReadyError, OptionError))
def bring(services: S, caller: C, asked: ChallengeIn) -> ChallengeOut:
    """Contest an account of a plan for a rep or territory. A planner decides, or lets a rule.

    A manager contests for territories of their region. Whether an account that is not theirs is in
    the plan they are not told; a planner sees it when deciding.
    """
    with services.database.read() as session:
        plan = plans.get(session, asked.plan)
        visible = services.visible(session, plan, caller)
    document = services.bundle(plan, visible).document
    own = document["territories"][party_of(document, asked.rep or "", asked.territory or "")]
    territory, rep = str(own["id"]), str(own.get("rep") or "")
    if visible is None:
        _account_of(services, plan, asked.account)
    with services.database.write() as session:
        made = challenges.bring(
            session, plan.id, asked.account, territory=territory, rep=rep, reason=asked.reason,
            actor=caller.name,
        )  # fmt: skip
        return _shown(made, caller)


def _account_of(services: Services, plan: Plan, account: str) -> str:
    """The account's id as the plan writes it; raises NotFoundError."""
    from sales.rules.alignment import keys_of

    ids = services.bundle(plan).assignments["account_id"].tolist()
    (key,) = keys_of([account])
    for name, other in zip(ids, keys_of(ids), strict=True):
        if other == key:
            return str(name)
    raise NotFoundError(
        f"plan {plan.id!r} has no account {account!r}",
        hint="GET /v1/plans/{plan_id}/assignments lists its accounts.",
    )


@router.get("", responses=responses(PlanNotReadyError))
def listing(
    services: S, caller: C, *,
    plan: Annotated[str | None, Query(max_length=200, description="only this plan's")] = None,
    account: Annotated[str | None, Query(max_length=200, description="only this one's")] = None,
    state: Annotated[State | None, Query(description="only these")] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST, description="continue behind")] = None,
    limit: Annotated[int, Query(ge=1, description="rows on the page, up to the setting")] = 100,
) -> Challenges:  # fmt: skip
    """Challenges, newest first; a manager gets those for territories of their region."""
    limit = min(limit, services.settings.max_page_size)
    seen: dict[str, frozenset[str] | None] = {}
    with services.database.read() as session:
        rows = challenges.listing(
            session, plan=plan, account=account, state=state, before=before, limit=limit + 1
        )
        for row in rows:
            if row.plan_id not in seen:
                seen[row.plan_id] = services.visible(
                    session, plans.get(session, row.plan_id), caller
                )
    following = None
    if len(rows) > limit:
        query: dict[str, Any] = {"plan": plan, "account": account, "state": state, "limit": limit}
        query = {k: v for k, v in query.items() if v is not None} | {"before": rows[limit - 1].id}
        following = f"/v1/challenges?{urlencode(query)}"
    shown = [
        _shown(row, caller)
        for row in rows[:limit]
        if (own := seen[row.plan_id]) is None or row.territory in own
    ]
    return Challenges(challenges=shown, next=following)


@router.post("/{challenge_id}/decision", responses=_DECIDE)
def decide(
    services: S, caller: C, challenge_id: int, asked: DecisionIn,
    if_match: Annotated[str | None, Header()] = None,
) -> ChallengeOut:  # fmt: skip
    """Accept (as a move in the plan, or as an override in force), refuse, or let a rule decide.

    A move needs `If-Match` with the plan's ETag. The rule accepts where the rules of engagement
    give the account to who contests it; where nothing tells the claimants apart it is a 409.
    """
    with services.database.read() as session:
        challenge = challenges.get(session, challenge_id)
        challenges.check_open(challenge)
        plan = plans.get(session, challenge.plan_id)
    found: Explained | None = None
    if asked.decision != "refuse" or _there(services, plan, challenge):
        found = explained(
            services, plan, plan.version, None, challenge.external_id,
            territory=challenge.territory,
        )  # fmt: skip
    accepted = asked.decision == "accept" or (
        asked.decision == "rule" and found is not None and _wins(found, challenge)
    )
    decided: dict[str, Any] = {
        "decision": asked.decision,
        "state": "accepted" if accepted else "refused",
        "answer": asked.reason,
        "explanation": found.document if found else None,
        "rules_version": found.rules_version if found else None,
        "rule": found.document["rule"] if found and asked.decision == "rule" else "",
    }
    if not accepted:
        with services.database.write() as session:
            return _shown(challenges.decide(session, challenge_id, caller.name, **decided), caller)
    why = f"challenge {challenge.id}: {asked.reason or challenge.reason}"
    if asked.make == "override":
        return _override(services, caller, challenge, decided, why)
    return _move(services, caller, challenge, decided, why, required(plan.id, if_match))


def _there(services: Services, plan: Plan, challenge: Challenge) -> bool:
    try:
        _account_of(services, plan, challenge.external_id)
    except NotFoundError:
        return False
    return True


def _wins(found: Explained, challenge: Challenge) -> bool:
    """Whether the rules give the account to who contests it; raises ConflictError at a draw."""
    if found.arbitrary:
        raise ConflictError(
            "no rule tells the claimants apart",
            hint="Accept or refuse it yourself, or add a tie-breaker to the rules of engagement.",
        )
    return any(
        (owner["rep"] == challenge.rep) if challenge.rep else
        (owner["territory"] == challenge.territory)
        for owner in found.document["owners"][:1]
    )  # fmt: skip


def _move(
    services: Services, caller: Caller, challenge: Challenge, decided: dict[str, Any], why: str,
    if_match: str,
) -> ChallengeOut:  # fmt: skip
    """Move the account in the plan and write the decision down, both or neither."""
    with services.database.read() as session:
        plan = plans.get(session, challenge.plan_id)
    account = _account_of(services, plan, challenge.external_id)
    kept: list[ChallengeOut] = []

    def also(session: Any, edited: Plan) -> None:
        done = challenges.decide(
            session, challenge.id, caller.name, **decided, made="move", version=edited.version
        )
        kept[:] = [_shown(done, caller)]

    services.drafts.move(
        plan.id, if_match, [Move(challenge.territory, account=account)], actor=caller.name,
        reason=why, also=also,
    )  # fmt: skip
    return kept[0]


def _override(
    services: Services, caller: Caller, challenge: Challenge, decided: dict[str, Any], why: str
) -> ChallengeOut:
    """Give the account its owner by an override, in force at once whatever the plan says."""
    entry = Override("override", challenge.territory, challenge.rep, why)
    with services.database.write() as session, ownership.changing(session):
        settle_due(session, services.lookup)
        made = routing_rules.override(session, challenge.account_id, entry, caller.name)
        session.flush()
        settle_due(session, services.lookup)
        done = challenges.decide(
            session, challenge.id, caller.name, **decided, made="override", override_id=made.id
        )
        return _shown(done, caller)


def _shown(row: Challenge, caller: Caller) -> ChallengeOut:
    own = caller.role != "manager"  # what was known may be of other regions
    return ChallengeOut(
        id=row.id, plan=row.plan_id, account=row.external_id, territory=row.territory,
        rep=row.rep or None, reason=row.reason, state=row.state,  # type: ignore[arg-type]
        created_at=row.created_at, created_by=row.created_by,
        decision=row.decision or None,  # type: ignore[arg-type]
        rule=row.rule or None, rules_version=row.rules_version, answer=row.answer,
        explanation=row.explanation if own else None,
        made=row.made or None,  # type: ignore[arg-type]
        version=row.version, override=row.override_id, decided_at=row.decided_at,
        decided_by=row.decided_by or None,
    )  # fmt: skip
