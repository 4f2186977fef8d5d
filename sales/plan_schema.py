"""Whether a plan's files are of the form that whoever reads them relies on."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from geo.errors import PlanFilesError
from sales.plan import PlanBundle
from sales.plan_form.document import Plan
from sales.plan_form.segments import SegmentedPlan

FORMAT = "bailiwick-plan/1"


def check_form(bundle: PlanBundle) -> None:
    """Raise PlanFilesError unless every part of the plan is there and of its type.

    Afterwards whoever reads the plan may index and compute without asking.
    """
    document = bundle.document
    form = SegmentedPlan if "segments" in document else Plan
    try:
        form.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise _malformed("plan.json", f"{place}: {first['msg']}") from error
    measures = document["measures"]
    _require_unique(measures, "measures")
    _require_unique([t["id"] for t in document["territories"]], "territories")
    if form is SegmentedPlan:
        _check_segments(bundle, measures)
    else:
        _check_measures(document, measures, bundle.units.columns.tolist())
        _check_overrides(document, set(bundle.units.iloc[:, 0]))
    features = bundle.outlines.get("features")
    if not isinstance(features, list) or not all(_is_feature(some) for some in features):
        raise _malformed("territories.geojson", "it is no FeatureCollection")


def _check_segments(bundle: PlanBundle, measures: list[str]) -> None:
    """Every measure is a number of each territory and segment, and every part is a plan."""
    _require_unique([s["id"] for s in bundle.document["segments"]], "segments")
    for kind in ("territories", "segments"):
        for entry in bundle.document[kind]:
            for name in measures:
                if type(entry.get(name)) not in (int, float):
                    raise _malformed("plan.json", f"{kind}, {entry['id']}: no number of {name!r}")
    if bundle.units.columns.tolist()[2:] != measures:
        raise _malformed("cells.csv", "its columns are not the measures of plan.json")
    if bundle.members is None or not set(measures) <= set(bundle.members.columns):
        raise _malformed("members.csv", "it has not the measures of plan.json")
    for part in bundle.parts.values():
        check_form(part)


def _check_measures(document: Mapping[str, Any], measures: list[str], columns: list[str]) -> None:
    balanced = set(document["tolerance"])
    if measures[0] not in balanced or not balanced <= set(measures):
        raise _malformed("plan.json", "tolerance: it does not fit the measures")
    # The table of units has an id and a territory before its measures.
    if sorted(columns[2:]) != sorted(measures):
        raise _malformed("the table of units", "its columns are not the measures of plan.json")
    if len(document["certificate"]["compactness"]["prices_km2"]) != len(document["territories"]):
        raise _malformed("plan.json", "certificate.compactness.prices_km2: not one per territory")
    _check_rules(document, measures)
    for territory in document["territories"]:
        where = f"territory {territory['id']}"
        for name in measures:
            if type(territory.get(name)) not in (int, float):
                raise _malformed("plan.json", f"{where}: no number of {name!r}")
        if set(territory["deviations"]) != balanced:
            raise _malformed("plan.json", f"{where}: deviations of other measures")


def _check_rules(document: Mapping[str, Any], measures: list[str]) -> None:
    """Rules name measures that are there, and prices are one per territory and measure."""
    certificate = document["certificate"]
    named = {c[end] for c in certificate.get("conflicts", ()) for end in ("measure", "other")}
    named |= {name for t in document.get("tradeoffs", ()) for name in t["reached"]}
    named |= {entry["measure"] for entry in certificate.get("granularities", ())}
    named |= {entry["measure"] for entry in certificate.get("cruxes", ())}
    if not named <= set(document["tolerance"]):
        raise _malformed("plan.json", "a proof is about a measure that is not balanced")
    for entry in certificate.get("cruxes", ()):
        if len(entry["prices"]) != len(set(entry["units"])):
            raise _malformed("plan.json", "certificate.cruxes: not one price for each unit")
    rules = document.get("rules") or {}
    if not {limit["measure"] for limit in rules.get("limits", ())} <= set(measures):
        raise _malformed("plan.json", "rules.limits: of a measure that is not there")
    disruption, least = (
        document["summary"].get("disruption"),
        document["certificate"].get("disruption"),
    )
    if (disruption is None) != (least is None):
        raise _malformed("plan.json", "a disruption without a bound, or a bound without one")
    if least is None:
        return
    names, prices = least["measures"], least["prices"]
    if not set(names) <= set(measures) or len(set(names)) != len(names):
        raise _malformed("plan.json", "certificate.disruption.measures: not measures of the plan")
    if len(prices) != len(document["territories"]) or any(len(row) != len(names) for row in prices):
        raise _malformed("plan.json", "certificate.disruption.prices: not one per territory")


def _check_overrides(document: Mapping[str, Any], units: set[str]) -> None:
    territories = {t["id"] for t in document["territories"]}
    overrides = document.get("overrides", ())
    _require_unique([entry["account_id"] for entry in overrides], "overrides")
    for entry in overrides:
        if entry["unit"] not in units or entry["territory"] not in territories:
            raise _malformed("plan.json", f"overrides: {entry['account_id']} is nowhere")
        if set(entry["measures"]) != set(document["measures"]):
            raise _malformed("plan.json", f"overrides: {entry['account_id']} of other measures")


def _require_unique(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise _malformed("plan.json", f"{what}: one is listed twice")


def _is_feature(some: object) -> bool:
    return isinstance(some, dict) and isinstance(some.get("properties"), dict)


def _malformed(file: str, what: str) -> PlanFilesError:
    return PlanFilesError(
        f"{file} is malformed: {what}", hint="Restore the file, or design the plan again."
    )
