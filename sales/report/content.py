"""From a plan to what its reports say. No text is escaped or laid out here."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import NotFoundError
from sales.plan import PlanBundle
from sales.report.given import had_in, names_in, quota_of
from sales.report.types import (
    Account,
    Coverage,
    Extras,
    Flow,
    Line,
    Measure,
    Moves,
    PlanReport,
    Quota,
    TerritoryReport,
)
from sales.rules.alignment import keys_of

TOP = 10  # accounts listed
_NOBODY = ""


class Ledger:
    """A plan's accounts as the reports need them: one row each, with what the extras add."""

    def __init__(self, bundle: PlanBundle, extras: Extras) -> None:
        """Lay them out; `rows` has id, key, territory, rep, worth, rule, name, had."""
        self.bundle, self.extras = bundle, extras
        document = bundle.document
        self.measure = str(document["measures"][0])
        self.territories = {str(t["id"]): t for t in document["territories"]}
        table = bundle.assignments
        self.rows = pd.DataFrame(
            {
                "id": table["account_id"].to_numpy(), "key": keys_of(table["account_id"].tolist()),
                "territory": table["territory_id"].to_numpy(),
                "rep": table["rep"].to_numpy(), "rule": table["rule"].to_numpy(),
                "lat": table["lat"].to_numpy(), "lng": table["lng"].to_numpy(),
            }
        )  # fmt: skip
        if extras.worth is not None:
            worth, self.exact = np.array([extras.worth.get(k, 0.0) for k in self.rows["key"]]), True
        else:
            worth, self.exact = _worth(bundle, self.measure)
        self.rows["worth"] = worth
        names = extras.names if extras.names is not None else names_in(bundle) or {}
        self.rows["name"] = [_whole(names.get(key, "")) for key in self.rows["key"]]
        had = extras.had if extras.had is not None else had_in(bundle)
        self.had = had
        self.names = {
            r["rep_id"]: f"{r['name']} ({r['rep_id']})" for r in document["reps"]
            if r["rep_id"] and r["name"] and r["name"] != r["rep_id"]
        } | {i: f"{i} {t['name']}" for i, t in self.territories.items()}  # fmt: skip
        self.by_rep = had is not None and any(rep for _, rep in had.values()) and any(
            t["rep"] for t in document["territories"]
        )  # fmt: skip
        at = 1 if self.by_rep else 0
        nothing = (_NOBODY, _NOBODY)
        self.rows["was"] = [_whole((had or {}).get(key, nothing)[at]) for key in self.rows["key"]]
        self.rows["now"] = self.rows["rep" if self.by_rep else "territory"]

    def of(self, territory: str) -> pd.DataFrame:
        """The accounts of a territory."""
        return self.rows[self.rows["territory"] == territory]

    def top(self, rows: pd.DataFrame, most: int = TOP) -> tuple[Account, ...]:
        """The accounts worth most."""
        total = float(rows["worth"].sum())
        best = rows.sort_values(["worth", "id"], ascending=[False, True]).head(most)
        columns = (best[name].tolist() for name in ("id", "name", "worth", "rule", "was"))
        return tuple(
            Account(
                account, name, worth, worth / total if total > 0 else 0.0, rule,
                self.names.get(was, was) if self.had is not None else "",
            )
            for account, name, worth, rule, was in zip(*columns, strict=True)
        )  # fmt: skip


def plan_report(bundle: PlanBundle, extras: Extras | None = None) -> PlanReport:
    """The report on the whole of a bundle (a manager's is trimmed before it comes here)."""
    ledger = Ledger(bundle, extras or Extras())
    document, rows = bundle.document, ledger.rows
    summary = document["summary"]
    assigned = rows[rows["territory"] != ""]
    moves = _moves(ledger, assigned, None)
    quota = [quota_of(ledger.extras.quota, i, t["rep"]) for i, t in ledger.territories.items()]
    given = [q for q in quota if q is not None]
    worth = sum(float(t[ledger.measure]) for t in ledger.territories.values())
    return PlanReport(
        plan=ledger.extras.title,
        accounts=summary["accounts"],
        assigned=summary["assigned"],
        review=summary["review"],
        measures=tuple(
            Measure(m, sum(float(t[m]) for t in ledger.territories.values()),
                    tolerance=document["tolerance"].get(m))
            for m in document["measures"]
        ),
        max_deviation=summary["max_deviation"],
        mean_deviation=summary["mean_deviation"],
        in_pieces=summary["noncontiguous"],
        lines=tuple(_line(ledger, t) for t in ledger.territories.values()),
        violations=tuple(v["message"] for v in document["violations"]),
        rules=_rules(assigned),
        moves=moves,
        quota=Quota(sum(given), worth) if given else None,
        coverage=_coverage(ledger, assigned),
        worth_of=ledger.measure,
        worth_is_exact=ledger.exact,
        fingerprint=document["provenance"].get("fingerprint", ""),
    )  # fmt: skip


def territory_report(
    bundle: PlanBundle, territory_id: str, extras: Extras | None = None
) -> TerritoryReport:
    """The report on one territory; raises NotFoundError where the bundle has it not."""
    ledger = Ledger(bundle, extras or Extras())
    found = ledger.territories.get(territory_id)
    if found is None:
        raise NotFoundError(
            f"the plan has no territory {territory_id!r:.80}",
            hint="Its plan.json lists the territories.",
        )
    rows, document = ledger.of(territory_id), bundle.document
    quota = quota_of(ledger.extras.quota, territory_id, found["rep"])
    return TerritoryReport(
        plan=ledger.extras.title,
        territory_id=territory_id,
        name=found["name"],
        rep=_rep(found),
        accounts=found["accounts"],
        cells=found["cells"],
        contiguous=found["contiguous"],
        measures=tuple(_measure(document, found, m) for m in document["measures"]),
        violations=tuple(
            v["message"] for v in document["violations"] if v["territory"] == territory_id
        ),
        rules=_rules(rows),
        top=ledger.top(rows),
        worth_of=ledger.measure,
        worth_is_exact=ledger.exact,
        moves=_moves(ledger, ledger.rows, found["rep"] if ledger.by_rep else territory_id),
        quota=None if quota is None else Quota(quota, float(found[ledger.measure])),
        coverage=_coverage(ledger, rows),
        fingerprint=document["provenance"].get("fingerprint", ""),
    )


def _whole(text: str) -> str:
    """Half a surrogate pair, which no table may hold, becomes “?”."""
    return text.encode("utf-8", "replace").decode()


def _rep(territory: Mapping[str, Any]) -> str:
    name, rep = str(territory.get("rep_name") or ""), str(territory["rep"] or "")
    return f"{name} ({rep})" if name and rep and name != rep else name or rep


def _measure(document: Mapping[str, Any], territory: Mapping[str, Any], name: str) -> Measure:
    tolerance = document["tolerance"].get(name)
    if tolerance is None:
        return Measure(name, float(territory[name]))
    off, total = (
        float((territory.get("deviations") or {}).get(name, territory["deviation"])),
        territory[name],
    )
    target = float(territory["target"]) if name == document["measures"][0] else None
    if target is None and off > -1:
        target = total / (1 + off)
    return Measure(name, float(total), target, off, tolerance)


def _line(ledger: Ledger, territory: Mapping[str, Any]) -> Line:
    own, document = str(territory["id"]), ledger.bundle.document
    rows = ledger.of(own)
    moved = None
    if ledger.had is not None:
        moved = int(((rows["was"] != "") & (rows["was"] != rows["now"])).sum())
    coverage = _coverage(ledger, rows)
    return Line(
        own, territory["name"], _rep(territory), territory["accounts"],
        _measure(document, territory, ledger.measure),
        not any(v["territory"] == own for v in document["violations"]),
        quota_of(ledger.extras.quota, own, territory["rep"]), moved,
        None if coverage is None or not coverage.worth else coverage.touched_worth / coverage.worth,
    )  # fmt: skip


def _rules(rows: pd.DataFrame) -> dict[str, int]:
    counts = rows.loc[rows["rule"] != "", "rule"].value_counts()
    return {str(rule): int(counts[rule]) for rule in sorted(counts.index)}


def _worth(bundle: PlanBundle, measure: str) -> tuple[np.ndarray[Any, np.dtype[np.float64]], bool]:
    """What each account is worth, and whether the files say so (else an even share of the unit)."""
    table = bundle.assignments
    if bundle.postcodes is not None and len(bundle.postcodes) == len(table):
        return np.nan_to_num(bundle.postcodes["weight"].to_numpy(np.float64)), True
    of = (bundle.document["summary"].get("disruption") or {}).get("measure")
    incumbent = bundle.incumbent
    if incumbent is not None and of == measure and len(incumbent) == len(table):
        return incumbent["weight"].to_numpy(np.float64), True
    unit = bundle.units.set_index(bundle.units.columns[0])[measure]
    count = table["cell"].map(table["cell"].value_counts())
    return (table["cell"].map(unit) / count).fillna(0.0).to_numpy(np.float64), False


def _moves(ledger: Ledger, rows: pd.DataFrame, own: str | None) -> Moves | None:
    """What `own` (all, where None) keeps, gains and loses; None where nothing was before."""
    if ledger.had is None:
        return None
    had, now = rows["was"] != "", rows["now"] != ""
    same = rows["was"] == rows["now"]
    mine = np.ones(len(rows), np.bool_) if own is None else (rows["now"] == own).to_numpy()
    gone = had & now & ~same & ((rows["was"] == own) if own is not None else False)
    return Moves(
        ledger.by_rep,
        _sum("", rows[mine & had & same]),
        _flows(ledger, rows[mine & had & now & ~same], "was"),
        _flows(ledger, rows[gone], "now"),
        _sum("", rows[mine & now & ~had]),
    )


def _sum(other: str, rows: pd.DataFrame) -> Flow:
    return Flow(other, len(rows), float(rows["worth"].sum()))


def _flows(ledger: Ledger, rows: pd.DataFrame, side: str) -> tuple[Flow, ...]:
    groups = rows.groupby(side, sort=True)
    flows = [_sum(ledger.names.get(str(name), str(name)), part) for name, part in groups]
    return tuple(sorted(flows, key=lambda flow: (-flow.worth, flow.other)))


def _coverage(ledger: Ledger, rows: pd.DataFrame) -> Coverage | None:
    done = ledger.extras.activities
    if done is None:
        return None
    found = [done.get(key) for key in rows["key"]]
    touched = np.array([a is not None and a.hours + a.visits > 0 for a in found], dtype=np.bool_)
    return Coverage(
        len(rows), int(touched.sum()), float(rows["worth"].sum()),
        float(rows["worth"].to_numpy()[touched].sum()), sum(a.hours for a in found if a),
        sum(a.visits for a in found if a), ledger.top(rows[~touched], 5),
    )  # fmt: skip
