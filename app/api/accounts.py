"""Accounts that a CRM sends, and whose each one is."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy.orm import Session

from app.api.account_rows import Bad, read_row
from app.api.accounts_schemas import (
    AccountIn,
    AccountOut,
    AccountRows,
    Moment,
    OwnerAt,
    UpsertAnswer,
    Upserted,
)
from app.api.bodies import body_of, encoded, json_bytes, json_response, parsed
from app.api.caller import C
from app.api.context import S, Services
from app.api.idempotency import O, Once
from app.api.owner import owner_at, owner_now
from app.api.problems import responses
from app.errors import IdempotencyKeyReusedError, InvalidRequestError
from app.store import accounts
from app.store.accounts import Kept, Sent
from geo.errors import NotFoundError
from geo.geocode.types import Address, Geocode
from sales.accounts.identity import canonical_id

router = APIRouter(prefix="/v1", tags=["accounts"])
_NOBODY: dict[str, Any] = {"territory": None, "rep": None, "rule": "", "precision": "none"}
_COUNTS = ("created", "updated", "unchanged", "failed")


@router.post(
    "/accounts:batch",
    response_model=None,
    responses=responses(InvalidRequestError, IdempotencyKeyReusedError)
    | {200: {"model": UpsertAnswer, "description": "A result per row."}},
    openapi_extra=body_of(AccountRows),
)
async def upsert_batch(services: S, caller: C, once: O, request: Request) -> Response:
    """Upsert accounts by external id; sending the same again changes nothing.

    Each is geocoded and routed at once. A row that cannot be used fails alone.
    """
    body = await json_bytes(request)
    return await run_in_threadpool(_batch, services, caller.name, once, body)


def _batch(services: Services, actor: str, once: Once, body: bytes) -> Response:
    asked = parsed(body)
    if not isinstance(asked, dict) or set(asked) != {"accounts"}:
        raise _refused("accounts", "the body is an object with the one field accounts")
    rows = asked["accounts"]
    if not isinstance(rows, list):
        raise _refused("accounts", "accounts is a list")
    most = services.settings.max_upsert_rows
    if len(rows) > most:
        raise InvalidRequestError(
            f"{len(rows)} accounts are more than the {most} that one call takes",
            hint="Send them in several calls, or raise BAILIWICK_MAX_UPSERT_ROWS.",
        )
    once.check(services.database)
    read = _read(services, rows)
    with once.write(services.database) as session:
        results = _upsert(session, services, actor, read)
        counts = {status: sum(r["status"] == status for r in results) for status in _COUNTS}
        return once.answer(session, 200, encoded({**counts, "results": results}))


def _read(services: Services, rows: list[Any]) -> list[Sent | Bad]:
    def geocode(address: Address) -> Geocode | None:
        return services.geocoder.geocode(address)  # not loaded where only positions are sent

    return [read_row(row, geocode) for row in rows]


def _upsert(
    session: Session, services: Services, actor: str, read: list[Sent | Bad]
) -> list[dict[str, Any]]:
    good = [row for row in read if not isinstance(row, Bad)]
    done = accounts.upsert(session, good, services.lookup, actor) if good else []
    following = iter(_kept(row, kept) for row, kept in zip(good, done, strict=True))
    return [
        {
            "external_id": row.external_id, "id": None, "status": "failed", "code": row.code,
            "reason": row.reason, **_NOBODY, "version": None,
        }
        if isinstance(row, Bad)
        else next(following)
        for row in read
    ]  # fmt: skip


def _kept(row: Sent, kept: Kept) -> dict[str, Any]:
    account = kept.account
    return {
        "external_id": row.external_id, "id": row.id, "status": kept.status,
        "code": account.outcome, "reason": account.matched,
        "territory": account.territory or None, "rep": account.rep or None,
        "rule": account.rule, "precision": account.precision, "version": account.version,
    }  # fmt: skip


@router.put(
    "/accounts/{external_id:path}",
    response_model=None,
    responses=responses(InvalidRequestError)
    | {
        200: {"model": Upserted, "description": "It was there: updated, or unchanged."},
        201: {"model": Upserted, "description": "It is new."},
    },
    openapi_extra=body_of(AccountIn),
)
async def upsert(services: S, caller: C, external_id: str, request: Request) -> Response:
    """Upsert one account by its external id, and say whose it is."""
    body = await json_bytes(request)
    return await run_in_threadpool(_one, services, caller.name, external_id, body)


def _one(services: Services, actor: str, external_id: str, body: bytes) -> Response:
    asked = parsed(body)
    if not isinstance(asked, dict):
        raise _refused("body", "the body is an object")
    if asked.get("external_id", external_id) != external_id:
        raise _refused("external_id", "the body names another account than the address")
    (row,) = _read(services, [asked | {"external_id": external_id}])
    if isinstance(row, Bad):
        raise InvalidRequestError(row.reason, hint="See /openapi.json for the fields.")
    with services.database.write() as session:
        (result,) = _upsert(session, services, actor, [row])
    return json_response(result, 201 if result["status"] == "created" else 200)


@router.get(
    "/accounts/{external_id:path}",
    response_model=AccountOut | OwnerAt,
    responses=responses(NotFoundError),
)
def account(
    services: S,
    external_id: str,
    at: Annotated[Moment | None, Query(description="a date or moment: whose was it then?")] = None,
) -> Any:
    """Whose the account is, why, and since when; with `at` whose it was, by the log of owners."""
    if at is not None:
        return owner_at(services, external_id, at)
    return owner_now(services, external_id)


@router.delete("/accounts/{external_id:path}", status_code=204, responses=responses(NotFoundError))
def delete(services: S, caller: C, external_id: str) -> None:
    """End the account's ownership. It stays deleted, whatever a plan says, until sent again."""
    owner_now(services, external_id)  # there, or not found
    with services.database.write() as session:
        accounts.delete(session, canonical_id(external_id), services.lookup, caller.name)


def _refused(field: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", field), "msg": message, "type": "value_error"}])
