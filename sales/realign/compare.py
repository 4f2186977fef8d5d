"""What-ifs side by side: each scenario made, measured, and laid out as one document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.design.solve import never
from geo.errors import OptionError
from geo.progress import Progress, silent
from sales.realign.measures import measured, moved_rows
from sales.realign.run import Base, Made, run, worth_of
from sales.realign.sales import check_basis, said_of, sales_of
from sales.realign.scenario import SalesBasis, Scenario
from sales.realign.slug import slugs
from sales.realign.standing import standing

FORMAT = "bailiwick-scenarios/1"


@dataclass(frozen=True, eq=False)
class Comparison:
    """`document` is comparison.json; `made` the scenarios by their directory; `moves` all accounts
    whose rep changes, by scenario.
    """

    document: dict[str, Any]
    made: Mapping[str, Made]
    moves: pd.DataFrame


def compare(
    base: Base,
    scenarios: Sequence[Scenario],
    basis: SalesBasis,
    *,
    exact: bool = True,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> Comparison:
    """Make and measure all scenarios, beside the plan as it stands.

    `exact` whether the source says what each account is worth. Raises InputError and OptionError.
    """
    if not scenarios:
        raise OptionError(
            "there is no scenario", hint="Give a file of scenarios, or say what changes."
        )
    names = slugs([scenario.name for scenario in scenarios])
    basis = check_basis(basis)
    sales = sales_of(base.source, worth_of(base.source), basis)
    rows = [_today(base, sales, basis)]
    made: dict[str, Made] = {}
    moves: list[pd.DataFrame] = []
    for at, (name, scenario) in enumerate(zip(names, scenarios, strict=True)):
        progress("scenario", at / len(scenarios), scenario.name)
        found = run(base, scenario, should_stop=should_stop)
        made[name] = found
        rows.append(
            {"scenario": scenario.name, "directory": name, "respond": scenario.respond}
            | measured(found, sales, basis)
        )
        changes = moved_rows(found, sales)
        changes = changes[changes["broken"]].drop(columns=["key", "broken"])
        changes.insert(0, "scenario", scenario.name)
        moves.append(changes)
    progress("scenario", 1.0)
    document = {
        "format": FORMAT,
        "plan": {
            "name": base.name,
            "fingerprint": base.bundle.document["provenance"]["fingerprint"],
        },
        "seed": base.seed,
        "measure": base.bundle.document["measures"][0],
        "weights": "exact" if exact else "an even share of each unit",
        "sales": {"basis": said_of(basis), "lost": list(basis.lost)},
        "scenarios": rows,
    }
    return Comparison(document, made, pd.concat(moves, ignore_index=True))


def _today(base: Base, sales: Mapping[str, float], basis: SalesBasis) -> dict[str, Any]:
    """The plan as it stands, in the same figures."""
    now = standing(base.bundle)
    still = Made(
        Scenario("today"), base.bundle, base.source, (), (), now, now, worth_of(base.source)
    )
    row = {"scenario": "today", "directory": "", "respond": ""} | measured(still, sales, basis)
    return row | {"least_disruption": None, "least_disruption_of": None}


def comparison_table(document: Mapping[str, Any]) -> pd.DataFrame:
    """comparison.csv: one row per scenario."""
    return pd.DataFrame([_flat(row) for row in document["scenarios"]])


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    balance, moved, risk = row["balance"], row["moved"], row["revenue_at_risk"] or {}
    budget, travel = row["budget"] or {}, row["travel"]
    return {
        "scenario": row["scenario"],
        "directory": row["directory"],
        "territories": row["territories"],
        "leave": " ".join(row["leave"]),
        "join": " ".join(row["join"]),
        "max_deviation": balance["max_deviation"],
        "mean_deviation": balance["mean_deviation"],
        "within_tolerance": balance["within_tolerance"],
        "moved_accounts": moved["accounts"],
        "moved_potential": moved["potential"],
        "moved_share": moved["share"],
        "moved_customers": moved["customers"],
        "moved_though_rep_stays": moved["rep_stays"]["accounts"],
        "least_disruption": row["least_disruption"],
        "without_rep_accounts": row["without_rep"]["accounts"],
        "without_rep_potential": row["without_rep"]["potential"],
        "budget": budget.get("asked"),
        "budget_used": budget.get("used"),
        "budget_kept": budget.get("kept"),
        "sales_moved": risk.get("sales_moved"),
        "revenue_at_risk_low": risk.get("low"),
        "revenue_at_risk_high": risk.get("high"),
        "travel_before_km": travel["before_km"],
        "travel_after_km": travel["after_km"],
        "rms_km": travel["rms_km"],
        "violations": len(row["violations"]),
    }
