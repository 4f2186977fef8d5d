"""What a scenario costs and brings, measured: balance, moves, revenue at risk, travel, reps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.sphere import distance_km
from sales.realign.run import Made
from sales.realign.scenario import SalesBasis


def moved_rows(made: Made, sales: Mapping[str, float]) -> pd.DataFrame:
    """One row per account that was somebody's before: `account_id`, `rep_was`, `rep_now`,
    `territory_was`, `territory_now`, `potential`, `sales` and `broken`, whether its rep changes.
    """
    was = made.before[(made.before["rep"] != "") & (made.before["territory"] != "")]
    now = made.after.set_index("key").reindex(was["key"])
    rep_now = now["rep"].fillna("").to_numpy()
    return pd.DataFrame(
        {
            "key": was["key"].to_numpy(),
            "account_id": was["account_id"].to_numpy(),
            "territory_was": was["territory"].to_numpy(),
            "territory_now": now["territory"].fillna("").to_numpy(),
            "rep_was": was["rep"].to_numpy(),
            "rep_now": rep_now,
            "potential": was["key"].map(made.worth).fillna(0.0).to_numpy(dtype=np.float64),
            "sales": was["key"].map(dict(sales)).fillna(0.0).to_numpy(dtype=np.float64),
            "broken": was["rep"].to_numpy() != rep_now,
        }
    )


def measured(made: Made, sales: Mapping[str, float], basis: SalesBasis) -> dict[str, Any]:
    """The figures of a scenario, as comparison.json has them."""
    rows = moved_rows(made, sales)
    broken = rows["broken"]
    forced = broken & rows["rep_was"].isin(made.left)
    document = made.bundle.document
    share = float(rows["potential"][broken].sum()) / max(float(rows["potential"].sum()), 1e-300)
    served = made.after["rep"] != ""
    return {
        "territories": document["summary"]["territories"],
        "leave": list(made.left),
        "join": list(made.joined),
        "balance": _balance(made),
        "moved": _sum(rows, broken, sales, basis)
        | {
            "share": _tidy(share),
            "rep_left": _sum(rows, forced, sales, basis),
            "rep_stays": _sum(rows, broken & ~forced, sales, basis),
            "of": {"accounts": len(rows), "potential": _tidy(rows["potential"].sum())},
        },
        "without_rep": {
            "accounts": int((~served & (made.after["territory"] != "")).sum()),
            "potential": _tidy(_worth(made, made.after[~served & (made.after["territory"] != "")])),
        },
        "not_placed": int((made.after["territory"] == "").sum()),
        "budget": _budget(made),
        "least_disruption": document["certificate"]["disruption"]["share"]
        if made.scenario.respond != "orphans" and "disruption" in document["certificate"]
        else None,
        "least_disruption_of": document["summary"].get("disruption", {}).get("measure"),
        "revenue_at_risk": _at_risk(rows, sales, basis),
        "travel": {
            "before_km": _travel(made, made.before),
            "after_km": _travel(made, made.after),
            "rms_km": document["summary"]["rms_km"],
        },
        "reps": _reps(made, rows),
        "violations": [v["message"] for v in document["violations"]],
    }


def _balance(made: Made) -> dict[str, Any]:
    document = made.bundle.document
    measure = document["measures"][0]
    tolerance = document["tolerance"].get(measure)
    served = [t for t in document["territories"] if t["id"] not in made.vacant]
    deviation = np.abs([t["deviation"] for t in served])
    within = int((deviation <= tolerance + 1e-9).sum()) if tolerance is not None else None
    return {
        "measure": measure,
        "tolerance": tolerance,
        "max_deviation": _tidy(deviation.max()) if served else None,
        "mean_deviation": _tidy(deviation.mean()) if served else None,
        "within_tolerance": None
        if within is None
        else _tidy(within / len(document["territories"])),
    }


def _budget(made: Made) -> dict[str, Any] | None:
    asked = made.scenario.max_disruption
    if asked is None:
        return None
    found = made.bundle.document["summary"].get("disruption")
    if found is None:  # nothing was moved at all
        return {"asked": str(asked), "limit": None, "used": 0.0, "kept": True}
    used = {
        "share": found["share"], "accounts": found["accounts"], "potential": found["potential"],
    }[asked.unit]  # fmt: skip
    kept = used <= asked.value * (1 + 1e-9)
    return {"asked": str(asked), "limit": asked.value, "used": used, "kept": bool(kept)}


def _sum(
    rows: pd.DataFrame, mask: "pd.Series[bool]", sales: Mapping[str, float], basis: SalesBasis
) -> dict[str, Any]:
    known = bool(sales) and basis.share is None
    return {
        "accounts": int(mask.sum()),
        "potential": _tidy(rows["potential"][mask].sum()),
        "customers": int((mask & (rows["sales"] > 0)).sum()) if known else None,
    }


def _at_risk(
    rows: pd.DataFrame, sales: Mapping[str, float], basis: SalesBasis
) -> dict[str, Any] | None:
    if not sales:
        return None
    moved = float(rows["sales"][rows["broken"]].sum())
    low, high = basis.lost
    total = float(rows["sales"].sum())
    return {
        "low": _tidy(moved * low),
        "high": _tidy(moved * high),
        "sales_moved": _tidy(moved),
        "sales": _tidy(total),
    }


def _worth(made: Made, rows: pd.DataFrame) -> float:
    return float(sum(made.worth.get(key, 0.0) for key in rows["key"]))


def _travel(made: Made, rows: pd.DataFrame) -> float | None:
    """Mean distance of an account from where its rep sets out, weighted by potential.

    Accounts without a rep are not travelled to, and do not count.
    """
    rows = rows[(rows["rep"] != "") & rows["lat"].notna() & rows["to_lat"].notna()]
    weight = rows["key"].map(made.worth).fillna(0.0).to_numpy(dtype=np.float64)
    if not weight.sum() > 0:
        return None
    at = [rows[c].to_numpy(dtype=np.float64) for c in ("lat", "lng", "to_lat", "to_lng")]
    return _tidy(float(weight @ distance_km(*at)) / float(weight.sum()))


def _reps(made: Made, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Of each rep: what they had and have, and what came and went; those who lose most first."""
    names = {
        rep: name
        for frame in (made.before, made.after)
        for rep, name in zip(frame["rep"], frame["rep_name"], strict=True)
        if rep
    }
    had, has = _by_rep(made, made.before), _by_rep(made, made.after)
    moved = rows[rows["broken"]]
    lost = moved.groupby("rep_was")["potential"].agg(["count", "sum"])
    gained = moved[moved["rep_now"] != ""].groupby("rep_now")["potential"].agg(["count", "sum"])
    listed = [
        {
            "rep": rep,
            "name": names[rep],
            "status": "left" if rep in made.left else "joined" if rep not in had else "stays",
            "before": had.get(rep, {"accounts": 0, "potential": 0.0}),
            "after": has.get(rep, {"accounts": 0, "potential": 0.0}),
            "gained": _entry(gained, rep),
            "lost": _entry(lost, rep),
        }
        for rep in names
    ]
    return sorted(
        listed, key=lambda r: (r["after"]["potential"] - r["before"]["potential"], r["rep"])
    )


def _entry(found: pd.DataFrame, rep: str) -> dict[str, Any]:
    if rep not in found.index:
        return {"accounts": 0, "potential": 0.0}
    return {
        "accounts": int(found["count"].to_dict()[rep]),
        "potential": _tidy(float(found["sum"].to_dict()[rep])),
    }


def _by_rep(made: Made, rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    rows = rows[(rows["rep"] != "") & (rows["territory"] != "")]
    worth = rows["key"].map(made.worth).fillna(0.0)
    found = worth.groupby(rows["rep"]).agg(["count", "sum"])
    counts, totals = found["count"].to_dict(), found["sum"].to_dict()
    return {
        str(rep): {"accounts": int(counts[rep]), "potential": _tidy(float(totals[rep]))}
        for rep in counts
    }


def _tidy(value: float) -> float:
    return float(np.round(value, 6))
