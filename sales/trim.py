"""A plan cut down to some of its territories, for somebody who may not see the rest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.measures.compactness import cut_edges, rms_km
from sales.edits.board import ground
from sales.plan import PlanBundle
from sales.violations import balance_violation

# The message of any other kind may name accounts or territories elsewhere.
_OWN_VIOLATIONS: Final = ("balance", "contiguity", "limit")
_OWN_PROVENANCE: Final = ("version", "seed", "input_sha256", "fingerprint", "stop_reason")


def trimmed(bundle: PlanBundle, territories: Collection[str]) -> PlanBundle:
    """Only these territories with their accounts, units, reps and outlines.

    The summary is of them alone. Certificate, rules, trade-offs, parameters, incumbent and barriers
    are about the whole plan and left out. No row of another territory remains, nor any account
    without one.
    """
    wanted = frozenset(territories)
    rows = bundle.assignments["territory_id"].isin(wanted).to_numpy()
    units = bundle.units[bundle.units["territory_id"].isin(wanted)]
    names = bundle.names
    own = frozenset(units["unit_id" if "unit_id" in units else "cell"])
    bridges = _both(bundle.bridges, own)
    features = [f for f in bundle.outlines["features"] if str(f["id"]) in wanted]
    assignments = bundle.assignments[rows].reset_index(drop=True)
    edges = None if bundle.edges is None else _both(bundle.edges, own)
    places = None if bundle.places is None else _of(bundle.places, "unit_id", own)
    units = units.reset_index(drop=True)
    inside = replace(bundle, units=units, bridges=bridges, edges=edges, places=places)
    return replace(
        bundle,
        document=_document(inside, wanted, len(assignments), len(bridges)),
        assignments=assignments,
        units=units,
        bridges=bridges,
        review=_review(bundle, rows),
        outlines={"type": "FeatureCollection", "features": features},
        names=None if names is None else tuple(names[i] for i in np.flatnonzero(rows)),
        edges=edges,
        places=places,
        incumbent=None,
        barriers=None,
        postcodes=None
        if bundle.postcodes is None
        else bundle.postcodes[rows].reset_index(drop=True),
        model=None,
        lists={},
        members=None,
        parts={},
    )


def _document(
    bundle: PlanBundle, wanted: frozenset[str], accounts: int, bridges: int
) -> dict[str, Any]:
    whole = bundle.document
    territories = [t for t in whole["territories"] if str(t["id"]) in wanted]
    off = [abs(t["deviation"]) for t in territories]
    provenance = whole.get("provenance", {})
    return {
        "format": whole["format"],
        "units": whole["units"],
        "resolution": whole["resolution"],
        "measures": whole["measures"],
        "tolerance": whole["tolerance"],
        "territories": territories,
        "reps": [rep for rep in whole["reps"] if rep["territory"] in wanted],
        "summary": {
            "territories": len(territories),
            "accounts": accounts,
            "assigned": accounts,
            "review": 0,
            "max_deviation": max(off, default=0.0),
            "mean_deviation": sum(off) / len(off) if off else 0.0,
            "noncontiguous": sum(not t["contiguous"] for t in territories),
            "bridges": bridges,
            **_shape(bundle, territories),
        },
        "violations": _violations(whole["violations"], territories),
        "certificate": {},
        "provenance": {k: provenance[k] for k in _OWN_PROVENANCE if k in provenance}
        | {"parameters": {}},
    }


def _shape(bundle: PlanBundle, territories: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`rms_km` and `cut_edges` of what is inside: a border with others' territories is not cut."""
    units = bundle.units
    if not len(units):
        return {"rms_km": 0.0, "cut_edges": 0}
    at = {str(t["id"]): k for k, t in enumerate(territories)}
    labels = np.array([at[name] for name in units["territory_id"]], dtype=np.int32)
    centers = np.array([[t["center"]["lat"], t["center"]["lng"]] for t in territories])
    weight = units[str(bundle.document["measures"][0])].to_numpy(np.float64)
    lat, lng, graph = ground(bundle, tuple(units[units.columns[0]].tolist()))
    km = rms_km(lat, lng, weight, labels, centers) if weight.sum() > 0 else 0.0
    return {"rms_km": float(np.round(km, 9)), "cut_edges": cut_edges(graph, labels)}


def _violations(
    whole: Sequence[Mapping[str, Any]], territories: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    by_id = {str(t["id"]): t for t in territories}
    own = [v for v in whole if v["territory"] in by_id and v["kind"] in _OWN_VIOLATIONS]
    # Why it cannot be helped names the heaviest account of the whole plan, so it is said without.
    said = [
        balance_violation(by_id[v["territory"]], v["measure"], v["limit"], ())
        if v["kind"] == "balance"
        else v
        for v in own
    ]
    return [v for v in said if v is not None]


def _review(bundle: PlanBundle, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> pd.DataFrame:
    """Doubts about accounts that are wholly within, not of an id that also occurs elsewhere."""
    ids = bundle.assignments["account_id"]
    own = set(ids[rows]) - set(ids[~rows])
    return _of(bundle.review[bundle.review["row"] > 0], "account_id", own)


def _of(frame: pd.DataFrame, column: str, own: Collection[str]) -> pd.DataFrame:
    return frame[frame[column].isin(list(own))].reset_index(drop=True)


def _both(frame: pd.DataFrame, own: frozenset[str]) -> pd.DataFrame:
    first, second = frame.columns[:2]
    inside = frame[first].isin(own) & frame[second].isin(own)
    return frame[inside].reset_index(drop=True)
