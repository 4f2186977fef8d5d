"""The form of plan.json: which keys there are and of what type, whatever their values."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictBool, ValidationError

from geo.errors import PlanFilesError
from sales.plan import PlanBundle

FORMAT = "bailiwick-plan/1"

Count = Annotated[int, Field(strict=True, ge=0)]
Number = Annotated[FiniteFloat, Field(strict=True)]
Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]
Fraction = Annotated[Number, Field(gt=0, lt=1)]
Text = Annotated[str, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Center(_Part):
    lat: Latitude
    lng: Longitude


class _Territory(_Part):
    id: Annotated[Text, Field(min_length=1)]
    name: Text
    rep: Text
    rep_name: Text
    target: Annotated[Number, Field(gt=0)]
    deviation: Number
    deviations: dict[str, Number]
    accounts: Count
    cells: Count
    contiguous: StrictBool
    center: _Center


class _Rep(_Part):
    rep_id: Text
    name: Text
    capacity: Annotated[Number, Field(gt=0)]
    lat: Latitude | None
    lng: Longitude | None
    territory: Text


class _Counted(_Part):
    accounts: Count
    potential: Number


class _Territories(_Part):
    continued: Count
    new: list[Text]
    ended: list[Text]


class _Disruption(_Part):
    measure: Text
    accounts: Count
    potential: Number
    share: Number
    account_share: Number
    of: _Counted
    ended: _Counted
    new: _Counted
    territories: _Territories
    limit: Number | None


class _Lock(_Part):
    unit: Text
    territory: Text
    account_id: Text
    source: Text


class _Closed(_Part):
    territory: Text
    units: list[Text]


class _Group(_Part):
    group: Text
    units: Annotated[list[Text], Field(min_length=1)]


class _Pair(_Part):
    a: Text
    b: Text
    unit_a: Text
    unit_b: Text


class _Limit(_Part):
    measure: Text
    min: Number | None
    max: Number | None


class _Barriers(_Part):
    parted: Count


class _Rules(_Part):
    locks: list[_Lock] = []
    closed: list[_Closed] = []
    together: list[_Group] = []
    apart: list[_Pair] = []
    limits: list[_Limit] = []
    least_territories: Count | None = None
    barriers: _Barriers | None = None
    homes: Literal["hard", "off"] | None = None


class _Summary(_Part):
    territories: Count
    accounts: Count
    assigned: Count
    review: Count
    max_deviation: Number
    mean_deviation: Number
    noncontiguous: Count
    bridges: Count
    rms_km: Number
    cut_edges: Count
    disruption: _Disruption | None = None


class _Violation(_Part):
    kind: Literal[
        "balance", "contiguity", "lock", "closed", "together", "apart", "limit", "disruption"
    ]
    territory: Text
    measure: Text
    value: Number
    limit: Number
    message: Text


class _Granularity(_Part):
    measure: Text
    heaviest_unit: Text
    share_of_target: Number
    least_max_deviation: Number
    accounts: Count
    positions: Count
    account: Text


class _Compactness(_Part):
    measure: Text
    band: Annotated[Number, Field(ge=0)]
    prices_km2: list[Number]
    inertia: Number
    bound: Number
    gap: Number | None


class _Exact(_Part):
    objective: Literal["inertia", "cut_edges"]
    status: Literal["optimal", "gap", "infeasible", "unknown"]
    proven: StrictBool
    measure: Text
    unit: Text
    value: Number | None
    bound: Number | None
    gap: Number | None
    statement: Text


class _LeastDisruption(_Part):
    measures: list[Text]
    prices: list[list[Number]]
    bound: Number
    share: Number


class _Conflict(_Part):
    unit: Text
    measure: Text
    tolerance: Fraction
    other: Text
    least_deviation: Number
    needed_tolerance: Number | None


class _Crux(_Part):
    measure: Text
    units: Annotated[list[Text], Field(min_length=1)]
    prices: list[Number]
    least_max_deviation: Annotated[Number, Field(gt=0)]


class _Tradeoff(_Part):
    tolerance: dict[str, Fraction]
    reached: dict[str, Number]
    chosen: StrictBool


class _Certificate(_Part):
    granularity: _Granularity
    granularities: list[_Granularity] = []
    cruxes: list[_Crux] = []
    conflicts: list[_Conflict] = []
    compactness: _Compactness
    exact: _Exact | None = None
    disruption: _LeastDisruption | None = None


class _Provenance(_Part):
    version: Text
    seed: Count
    parameters: dict[str, Any]
    input_sha256: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    fingerprint: Text
    stop_reason: Text


class _Plan(_Part):
    units: Literal["cells", "units"]
    resolution: Annotated[int, Field(strict=True, ge=0, le=15)] | None
    measures: Annotated[list[Text], Field(min_length=1)]
    tolerance: Annotated[dict[str, Fraction], Field(min_length=1)]
    territories: Annotated[list[_Territory], Field(min_length=1)]
    reps: list[_Rep]
    summary: _Summary
    rules: _Rules | None = None
    violations: list[_Violation]
    certificate: _Certificate
    tradeoffs: list[_Tradeoff] = []
    provenance: _Provenance


def check_form(bundle: PlanBundle) -> None:
    """Raise PlanFilesError unless every part of the plan is there and of its type.

    Afterwards whoever reads the plan may index and compute without asking.
    """
    document = bundle.document
    try:
        _Plan.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise _malformed("plan.json", f"{place}: {first['msg']}") from error
    measures = document["measures"]
    _require_unique(measures, "measures")
    _require_unique([t["id"] for t in document["territories"]], "territories")
    _check_measures(document, measures, bundle.units.columns.tolist())
    features = bundle.outlines.get("features")
    if not isinstance(features, list) or not all(_is_feature(some) for some in features):
        raise _malformed("territories.geojson", "it is no FeatureCollection")


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


def _require_unique(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise _malformed("plan.json", f"{what}: one is listed twice")


def _is_feature(some: object) -> bool:
    return isinstance(some, dict) and isinstance(some.get("properties"), dict)


def _malformed(file: str, what: str) -> PlanFilesError:
    return PlanFilesError(
        f"{file} is malformed: {what}", hint="Restore the file, or design the plan again."
    )
