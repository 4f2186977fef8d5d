"""Claims about what changes hands: counted row by row, and the least that any plan must change."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from geo import check
from geo.arrays import Float
from sales.claims.facts import Facts, same


def stated(plan: Facts) -> bool:
    """Whether the plan has an incumbent."""
    return plan.document["summary"].get("disruption") is not None


def _table(plan: Facts) -> pd.DataFrame:
    """One row per row of incumbent.csv: `was`, `now` ("" for none), `unit`, `weight`, `rep`."""
    table = plan.bundle.incumbent
    assert table is not None
    rows = plan.bundle.assignments
    if len(rows):
        now, unit = rows["territory_id"].to_numpy(), rows["cell"].to_numpy()
    else:
        now, unit = np.array(plan.owner, dtype=object), np.array(plan.ids, dtype=object)
    return pd.DataFrame(
        {"was": table["territory_id"].to_numpy(), "now": now, "unit": unit}
        | {"weight": table["weight"].to_numpy(), "rep": table["rep"].to_numpy()}
    )


def changes(plan: Facts) -> Iterator[str]:
    """Accounts (or units) and weight that leave a territory that lives on; and those without."""
    said, incumbent = plan.document["summary"]["disruption"], plan.bundle.incumbent
    assert incumbent is not None
    rows = plan.bundle.assignments
    names = rows["account_id"].tolist() if len(rows) else plan.ids
    if incumbent.iloc[:, 0].tolist() != names:
        yield "incumbent.csv does not list what the plan assigns, in its order"
        return
    table = _table(plan)
    if not (np.isfinite(table["weight"]) & (table["weight"] >= 0)).all():
        yield "incumbent.csv has a weight that is no number"
        return
    yield from _weights(plan, table, said["measure"])
    placed, lives = table["now"] != "", table["was"].isin(plan.names)
    groups = {
        "of": placed & lives,
        "ended": placed & ~lives & (table["was"] != ""),
        "new": placed & (table["was"] == ""),
    }
    moved = groups["of"] & (table["was"] != table["now"])
    for name, mask in groups.items():
        yield from _counted(name, mask, table, said[name])
    yield from _counted("disruption", moved, table, said)
    total = float(table["weight"][groups["of"]].sum())
    share = float(table["weight"][moved].sum()) / total if total > 0 else 0.0
    if not same(share, said["share"]):
        yield f"{share:.4%} of {said['measure']} changes hands, not {said['share']:.4%}"
    if not same(moved.sum() / max(groups["of"].sum(), 1), said["account_share"]):
        yield "the share of accounts that change hands is another"
    continued = set(table["was"]) & set(plan.names)
    if said["territories"]["continued"] != len(plan.names) - len(said["territories"]["new"]):
        yield "the territories are not either continued or new"
    for name in said["territories"]["new"]:
        if name in continued:
            yield f"{name} is said to be new, and the incumbent has it"


def _weights(plan: Facts, table: pd.DataFrame, measure: str) -> Iterator[str]:
    """The weights are the measure of the plan's units, unit by unit."""
    if measure not in plan.measures:
        yield f"the disruption is weighed by {measure!r}, which is no measure of the plan"
        return
    placed = table[table["unit"] != ""]
    found = placed.groupby("unit")["weight"].sum().reindex(plan.ids, fill_value=0.0).to_numpy()
    for i in np.flatnonzero(np.abs(found - plan.measure(measure)) > 1e-5 + 1e-9 * found)[:1]:
        yield f"the weights in unit {plan.ids[i]} are not its {measure}"


def _counted(
    name: str, mask: "pd.Series[bool]", table: pd.DataFrame, said: dict[str, object]
) -> Iterator[str]:
    count, weight = int(mask.sum()), float(table["weight"][mask].sum())
    if count != said["accounts"] or not same(weight, float(str(said["potential"])), 1e-5):
        yield (
            f"{name}: {count} accounts and {weight:.6g}, not {said['accounts']} and"
            f" {said['potential']}"
        )


def least(plan: Facts) -> Iterator[str]:
    """By weak duality no plan within tolerance and limits changes less than the stated bound."""
    claim = plan.document["certificate"]["disruption"]
    assert plan.bundle.incumbent is not None
    if len(plan.bundle.incumbent) != (len(plan.bundle.assignments) or len(plan.ids)):
        yield "incumbent.csv does not list what the plan assigns"
        return
    table = _table(plan)
    position = {unit: i for i, unit in enumerate(plan.ids)}
    number = {name: k for k, name in enumerate(plan.names)}
    lives = table["was"].isin(plan.names) & (table["now"] != "")
    rows = table[lives & (table["weight"] > 0) & table["unit"].isin(position)]
    kept: dict[tuple[int, int], float] = {}
    for unit, was, weight in zip(rows["unit"], rows["was"], rows["weight"].tolist(), strict=True):
        key = position[unit], number[was]
        kept[key] = kept.get(key, 0.0) + weight
    entries = [(unit, territory, weight) for (unit, territory), weight in kept.items()]
    total = sum(kept.values())
    low, high = _bands(plan, claim["measures"])
    prices = np.array(claim["prices"], dtype=np.float64).reshape(low.shape)
    endless = ~np.isfinite(np.where(prices > 0, low, high))
    if (endless & (prices != 0)).any():
        yield "a price stands where there is no limit"
        return
    activity = np.stack([plan.measure(name) for name in claim["measures"]], axis=1)
    bound = check.disruption_bound(activity, entries, prices, low, high)
    digits = 1e-8 * (total + float(np.abs(prices * np.where(endless, 0, high)).sum())) + 1e-8
    if not same(bound, claim["bound"], digits):
        yield f"the bound is {bound}, not {claim['bound']}"
    if not same(claim["bound"] / total if total > 0 else 0.0, claim["share"]):
        yield "the share is not that of the bound"
    gone = plan.document["summary"]["disruption"]["potential"]
    broken = {v["kind"] for v in plan.document["violations"]}
    if not broken & {"balance", "limit"} and gone < claim["bound"] - digits:
        yield f"{gone} changes hands, and at least {claim['bound']} must: one of them is wrong"


def _bands(plan: Facts, measures: list[str]) -> tuple[Float, Float]:
    """Least and most of each measure in each territory, (p, q) each."""
    p = len(plan.names)
    low, high = np.full((p, len(measures)), -np.inf), np.full((p, len(measures)), np.inf)
    share = plan.targets / plan.targets.sum()
    for j, name in enumerate(measures):
        limit = plan.document["tolerance"].get(name)
        target = share * plan.measure(name).sum()
        if limit is not None:
            low[:, j], high[:, j] = (1 - limit) * target, (1 + limit) * target
        for entry in plan.rules.get("limits", ()):
            if entry["measure"] == name:
                low[:, j] = np.maximum(low[:, j], -np.inf if entry["min"] is None else entry["min"])
                high[:, j] = np.minimum(
                    high[:, j], np.inf if entry["max"] is None else entry["max"]
                )
    return low, high
