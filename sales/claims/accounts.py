"""Claims about accounts: every row assigned by its cell, or in the review."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from geo import check
from geo.geocode.types import Precision
from sales.claims.facts import Facts

_ROUNDED = 1e-6  # of a degree: positions are written with six decimals


def assigned(plan: Facts) -> Iterator[str]:
    """Each account goes with its cell, to that territory's rep, or stands in the review."""
    table = plan.bundle.assignments
    owner = pd.Series(plan.owner, index=plan.ids, dtype=object)
    rep = {t["id"]: t["rep"] for t in plan.territories}
    has = (table["territory_id"] != "").to_numpy()
    there = table["cell"].isin(owner.index).to_numpy()
    expected = owner.reindex(table["cell"]).fillna("").to_numpy(dtype=object, copy=True)
    yield from _override(plan, expected)
    for i in np.flatnonzero(has & ~there):
        yield f"account {table['account_id'][i]} is in no unit of the plan"
    for i in np.flatnonzero(table["territory_id"].to_numpy() != expected):
        yield (
            f"account {table['account_id'][i]} is in {table['territory_id'][i] or 'no territory'},"
            f" its unit in {expected[i] or 'none'}"
        )
    wrong_rep = table["rep"].to_numpy() != table["territory_id"].map(rep).fillna("").to_numpy()
    for i in np.flatnonzero(wrong_rep):
        yield f"account {table['account_id'][i]} has rep {table['rep'][i]!r}, its territory another"
    for column in ("cell", "segment", "rule"):
        for i in np.flatnonzero((table[column] != "").to_numpy() != has):
            yield f"account {table['account_id'][i]}: {column} does not fit its assignment"
    yield from _reviewed(plan, has)
    yield from _counted(plan, has)


def _override(
    plan: Facts, expected: "np.ndarray[tuple[int], np.dtype[np.object_]]"
) -> Iterator[str]:
    """Put the accounts that were moved by themselves where they are said to be."""
    table = plan.bundle.assignments
    said = {entry["account_id"]: entry for entry in plan.document.get("overrides", ())}
    first = table[~table["account_id"].duplicated()]
    rows = first[first["account_id"].isin(said)]
    for row, account, cell in zip(rows.index, rows["account_id"], rows["cell"], strict=True):
        expected[row] = said[account]["territory"]
        if cell != said[account]["unit"]:
            yield f"account {account} was moved out of {said[account]['unit']}, and is in {cell}"
    if len(rows) != len(said):
        yield "an account that is not in the plan was moved by itself"
    marked = set(table["account_id"][table["rule"] == "override"])
    for account in sorted(marked ^ set(said)):
        yield f"account {account}: the table and plan.json differ on whether it goes with its unit"


def _reviewed(plan: Facts, has: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Iterator[str]:
    lines = Counter(plan.bundle.review["account_id"])
    for account, count in Counter(plan.bundle.assignments["account_id"][~has]).items():
        if lines[account] < count:
            yield f"account {account} is not assigned, and review.csv does not say why"


def _counted(plan: Facts, has: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Iterator[str]:
    table, summary = plan.bundle.assignments, plan.document["summary"]
    counts = {"accounts": len(table), "assigned": int(has.sum()), "review": int((~has).sum())}
    for name, count in counts.items():
        if count != summary[name]:
            yield f"{name} is {count}, not {summary[name]}"
    said = [t["accounts"] for t in plan.territories]
    if not len(table):
        if said not in _counts_without_accounts(plan):
            yield "the territories' numbers of accounts do not follow from the table of units"
        return
    by_territory = table["territory_id"][has].value_counts()
    for territory in plan.territories:
        if (count := int(by_territory.get(territory["id"], 0))) != territory["accounts"]:
            yield f"{territory['id']} has {count} accounts, not {territory['accounts']}"


def _counts_without_accounts(plan: Facts) -> list[list[int]]:
    """A plan of cells counts a column of accounts, or the cells with activity; units count none."""
    p = len(plan.names)
    if plan.polygons:
        return [[0] * p]
    named = [m for m in plan.measures if "account" in m.casefold()]
    per_unit = [np.rint(plan.measure(name)) for name in named]
    total = np.sum([plan.measure(name) for name in plan.measures], axis=0)
    per_unit += [(total > 0).astype(np.float64), np.ones(len(plan.ids))]
    return [np.bincount(plan.labels, c, p).astype(int).tolist() for c in per_unit]


def located(plan: Facts) -> Iterator[str]:
    """Every assigned account has a position, known exactly enough, that lies in its cell."""
    table = plan.bundle.assignments
    known = {precision.value: precision for precision in Precision}
    for i in np.flatnonzero(~table["precision"].isin(known).to_numpy()):
        yield f"account {table['account_id'][i]}: {table['precision'][i]!r} is no precision"
    rows = table[table["cell"] != ""]
    in_cell = _in_cell(plan)
    columns = ("account_id", "lat", "lng", "precision", "cell")
    for account, lat, lng, precision, cell in zip(
        *(rows[name].tolist() for name in columns), strict=True
    ):
        on_earth = abs(lat) <= 90 and abs(lng) <= 180  # NaN is not
        if not on_earth or not known[precision].places_account:
            yield f"account {account} has no position that could decide its territory"
        elif not in_cell(lat, lng, cell):
            yield f"account {account} does not lie in cell {cell}"


def _in_cell(plan: Facts) -> Callable[[float, float, str], bool]:
    """Whether a position belongs to a cell of the plan; for polygon units always true."""
    if plan.polygons:
        return lambda *_: True
    cells, replaced = set(plan.ids), check.replaced_cells(plan.ids)
    levels = range(int(plan.levels.min()), int(plan.levels.max()) + 1)

    def holds(lat: float, lng: float, cell: str) -> bool:
        # The decimals cut off may put a place beside the edge on the other side of it.
        steps = (0, -_ROUNDED, _ROUNDED)
        return any(
            check.holding_cell(lat + a, lng + b, cells, replaced, levels) == cell
            for a in steps
            for b in steps
        )

    return holds
