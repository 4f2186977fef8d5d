"""The whole of a segmented plan: the tables and plan.json over all geographies and lists."""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import Float, Int
from geo.formats.geojson import feature_collection
from sales.accounts.types import AccountTable, RowIssue
from sales.locate import LocatedAccounts
from sales.plan import BRIDGE_COLUMNS, PlanBundle
from sales.plan_schema import FORMAT
from sales.postcodes import postcode_table
from sales.request import DesignRequest
from sales.segment_print import segment_fingerprint
from sales.segments.dealt import Dealt
from sales.segments.members import Members
from sales.segments.model import Model
from sales.segments.tables import (
    Part,
    assignment_table,
    empty_table,
    list_table,
    member_table,
    review_table,
    shared_measures,
    unit_table,
)
from sales.segments.words import rule_in_words


def whole_bundle(
    source: AccountTable,
    model: Model,
    members: Members,
    lists: Sequence[Dealt],
    parts: Sequence[Part],
    located: LocatedAccounts,
    request: DesignRequest,
    roster_issues: Sequence[RowIssue],
) -> PlanBundle:
    """Put parts and lists together; nothing is decided here."""
    worth = shared_measures(source, parts)
    assignments = assignment_table(model, members, lists, parts, located)
    territories = [
        *(t | {"segment": p.segment.id, "segments": list(p.serves), "geography": p.segment.id}
          for p in parts for t in p.bundle.document["territories"]),
        *(t for dealt in lists for t in _list_territories(dealt, worth, located)),
    ]  # fmt: skip
    reps = [rep for part in parts for rep in part.bundle.document["reps"]]
    reps += [
        {"rep_id": rep.rep_id, "name": rep.name, "capacity": rep.capacity, "lat": rep.lat,
         "lng": rep.lng, "territory": id_}
        for dealt in lists for rep, id_ in zip(dealt.reps, dealt.ids, strict=False)
    ]  # fmt: skip
    document: dict[str, Any] = {
        "format": FORMAT,
        "units": "cells",
        "resolution": None,
        "measures": list(worth),
        "tolerance": _tolerance(parts, list(worth)),
        "segments": [
            _segment(model, at, members, assignments, parts, worth)
            for at in range(len(model.segments))
        ],
        "territories": territories,
        "reps": reps,
        "summary": _summary(territories, assignments, parts),
        "violations": [v for part in parts for v in part.bundle.document["violations"]],
        "certificate": {
            "geographies": {p.segment.id: p.bundle.document["certificate"] for p in parts}
        },
        "provenance": {
            "version": version("bailiwick"),
            "seed": request.seed,
            "parameters": dict(request.options),
            "input_sha256": source.sha256,
            "model": model.source,
            "model_sha256": hashlib.sha256(model.text.encode()).hexdigest(),
            "fingerprint": "",
            "stop_reason": _stop_reason(parts),
        },
    }
    bundle = PlanBundle(
        document,
        assignments,
        unit_table(parts, list(worth)),
        pd.concat(
            [empty_table(BRIDGE_COLUMNS), *(p.bundle.bridges for p in parts)], ignore_index=True
        ),
        review_table(source, members, located, parts, assignments, roster_issues),
        feature_collection(
            [
                {**f, "properties": own}
                for own, f in zip(territories, _features(parts, territories), strict=True)
            ]
        ),
        tuple(source.frame["name"].astype(str)),
        postcodes=postcode_table(located, next(iter(worth))),
        model=model.text,
        lists={s.id: list_table(s) for s in model.segments if s.listed},
        members=member_table(source, model, members, worth),
        parts={part.segment.id: part.bundle for part in parts},
    )
    document["provenance"]["fingerprint"] = segment_fingerprint(bundle)
    return bundle


def _list_territories(
    dealt: Dealt, worth: Mapping[str, Float], located: LocatedAccounts
) -> list[dict[str, Any]]:
    """Territories without cells; the target is the share of the segment by capacity."""
    first = next(iter(worth))
    total = worth[first][dealt.rows].sum()
    share = dealt.capacity / dealt.capacity.sum()
    made = []
    for k, id_ in enumerate(dealt.ids):
        rows = dealt.rows[dealt.territory == k]
        sums = {name: round(float(value[rows].sum()), 6) for name, value in worth.items()}
        target = round(float(total * share[k]), 9)
        made.append(
            {
                "id": id_,
                "name": dealt.names[k],
                "rep": dealt.reps[k].rep_id if dealt.reps else "",
                "rep_name": dealt.reps[k].name if dealt.reps else "",
                "target": target,
                **sums,
                "deviation": round((sums[first] - target) / target, 9) if target else 0.0,
                "deviations": {},
                "accounts": len(rows),
                "cells": 0,
                "contiguous": True,
                "center": _center(located, rows),
                "segment": dealt.segment.id,
                "segments": [dealt.segment.id],
                "geography": "",
            }
        )
    return made


def _center(located: LocatedAccounts, rows: Int) -> dict[str, float] | None:
    """The middle of the accounts as a crow flies; None where none has a place."""
    there = rows[located.placed[rows]]
    if not len(there):
        return None
    lat, lng = np.radians(located.lat[there]), np.radians(located.lng[there])
    x, y, z = (
        (np.cos(lat) * np.cos(lng)).mean(),
        (np.cos(lat) * np.sin(lng)).mean(),
        np.sin(lat).mean(),
    )
    return {
        "lat": round(float(np.degrees(np.arctan2(z, np.hypot(x, y)))), 6),
        "lng": round(float(np.degrees(np.arctan2(y, x))), 6),
    }


def _tolerance(parts: Sequence[Part], measures: Sequence[str]) -> dict[str, float]:
    """The widest of any geography; `segments` has each one's own."""
    widest: dict[str, float] = {}
    for part in parts:
        for name, limit in part.bundle.document["tolerance"].items():
            if name in measures:
                widest[name] = max(limit, widest.get(name, 0.0))
    return widest


def _segment(
    model: Model, at: int, members: Members, assignments: pd.DataFrame, parts: Sequence[Part],
    worth: Mapping[str, Float],
) -> dict[str, Any]:  # fmt: skip
    segment = model.segments[at]
    part = next((p for p in parts if p.segment.id == segment.geography), None)
    rows = members.rows(at)
    has = (assignments["territory_id"].iloc[rows] != "").to_numpy()
    territory = set(assignments["territory_id"].iloc[rows]) - {""}
    return {
        "id": segment.id,
        "name": segment.name,
        "rule": rule_in_words(segment),
        "cover": segment.cover,
        "geography": segment.geography,
        "claimed": members.claimed[segment.id],
        "accounts": len(rows),
        "assigned": int(has.sum()),
        "review": int((~has).sum()),
        "territories": len(part.bundle.document["territories"]) if part else len(territory),
        **{name: round(float(value[rows].sum()), 6) for name, value in worth.items()},
        "tolerance": dict(part.bundle.document["tolerance"]) if part else {},
        "max_deviation": part.bundle.document["summary"]["max_deviation"] if part else None,
        "fingerprint": part.bundle.document["provenance"]["fingerprint"] if part else "",
    }


def _summary(
    territories: Sequence[Mapping[str, Any]], assignments: pd.DataFrame, parts: Sequence[Part]
) -> dict[str, Any]:
    own = [part.bundle.document["summary"] for part in parts]
    off = [abs(t["deviation"]) for t in territories if t["geography"]]
    weight = [_load(part) for part in parts]
    spread = sum(w * s["rms_km"] ** 2 for w, s in zip(weight, own, strict=True))
    assigned = int((assignments["territory_id"] != "").sum())
    return {
        "territories": len(territories),
        "accounts": len(assignments),
        "assigned": assigned,
        "review": len(assignments) - assigned,
        "max_deviation": max(off, default=0.0),
        "mean_deviation": round(sum(off) / len(off), 9) if off else 0.0,
        "noncontiguous": sum(s["noncontiguous"] for s in own),
        "bridges": sum(s["bridges"] for s in own),
        "rms_km": round((spread / sum(weight)) ** 0.5, 9) if sum(weight) else 0.0,
        "cut_edges": sum(s["cut_edges"] for s in own),
    }


def _load(part: Part) -> float:
    first = part.bundle.document["measures"][0]
    return float(sum(t[first] for t in part.bundle.document["territories"]))


def _features(
    parts: Sequence[Part], territories: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    by_id = {str(f["id"]): f for part in parts for f in part.bundle.outlines["features"]}
    nowhere = {"type": "Feature", "geometry": None}
    return [dict(by_id.get(t["id"], nowhere | {"id": t["id"]})) for t in territories]


def _stop_reason(parts: Sequence[Part]) -> str:
    reasons = [part.bundle.document["provenance"]["stop_reason"] for part in parts]
    return ", ".join(dict.fromkeys(reasons)) or "dealt"
