"""Keys for the tests, and requests made with them."""

from collections.abc import Collection
from typing import Any

from app.store import keys, regions
from app.store.database import Database
from app.store.regions import Branch
from tests.service.client import Client


def new_key(
    where: Client | Database,
    role: str,
    *,
    region: str | None = None,
    scopes: Collection[str] = (),
    **more: Any,
) -> str:
    """A key as `bailiwick keys create` makes it; a client's service takes notice at once."""
    database = where if isinstance(where, Database) else where.services.database
    with database.write() as session:
        _, key = keys.create(
            session, name=f"{role} key", role=role, actor="tests", region=region, scopes=scopes,
            **more,
        )  # fmt: skip
    if not isinstance(where, Database):
        where.services.keyring.forget()
    return key


def bearer(key: str) -> dict[str, str]:
    """The header that shows the key."""
    return {"Authorization": f"Bearer {key}"}


def keep_tree(database: Database, *branches: Branch) -> None:
    """Put a tree of regions into the store."""
    with database.write() as session:
        regions.replace(session, branches)
