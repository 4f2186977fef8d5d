"""API keys: made, listed and revoked by an admin."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, model_validator

from app.api.caller import C, Role
from app.api.context import S
from app.api.permissions import unknown_scopes
from app.api.problems import responses
from app.api.schemas import Asked, Name, Zoned
from app.errors import InvalidRequestError
from app.store import keys, regions
from app.store.tables import ApiKey, now
from geo.errors import NotFoundError, OptionError

router = APIRouter(prefix="/v1/keys", tags=["keys"])


class KeyIn(Asked):
    """What the key is for. A manager's needs the region that it is limited to."""

    name: Name
    role: Role
    region: Name | None = None
    scopes: list[str] = Field(default_factory=list, max_length=50)
    expires_at: Zoned | None = None

    @model_validator(mode="after")
    def _fits(self) -> "KeyIn":
        if (self.role == "manager") != (self.region is not None):
            raise ValueError("a manager's key needs a region, and no other key has one")
        if unknown := unknown_scopes(self.scopes):
            raise ValueError(f"there is no scope {unknown[0]!r}")
        return self


class KeyOut(BaseModel):
    """A key without its secret."""

    prefix: str
    name: str
    role: Role
    region: str | None
    scopes: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="to the minute")


class NewKey(KeyOut):
    """A new key with its secret, which is shown this once."""

    key: str


class Keys(BaseModel):
    """All keys that ever were, oldest first."""

    keys: list[KeyOut]


def _shown(row: ApiKey) -> dict[str, Any]:
    return {name: getattr(row, name) for name in KeyOut.model_fields}


@router.get("")
def listing(services: S) -> Keys:
    """All keys, also those that were revoked or have expired; never a secret."""
    with services.database.read() as session:
        rows = keys.listing(session)
    return Keys(keys=[KeyOut.model_validate(_shown(row)) for row in rows])


@router.post("", status_code=201, responses=responses(InvalidRequestError, OptionError))
def create(services: S, caller: C, asked: KeyIn, response: Response) -> NewKey:
    """Make a key. Its secret is in this answer and nowhere else."""
    if asked.expires_at is not None and asked.expires_at <= now():
        raise InvalidRequestError(
            "the key would have expired already", hint="Give an expires_at that is to come."
        )
    with services.database.write() as session:
        if asked.region is not None:
            regions.check_there(session, asked.region)
        row, key = keys.create(session, actor=caller.name, **asked.model_dump())
    services.keyring.forget()
    response.headers["Cache-Control"] = "no-store"
    return NewKey.model_validate(_shown(row) | {"key": key})


@router.delete("/{prefix}", responses=responses(NotFoundError))
def revoke(services: S, caller: C, prefix: str) -> KeyOut:
    """End a key. It is refused from now on, by other processes of the service within a second."""
    with services.database.write() as session:
        row = keys.revoke(session, prefix.removeprefix(keys.PREFIX), caller.name)
    services.keyring.forget()
    return KeyOut.model_validate(_shown(row))
