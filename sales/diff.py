"""`diff`: what two plans do differently, account by account, whatever has come and gone between."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from sales.plan import PlanBundle
from sales.rules.alignment import keys_of


@dataclass(frozen=True, eq=False)
class Difference:
    """`rows`: one per account (or unit) of either plan: `account_id`, `there` (both, added or
    dropped), `was`, `now`, `rep_was`, `rep_now` ("" where it has none) and `weight`.

    `weight` is of `measure`, as the new plan has it: accounts have an even share of their unit's,
    since a plan's files do not say what each is worth, unless it has an incumbent.csv that does.
    """

    rows: pd.DataFrame
    measure: str
    exact: bool
    of_units: bool
    old: PlanBundle
    new: PlanBundle


def compare(old: PlanBundle, new: PlanBundle) -> Difference:
    """Lay two plans side by side by account id, or by unit where neither has accounts.

    Raises InputError where one is of accounts and the other is not.
    """
    of_units = not len(old.assignments) and not len(new.assignments)
    if not of_units and not (len(old.assignments) and len(new.assignments)):
        raise InputError(
            "one plan has accounts and the other has none",
            hint="Compare plans that were designed from the same kind of input.",
        )
    measure, exact = _measure(old, new), of_units
    if not of_units and (new.incumbent is not None or new.members is not None):
        exact = True
    before, after = _rows(old, measure, of_units), _rows(new, measure, of_units)
    both = before.merge(after, on="key", how="outer", suffixes=("_old", "_new"), sort=False)
    name = both["id_new"].where(both["id_new"].notna(), both["id_old"])
    weight = both["weight_new"].where(both["weight_new"].notna(), both["weight_old"])
    rows = pd.DataFrame(
        {
            "account_id": name,
            "there": np.select(
                [both["id_old"].isna(), both["id_new"].isna()], ["added", "dropped"], "both"
            ),
            "was": both["territory_old"].fillna(""),
            "now": both["territory_new"].fillna(""),
            "rep_was": both["rep_old"].fillna(""),
            "rep_now": both["rep_new"].fillna(""),
            "weight": weight.astype(float),
        }
    )
    return Difference(rows, measure, exact, of_units, old, new)


def _measure(old: PlanBundle, new: PlanBundle) -> str:
    shared = [m for m in new.document["measures"] if m in old.document["measures"]]
    of = new.document["summary"].get("disruption")
    if of is not None and of["measure"] in shared:
        return str(of["measure"])
    if not shared:
        raise InputError(
            "the two plans have no measure in common",
            hint="Compare plans that were designed from the same kind of input.",
        )
    return "potential" if "potential" in shared else str(shared[0])


def _rows(bundle: PlanBundle, measure: str, of_units: bool) -> pd.DataFrame:
    key = "unit_id" if bundle.document["units"] == "units" else "cell"
    reps = {t["id"]: t["rep"] for t in bundle.document["territories"]}
    if of_units:
        ids, territory = bundle.units[key], bundle.units["territory_id"]
        weight = bundle.units[measure]
    else:
        table = bundle.assignments
        ids, territory = table["account_id"], table["territory_id"]
        weight = _worth(bundle, key, measure)
    frame = pd.DataFrame(
        {
            "key": keys_of(ids.tolist()), "id": ids.to_numpy(), "territory": territory.to_numpy(),
            "rep": territory.map(reps).fillna("").to_numpy(), "weight": weight.to_numpy(),
        }
    )  # fmt: skip
    return frame.drop_duplicates("key")


def _worth(bundle: PlanBundle, key: str, measure: str) -> "pd.Series[float]":
    """What each account is worth, as exactly as the plan's files say."""
    if bundle.incumbent is not None:
        return bundle.incumbent["weight"]
    if bundle.members is not None:
        return bundle.members[measure].astype(float)
    cells = bundle.assignments["cell"]
    worth = bundle.units.set_index(key)[measure]
    return (cells.map(worth) / cells.map(cells.value_counts())).fillna(0.0)


def difference_document(found: Difference) -> dict[str, Any]:
    """The comparison as JSON: totals, reps, and what each territory keeps, gains and loses.

    Territories go by id. `moved` changes territory, `rep_changed` the rep; both are of what both
    plans assign.
    """
    rows = found.rows
    both = (rows["there"] == "both") & (rows["was"] != "") & (rows["now"] != "")
    moved = both & (rows["was"] != rows["now"])
    owner_changed = both & (rows["rep_was"] != rows["rep_now"])
    reps = [{t["rep"] for t in b.document["territories"]} - {""} for b in (found.old, found.new)]
    sets = {
        "compared": both, "moved": moved, "rep_changed": owner_changed,
        "added": rows["there"] == "added", "dropped": rows["there"] == "dropped",
        "assigned": (rows["there"] == "both") & (rows["was"] == "") & (rows["now"] != ""),
        "unassigned": (rows["there"] == "both") & (rows["was"] != "") & (rows["now"] == ""),
    }  # fmt: skip
    total = {name: _sum(rows, mask) for name, mask in sets.items()}
    whole = total["compared"]["potential"]
    return {
        "measure": found.measure,
        "weights": "exact" if found.exact else "an even share of each unit",
        "of": "units" if found.of_units else "accounts",
        **total,
        "share_moved": round(total["moved"]["potential"] / whole, 9) if whole else 0.0,
        "reps": {
            "joined": sorted(reps[1] - reps[0]),
            "left": sorted(reps[0] - reps[1]),
            "changed": len(_reps_in(rows[owner_changed])),
        },
        "territories": _territories(found, both, moved),
        "flows": _flows(rows[moved]),
    }


def _reps_in(rows: pd.DataFrame) -> set[str]:
    """Reps who gain or lose anything."""
    return (set(rows["rep_was"]) | set(rows["rep_now"])) - {""}


def _sum(rows: pd.DataFrame, mask: "pd.Series[bool]") -> dict[str, Any]:
    return {"accounts": int(mask.sum()), "potential": round(float(rows["weight"][mask].sum()), 6)}


def _territories(
    found: Difference, both: "pd.Series[bool]", moved: "pd.Series[bool]"
) -> list[dict[str, Any]]:
    old = {t["id"]: t for t in found.old.document["territories"]}
    new = {t["id"]: t for t in found.new.document["territories"]}
    rows, listed = found.rows, []
    for name in [*new, *(k for k in old if k not in new)]:
        side = "both" if name in old and name in new else "added" if name in new else "dropped"
        of = new.get(name) or old[name]
        listed.append(
            {
                "id": name,
                "name": of["name"],
                "there": side,
                "rep_was": old[name]["rep"] if name in old else "",
                "rep_now": new[name]["rep"] if name in new else "",
                "kept": _sum(rows, both & ~moved & (rows["now"] == name)),
                "gained": _sum(rows, moved & (rows["now"] == name)),
                "lost": _sum(rows, moved & (rows["was"] == name)),
            }
        )
    return listed


def _flows(moved: pd.DataFrame) -> list[dict[str, Any]]:
    """What goes from where to where, the most first."""
    flows = moved.groupby(["was", "now"])["weight"].agg(["count", "sum"]).reset_index()
    flows = flows.sort_values(["sum", "was", "now"], ascending=[False, True, True])
    return [
        {"from": was, "to": now, "accounts": int(count), "potential": round(float(weight), 6)}
        for was, now, count, weight in flows.itertuples(index=False)
    ]
