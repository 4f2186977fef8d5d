"""Tables that are given beside a plan: quotas, activities, names, who had what."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from geo.errors import InputError, MissingColumnError
from sales.accounts.content import content_of
from sales.accounts.fields import listed
from sales.accounts.headers import plain
from sales.accounts.identity import ids_in
from sales.accounts.raw import RawTable
from sales.accounts.sources import read_table
from sales.accounts.synonyms import SINGLE
from sales.accounts.types import AccountTable
from sales.ground import account_measures
from sales.plan import PlanBundle
from sales.report.types import Activity
from sales.rules.alignment import Alignment, keys_of

_OWNER: Final = ("rep id", "rep", "owner id", "territory id", "territory", "user id", "id")
_QUOTA: Final = ("quota", "target", "annual quota", "quota amount")


def read_quota(path: Path) -> dict[str, float]:
    """Rep (or territory) → quota, of any table with these two columns.

    Raises MissingColumnError, and InputError where a quota is not a number or stands twice.
    """
    raw = _table(path, (*_OWNER, *_QUOTA))
    owner, quota = _needed(raw, path, _OWNER, "rep"), _needed(raw, path, _QUOTA, "quota")
    found: dict[str, float] = {}
    for row, name, value in zip(
        raw.row.tolist(), ids_in(raw.column(owner)), _numbers(raw, path, quota), strict=True
    ):
        if not name:
            continue
        if name in found:
            raise InputError(
                f"{path.name}, row {row}, column “{owner}”: {name!r} stands twice",
                hint="Give one quota for each rep or territory.",
            )
        if value > 0:
            found[name] = value
    return found


def read_activities(path: Path) -> dict[str, Activity]:
    """Account → hours and visits, summed over rows; either column may be missing, not both."""
    raw = _table(path, (*SINGLE["account_id"], "hours", "visits"))
    account = _needed(raw, path, SINGLE["account_id"], "account id")
    hours, visits = _first(raw, ("hours",)), _first(raw, ("visits",))
    if hours is None and visits is None:
        raise MissingColumnError(
            f"{path.name} has no column hours or visits",
            hint=f"Name one of them so. The file has {listed(raw.headers)}.",
        )
    nothing = [0.0] * len(raw)
    spent = _numbers(raw, path, hours) if hours is not None else nothing
    made = _numbers(raw, path, visits) if visits is not None else nothing
    found: dict[str, Activity] = {}
    for key, hour, visit in zip(keys_of(ids_in(raw.column(account))), spent, made, strict=True):
        was = found.get(key, Activity(0.0, 0.0))
        found[key] = Activity(was.hours + hour, was.visits + visit)
    return found


def accounts_in(
    table: AccountTable, measure: str
) -> tuple[dict[str, str], dict[str, float] | None]:
    """Account → its name, and account → what it has of `measure`, None where the table has not."""
    keys = keys_of(table.frame["account_id"].astype(str).tolist())
    names = dict(zip(keys, table.frame["name"].astype(str), strict=True))
    found = account_measures(table).get(measure)
    if found is None:
        return names, None
    return names, dict(zip(keys, np.nan_to_num(found).tolist(), strict=True))


def names_in(bundle: PlanBundle) -> dict[str, str] | None:
    """Account → its name, where the bundle has them."""
    if bundle.names is None:
        return None
    ids = bundle.assignments["account_id"].tolist()
    return dict(zip(keys_of(ids), bundle.names, strict=True))


def had_in(bundle: PlanBundle) -> dict[str, tuple[str, str]] | None:
    """Account → (territory, rep) in force when the plan was made, where it says."""
    table = bundle.incumbent
    if table is None or table.columns[0] != "account_id":
        return None
    pairs = zip(table["territory_id"].tolist(), table["rep"].tolist(), strict=True)
    return dict(zip(keys_of(table["account_id"].tolist()), pairs, strict=True))


def had_of(alignment: Alignment) -> dict[str, tuple[str, str]]:
    """The same of an alignment."""
    held = [
        (h.territory_id or h.name, h.rep.rep_id if h.rep else "") for h in alignment.territories
    ]
    return {key: held[at] for key, at in alignment.accounts.items()}


def _table(path: Path, names: Sequence[str]) -> RawTable:
    wanted = {plain(name) for name in names}
    return read_table(path, content_of(path), lambda header: plain(header) in wanted)


def _first(raw: RawTable, names: Sequence[str]) -> str | None:
    ranked = {plain(header): header for header in reversed(raw.headers)}
    return next((ranked[plain(name)] for name in names if plain(name) in ranked), None)


def _needed(raw: RawTable, path: Path, names: Sequence[str], what: str) -> str:
    found = _first(raw, names)
    if found is None:
        raise MissingColumnError(
            f"{path.name} has no column with the {what}",
            hint=f"Call it “{what}”. The file has {listed(raw.headers)}.",
        )
    return found


def _numbers(raw: RawTable, path: Path, header: str) -> list[float]:
    found = []
    for row, text in zip(raw.row.tolist(), raw.column(header).to_pylist(), strict=True):
        bare = text.strip().lstrip("$€£").replace(",", "").replace(" ", "")
        try:
            value = float(bare or "0")
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise InputError(
                f"{path.name}, row {row}, column “{header}”: {text!r:.60} is not a number of 0 or"
                " more",
                hint="Write it with digits and a decimal point.",
            )
        found.append(value)
    return found


def quota_of(quota: Mapping[str, float], territory_id: str, rep: str) -> float | None:
    """The quota of a territory: its rep's, else its own."""
    return quota.get(rep, quota.get(territory_id)) if rep else quota.get(territory_id)
