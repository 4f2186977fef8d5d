"""The alignment in force: who has which account, from a plan of ours or from any table."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.errors import EmptyInputError, MissingColumnError, OptionError
from sales.accounts.identity import record_keys
from sales.cell_tables import parsed_cell
from sales.plan import PlanBundle
from sales.plan_schema import check_form
from sales.planfiles import read_plan
from sales.roster import Rep
from sales.rules.tables import RuleTable, read_rules


@dataclass(frozen=True, slots=True)
class Held:
    """A territory of the alignment; `territory_id`, `name` or `rep` may be unknown."""

    territory_id: str
    name: str
    rep: Rep | None


@dataclass(frozen=True)
class Alignment:
    """Who has what: `accounts` and `units` (cells as hex) give the index of the territory.

    Accounts go by `keys_of`, so that 15- and 18-character ids of one record meet. `exact` where
    the units are a partition of the ground (a plan of ours) and not just the places of accounts;
    `resolution` of its cells, if they have one.
    """

    territories: tuple[Held, ...]
    accounts: Mapping[str, int]
    units: Mapping[str, int]
    source: str
    exact: bool = False
    resolution: int | None = None


def keys_of(ids: list[str]) -> list[str]:
    """What tells accounts apart, whatever file they come from."""
    return record_keys(np.array(ids, dtype=object)) if ids else []


def read_alignment(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    unit_id: str | None = None,
    of_units: bool = False,
    by_rep: bool = False,
) -> Alignment:
    """Read a plan's directory, or a table of accounts (or units) with their territory or rep.

    `of_units`: ids of the table are units'. `by_rep`: territories are told apart by their rep where
    the table names one (since the new plan goes by reps), else by the territory. Raises
    MissingColumnError and EmptyInputError, PlanFilesError for a directory that is no plan.
    """
    if path.is_dir():
        return alignment_of(read_plan(path), path.name)
    chosen = dict(columns or {}) | ({"unit_id": unit_id} if unit_id else {})
    if of_units and "unit_id" not in chosen and "account_id" in chosen:
        chosen["unit_id"] = chosen["account_id"]
    table = read_rules(path, ("account_id", "unit_id", "territory", "owner"), chosen)
    if not {"territory", "owner"} & table.headers.keys():
        raise MissingColumnError(
            f"{path.name} has no column with the territory or the rep of each account",
            hint="Name it with --column territory=HEADER or --column owner=HEADER.",
        )
    if not {"account_id", "unit_id"} & table.headers.keys():
        raise MissingColumnError(
            f"{path.name} has no column with the ids of the accounts or units",
            hint="Name it with --column account_id=HEADER, or --unit-id for units.",
        )
    return _of_table(table, of_units=of_units, by_rep=by_rep)


def alignment_of(bundle: PlanBundle, source: str) -> Alignment:
    """The alignment of a plan of ours. Raises PlanFilesError where it is not well formed."""
    check_form(bundle)
    document = bundle.document
    if bundle.model is not None:
        raise OptionError(
            f"{source} has segments, and no one map to stay close to",
            hint="Name the plan of one geography: segments/<id> in its directory.",
        )
    reps = {
        rep["territory"]: Rep(rep["rep_id"], rep["name"], rep["capacity"], rep["lat"], rep["lng"])
        for rep in document["reps"]
        if rep["rep_id"]
    }
    held = tuple(Held(t["id"], t["name"], reps.get(t["id"])) for t in document["territories"])
    at = {territory.territory_id: k for k, territory in enumerate(held)}
    key = "unit_id" if document["units"] == "units" else "cell"
    table = bundle.assignments
    assigned = table[table["territory_id"].isin(at)]
    accounts = zip(
        keys_of(assigned["account_id"].tolist()), assigned["territory_id"].map(at), strict=True
    )
    units = zip(bundle.units[key], bundle.units["territory_id"].map(at), strict=True)
    return Alignment(held, dict(accounts), dict(units), source, True, document["resolution"])


def _of_table(table: RuleTable, *, of_units: bool, by_rep: bool) -> Alignment:
    order = ("owner", "territory") if by_rep else ("territory", "owner")
    rows = [row for row in table if row.get(*order)]
    if not rows:
        raise EmptyInputError(
            f"{table.source} gives no account a territory or a rep",
            hint="Fill in the column, or name another one with --column.",
        )
    names = sorted({row.get(*order) for row in rows}, key=lambda name: (name.casefold(), name))
    at = {name: k for k, name in enumerate(names)}
    territories: list[Counter[str]] = [Counter() for _ in names]
    owners: list[Counter[str]] = [Counter() for _ in names]
    accounts: dict[str, int] = {}
    units: dict[str, int] = {}
    for row in rows:
        k = at[row.get(*order)]
        territories[k][row.get("territory")] += 1
        owners[k][row.get("owner")] += 1
        account, unit = row.get("account_id"), row.get("unit_id")
        if of_units:
            units.setdefault(as_unit(unit or account), k)
        elif account:
            accounts.setdefault(account, k)
        elif unit:
            units.setdefault(as_unit(unit), k)
    keys = keys_of(list(accounts))
    held = tuple(_held(t, o) for t, o in zip(territories, owners, strict=True))
    return Alignment(held, dict(zip(keys, accounts.values(), strict=True)), units, table.source)


def as_unit(text: str) -> str:
    """The id of a unit as a plan writes it: cells as hex strings, everything else as it is."""
    cell = parsed_cell(text) if len(text) >= 15 else 0
    return format(cell, "x") if cell else text


def _held(territories: Counter[str], owners: Counter[str]) -> Held:
    def common(names: Counter[str]) -> str:
        return max(((n, name) for name, n in names.items() if name), default=(0, ""))[1]

    territory, owner = common(territories), common(owners)
    return Held(territory, territory, Rep(owner, owner, 1.0) if owner else None)
