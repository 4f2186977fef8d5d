"""One number for everything that a plan was made from, recomputable from the plan's files."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sales.plan import PlanBundle


def fingerprint(
    document: Mapping[str, Any],
    assignments: pd.DataFrame,
    units: pd.DataFrame,
    bridges: pd.DataFrame,
    incumbent: pd.DataFrame | None = None,
    barriers: Mapping[str, Any] | None = None,
) -> str:
    """SHA-256 over units, bridges, accounts, targets, reps, parameters, proof and rules, as hex."""
    digest = hashlib.sha256()

    def add(value: object) -> None:
        digest.update(json.dumps(value, sort_keys=True, ensure_ascii=True).encode())
        digest.update(b"\n")

    provenance = document["provenance"]
    add([provenance["version"], provenance["seed"], provenance["parameters"]])
    add([provenance["input_sha256"], document["tolerance"], provenance["stop_reason"]])
    add([document["reps"], document["certificate"]["compactness"]])
    if "exact" in document["certificate"]:
        add(document["certificate"]["exact"])
    add([[t["id"], t["target"], t["rep"]] for t in document["territories"]])
    for column in units.columns:
        if column != "territory_id":
            add([column, units[column].tolist()])
    for column in ("account_id", "cell", "lat", "lng", "precision"):
        add([column, assignments[column].tolist()])
    add([bridges["cell_a"].tolist(), bridges["cell_b"].tolist()])
    for part in ("rules", "disruption"):
        if (stated := document.get(part, document["summary"].get(part))) is not None:
            add([part, stated])
    if document.get("overrides"):
        add(document["overrides"])
    if incumbent is not None:
        add([incumbent[column].tolist() for column in incumbent.columns])
    if barriers is not None:
        add(barriers)
    return digest.hexdigest()


def fingerprint_of(bundle: PlanBundle) -> str:
    """The fingerprint of a plan as read back."""
    return fingerprint(
        bundle.document, bundle.assignments, bundle.units, bundle.bridges, bundle.incumbent,
        bundle.barriers,
    )  # fmt: skip
