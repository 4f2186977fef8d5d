"""A plan as the sheets of a workbook: Summary, Territories, Assignments, Review."""

import json
from typing import Any

import pandas as pd

from geo.formats.xlsx import DECIMAL, DEGREES, PERCENT, WHOLE, Sheet
from sales.export_layers import assignment_table, territory_table
from sales.plan import PlanBundle

SUMMARY_WORDS = {
    "territories": ("Territories", WHOLE),
    "accounts": ("Accounts in the file", WHOLE),
    "assigned": ("Accounts assigned", WHOLE),
    "review": ("Lines to review", WHOLE),
    "max_deviation": ("Largest deviation from target", PERCENT),
    "mean_deviation": ("Mean deviation from target", PERCENT),
    "noncontiguous": ("Territories in several pieces", WHOLE),
    "bridges": ("Bridges across water or gaps", WHOLE),
    "rms_km": ("Root-mean-square distance to the centre, km", DECIMAL),
    "cut_edges": ("Pairs of neighbouring cells in two territories", WHOLE),
}
DEGREE_FORMATS = {"center_lat": DEGREES, "center_lng": DEGREES}


def workbook_sheets(bundle: PlanBundle) -> list[Sheet]:
    """The four sheets, the titles in view when scrolling."""
    territories = territory_table(bundle)
    formats = {
        column: PERCENT if column.startswith("deviation") else WHOLE
        for column in territories.columns
        if pd.api.types.is_numeric_dtype(territories[column])
        and not pd.api.types.is_bool_dtype(territories[column])
    }
    return [
        _summary(bundle),
        Sheet("Territories", territories, formats | DEGREE_FORMATS, frozen_columns=2),
        Sheet("Assignments", assignment_table(bundle), frozen_columns=1),
        Sheet("Review", bundle.review),
    ]


def _summary(bundle: PlanBundle) -> Sheet:
    document = bundle.document
    lines: list[tuple[str, object, str | None]] = []
    for key, value in document["summary"].items():
        words, number_format = SUMMARY_WORDS.get(key, (key, None))
        lines.append((words, _plain(value), number_format))
    for measure, tolerance in document.get("tolerance", {}).items():
        lines.append((f"Allowed deviation of {measure}", tolerance, PERCENT))
    violations = document.get("violations", [])
    lines.append(("Within all limits", "no" if violations else "yes", None))
    lines += [("Out of limits", _plain(violation), None) for violation in violations]
    provenance = document.get("provenance", {})
    for key in ("version", "seed", "stop_reason", "fingerprint", "input_sha256"):
        if key in provenance:
            lines.append((key.replace("_", " ").capitalize(), _plain(provenance[key]), None))
    table = pd.DataFrame([line[:2] for line in lines], columns=["Measure", "Value"], dtype=object)
    formats = {(i, "Value"): line[2] for i, line in enumerate(lines) if line[2] is not None}
    return Sheet("Summary", table, cell_formats=formats)


def _plain(value: Any) -> object:
    if isinstance(value, dict) and "message" in value:
        return str(value["message"])
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return value
