"""A review: the plan in force against the accounts, the roster and the date of today."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.geocode.types import Geocoder
from sales.accounts.types import TEXT_FIELDS, AccountTable
from sales.diagnose.tables import keys
from sales.drift.alerts import Alert, Where
from sales.drift.market import Market, balance_alerts, segment_alerts, weights
from sales.drift.team import age_alerts, team_alerts
from sales.drift.thresholds import Thresholds
from sales.lookup import make_lookup
from sales.plan import PlanBundle
from sales.plan_schema import check_form
from sales.roster import Rep
from sales.route_table import route_table

FORMAT: Final = "bailiwick-review/1"


@dataclass(frozen=True, eq=False)
class Now:
    """What there is today; None: not given, and so not looked at. `before`: the plan's accounts."""

    today: date
    since: date
    accounts: AccountTable | None = None
    before: AccountTable | None = None
    reps: tuple[Rep, ...] | None = None


@dataclass(frozen=True, eq=False)
class Review:
    """The alerts, what to act on first; `looked`: what was compared, `not_looked`: what was not."""

    alerts: tuple[Alert, ...]
    looked: tuple[str, ...]
    not_looked: tuple[str, ...]
    today: date
    since: date
    accounts: Mapping[str, int]


def review(
    bundle: PlanBundle, now: Now, limits: Thresholds, where: Where, geocoder: Geocoder | None = None
) -> Review:
    """Every reason to look at the plan again. Raises PlanFilesError for a malformed plan.

    Accounts that the plan knows stay in their territory; new ones fall to the territory of their
    place, where `geocoder` finds it.
    """
    check_form(bundle)
    document = bundle.document
    alerts = age_alerts(now.since, now.today, limits, where)
    looked, not_looked = ["age"], list[str]()
    counts: dict[str, int] = {}
    if now.reps is not None and any(r["rep_id"] for r in document["reps"]):
        looked.append("headcount")
        alerts += team_alerts(document, now.reps, limits, where)
    else:
        not_looked.append("headcount (give the roster of today, for a plan that has reps)")
    if now.accounts is not None and len(bundle.assignments):
        market, counts = _placed(bundle, now.accounts, limits.segments, geocoder)
        looked.append("balance")
        alerts += balance_alerts(document, market, limits, where)
        then = _then(bundle, now.before, limits.segments)
        if then is None:
            not_looked.append("density and value (give the accounts that the plan was made from)")
        else:
            columns = [c for c in ("segment", *limits.segments) if c in then.frame]
            missing = [c for c in limits.segments if c not in then.frame or c not in market.frame]
            looked.append(f"density and value by {', '.join(columns)}")
            if missing:
                not_looked.append(
                    f"density and value by {', '.join(missing)} (both account files must have it)"
                )
            alerts += segment_alerts(then, market, columns, limits, where)
    else:
        not_looked.append("balance, density and value (give the accounts of today)")
    ordered = sorted(alerts, key=lambda alert: alert.level != "act")
    return Review(tuple(ordered), tuple(looked), tuple(not_looked), now.today, now.since, counts)


def document_of(found: Review) -> dict[str, Any]:
    """The review in plain values."""
    return {
        "format": FORMAT,
        "today": found.today.isoformat(),
        "since": found.since.isoformat(),
        "alerts": [asdict(alert) for alert in found.alerts],
        "looked_at": list(found.looked),
        "not_looked_at": list(found.not_looked),
        "accounts": dict(found.accounts),
    }


def _placed(
    bundle: PlanBundle, table: AccountTable, segments: Sequence[str], geocoder: Geocoder | None
) -> tuple[Market, dict[str, int]]:
    """Today's accounts with the territory that the plan gives them."""
    known = _territories(bundle)
    frame = table.frame[table.frame["usable"]]
    key = keys(frame["account_id"])
    had = np.array([known.get(k) for k in key], dtype=object)
    new = np.array([h is None for h in had], dtype=bool)
    if new.any() and geocoder is not None:
        some = AccountTable(frame[new], table.attributes, (), table.columns, "", "")
        answers = route_table(make_lookup(bundle), geocoder.geocode, some)
        had[new] = [answer.territory or "" for answer in answers]
    territory = ["" if h is None else str(h) for h in had]
    segment_of = dict(
        zip(keys(bundle.assignments["account_id"]), bundle.assignments["segment"], strict=True)
    )
    by_territory = _segment_by_territory(bundle)
    found = _columns(table, frame, bundle.document["measures"], segments)
    found.insert(0, "territory", territory)
    found["segment"] = [
        segment_of.get(k) or by_territory.get(t, "") for k, t in zip(key, territory, strict=True)
    ]
    counts = {
        "then": sum(t != "" for t in known.values()),
        "now": len(frame),
        "new": int(new.sum()),
        "gone": len({k for k, t in known.items() if t} - set(key)),
        "without_territory": territory.count(""),
    }
    measures = tuple(m for m in bundle.document["measures"] if m in found)
    return Market(found, measures), counts


def _then(
    bundle: PlanBundle, before: AccountTable | None, segments: Sequence[str]
) -> Market | None:
    """The accounts when the plan was made: of their file, else of the plan's own weights."""
    assigned = bundle.assignments
    if before is not None:
        known = _territories(bundle)
        frame = before.frame[before.frame["usable"]]
        key = keys(frame["account_id"])
        found = _columns(before, frame, bundle.document["measures"], segments)
        found.insert(0, "territory", [known.get(k) or "" for k in key])
        segment_of = dict(zip(keys(assigned["account_id"]), assigned["segment"], strict=True))
        found["segment"] = [segment_of.get(k, "") for k in key]
        return Market(found, tuple(m for m in bundle.document["measures"] if m in found))
    if bundle.postcodes is None:
        return None
    measure = bundle.document["measures"][0]
    found = pd.DataFrame({
        "territory": assigned["territory_id"], "segment": assigned["segment"],
        measure: bundle.postcodes["weight"],
    })  # fmt: skip
    return Market(found, (measure,))


def _columns(
    table: AccountTable, frame: pd.DataFrame, measures: Sequence[str], segments: Sequence[str]
) -> pd.DataFrame:
    """The measures and segment columns that the table has, for the rows of `frame`."""
    found = pd.DataFrame(index=frame.index)
    for measure in measures:
        if measure in frame or measure == "accounts":
            found[measure] = weights(frame, measure)
    others = {str(name).casefold(): name for name in table.attributes.columns}
    for column in segments:
        if column in TEXT_FIELDS and column in frame and (frame[column] != "").any():
            found[column] = frame[column]
        elif column.casefold() in others:
            found[column] = table.attributes[others[column.casefold()]].reindex(frame.index)
    return found


def _territories(bundle: PlanBundle) -> dict[str, str]:
    """Account key → territory; "" where the plan could not place it."""
    table = bundle.assignments
    return dict(zip(keys(table["account_id"]), table["territory_id"], strict=True))


def _segment_by_territory(bundle: PlanBundle) -> dict[str, str]:
    table = bundle.assignments[bundle.assignments["territory_id"] != ""]
    return dict(zip(table["territory_id"], table["segment"], strict=True))
