"""`bailiwick keys`: make the first API key, list the keys, revoke one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import err, out, say_json
from app.cli.options import Json
from geo.errors import OptionError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.store.tables import ApiKey

keys = typer.Typer(help="API keys: who may ask the service for what.", no_args_is_help=True)
Url = Annotated[
    str | None,
    typer.Option("--database-url", metavar="URL", help="SQLite file or PostgreSQL database."),
]
_ACTOR = "command line"


@keys.command("create")
def create(
    role: Annotated[str, typer.Option(help="planner, integrator, manager or admin.")],
    name: Annotated[str, typer.Option(help="Whose it is or what for, as the audit log shows it.")],
    region: Annotated[str | None, typer.Option(help="Id of a manager's region.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Narrow the key, e.g. route; may be repeated.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires.", min=1)] = None,
    database_url: Url = None,
) -> None:
    """Make a key and print it. It is shown this once."""
    from app.api.permissions import unknown_scopes
    from app.settings import ROLES
    from app.store import keys as store
    from app.store import regions
    from app.store.tables import now

    if role not in ROLES:
        raise OptionError(f"there is no role {role!r}", hint=f"Choose one of {', '.join(ROLES)}.")
    if (role == "manager") != (region is not None):
        raise OptionError(
            "a manager's key needs a region, and no other key has one",
            hint="Give --region with --role manager only.",
        )
    if unknown := unknown_scopes(scope or ()):
        raise OptionError(f"there is no scope {unknown[0]!r}", hint="See docs/access.md.")
    with _session(database_url) as session:
        if region is not None:
            regions.check_there(session, region)
        row, key = store.create(
            session, name=name, role=role, actor=_ACTOR, scopes=scope or (), region=region,
            expires_at=now() + timedelta(days=days) if days else None,
        )  # fmt: skip
        prefix = row.prefix
    out.print(key, markup=False)
    err.print(f"Keep it: only its hash is stored. To end it: bailiwick keys revoke {prefix}")


@keys.command("list")
def listing(database_url: Url = None, json_output: Json = False) -> None:
    """All keys, never a secret."""
    from app.store import keys as store

    with _session(database_url) as session:
        rows = [_shown(row) for row in store.listing(session)]
    if json_output:
        say_json(rows)
        return
    for row in rows:
        state = "revoked" if row["revoked_at"] else f"last used {row['last_used_at'] or 'never'}"
        limit = f" of {row['region']}" if row["region"] else ""
        out.print(f"{row['prefix']}  {row['role']}{limit}  {row['name']}  {state}", markup=False)


@keys.command("revoke")
def revoke(
    prefix: Annotated[str, typer.Argument(help="The part between the two underscores.")],
    database_url: Url = None,
) -> None:
    """End a key. Services that run refuse it within a second."""
    from app.store import keys as store

    with _session(database_url) as session:
        row = store.revoke(session, prefix.removeprefix(store.PREFIX), _ACTOR)
        name = row.name
    out.print(f"revoked {prefix} ({name})", markup=False)


def _shown(row: "ApiKey") -> dict[str, Any]:
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "prefix": row.prefix, "name": row.name, "role": row.role, "region": row.region,
        "scopes": row.scopes, "created_by": row.created_by,
    } | {
        moment: value.isoformat(timespec="seconds") if (value := getattr(row, moment)) else None
        for moment in moments
    }  # fmt: skip


@contextmanager
def _session(database_url: str | None) -> Iterator["Session"]:
    from app.settings import Settings
    from app.store import migrate
    from app.store.database import Database

    settings = Settings() if database_url is None else Settings(database_url=database_url)
    database = Database(settings.url)
    try:
        migrate.upgrade(database)
        with database.write() as session:
            yield session
    finally:
        database.close()
