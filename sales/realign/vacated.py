"""A plan whose rep has left, and whose territory nobody has taken over: the rep is blanked."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sales.fingerprint import fingerprint_of
from sales.plan import PlanBundle


def vacated(
    bundle: PlanBundle, territories: Collection[str], options: Mapping[str, Any]
) -> PlanBundle:
    """The same plan in which `territories` are vacant: no unit and no account moves.

    `options` say in the provenance why.
    """
    empty = {"rep": "", "rep_name": ""}
    document = dict(bundle.document)
    document["territories"] = [
        t | empty if t["id"] in territories else t for t in document["territories"]
    ]
    document["reps"] = [
        rep | {"rep_id": "", "name": "", "lat": None, "lng": None}
        if rep["territory"] in territories
        else rep
        for rep in document["reps"]
    ]
    document["provenance"] = document["provenance"] | {"parameters": dict(options)}
    own = {t["id"]: t for t in document["territories"]}
    outlines = dict(bundle.outlines)
    outlines["features"] = [
        f | {"properties": f["properties"] | {k: own[f["id"]][k] for k in empty}}
        for f in bundle.outlines["features"]
    ]
    gone = bundle.assignments["territory_id"].isin(list(territories))
    rows = bundle.assignments.assign(rep=bundle.assignments["rep"].where(~gone, ""))
    made = replace(bundle, document=document, assignments=rows, outlines=outlines)
    document["provenance"]["fingerprint"] = fingerprint_of(made)
    return made
