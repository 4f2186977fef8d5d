"""`bailiwick push`: a plan into Salesforce, without files in between."""

import csv
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import out
from geo.errors import OptionError

if TYPE_CHECKING:
    from bailiwick_client.salesforce.org import Org, RowResult

_VARIABLES = ("SALESFORCE_DOMAIN", "SALESFORCE_CONSUMER_KEY", "SALESFORCE_CONSUMER_SECRET")
Row = Callable[[str, str, "RowResult"], object]


def push(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    territory_model: Annotated[str, typer.Option(help="Salesforce territory model (0MA…).")],
    territory_type: Annotated[
        str, typer.Option(help="Make missing territories, of this type (0M5…).")
    ] = "",
    users: Annotated[
        Path | None, typer.Option(help="Table: rep, user_id. Writes the owners too.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="CSV to write: what became of each row.")
    ] = None,
) -> None:
    """Write a plan's territories and accounts into Salesforce."""
    from bailiwick_client.salesforce.owners import (
        Wanted,
        missing_territories,
        territory_ids,
        write_owners,
    )
    from sales.packs.given import read_options
    from sales.packs.salesforce import salesforce_targets
    from sales.planfiles import read_plan

    targets = salesforce_targets(read_plan(directory), read_options(users=users))
    wanted = {
        account: Wanted(territory, user if users else "")
        for account, (territory, user) in targets.accounts.items()
    }
    with _told() as org, _rows(results) as row:
        if territory_type:
            made = missing_territories(org, territory_model, territory_type, targets.territories)
            for result in made:
                row("territory", result.id, result)
        there = territory_ids(org, territory_model)
        report = write_owners(org, wanted, there, row)
    out.print(
        f"{report.deleted:,} associations deleted, {report.inserted:,} made, "
        f"{report.owners:,} owners changed",
        markup=False,
    )
    for left in targets.left:
        out.print(f"not written: {left.kind} {left.id}: {left.reason}", markup=False)
    for account, reason in report.failed.items():
        out.print(f"refused: {account}: {reason}", markup=False)
    if report.failed:
        raise typer.Exit(3)


def connect() -> "Org":
    """Log in as the environment says; raises OptionError."""
    try:
        from bailiwick_client.salesforce import org
    except ImportError as error:  # pragma: no cover
        raise _no_extra() from error
    missing = [name for name in _VARIABLES if not os.environ.get(name)]
    if missing:
        raise OptionError(f"{missing[0]} is not set", hint="See docs/crm.md, Push to Salesforce.")
    domain, key, secret = (os.environ[name] for name in _VARIABLES)
    return org.connect(domain=domain, consumer_key=key, consumer_secret=secret, sleep=time.sleep)


def _no_extra() -> OptionError:
    return OptionError(
        "simple-salesforce is not installed", hint="Install it with uv sync --extra salesforce."
    )


@contextmanager
def _told() -> "Iterator[Org]":
    """A connection whose errors are said in words."""
    try:
        from requests import RequestException
        from simple_salesforce.exceptions import SalesforceError
    except ImportError as error:
        raise _no_extra() from error
    try:
        yield connect()
    except SalesforceError as error:
        raise OptionError(
            f"Salesforce refused: {error.content!r}"[:500]
            if hasattr(error, "content")
            else f"Salesforce refused: {error}",
            hint="Look at the connected app, its user's rights and the ids that you gave.",
        ) from error
    except RequestException as error:
        raise OptionError(
            f"Salesforce cannot be reached: {error}"[:500],
            hint="Look at SALESFORCE_DOMAIN and the network, and run it again: it goes on.",
        ) from error


@contextmanager
def _rows(path: Path | None) -> Iterator[Row]:
    """Write each result as it comes, so that a run that is ended has told what it did."""
    if path is None:
        yield lambda *_: None
        return
    try:
        file = path.open("w", newline="", encoding="utf-8", buffering=1)
    except OSError as error:
        raise OptionError(f"{path} cannot be written: {error.strerror}") from error
    with file:
        writer = csv.writer(file)
        writer.writerow(("action", "account", "ok", "reason"))
        yield lambda action, account, result: writer.writerow(
            (action, account, "yes" if result.ok else "no", result.reason)
        )
