"""The files of an edited plan: every number derived anew, every proof that still holds kept."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int
from geo.cells.index import hex_to_cell
from geo.cells.outlines import outlines
from geo.design.certificate import certify
from geo.design.problem import DesignProblem
from geo.formats.geojson import feature, feature_collection
from geo.polygons import dissolve
from sales.edits import measures
from sales.edits.board import Board, State
from sales.fingerprint import fingerprint
from sales.plan import PlanBundle

OVERRIDE = "override"  # the rule of an account that does not go with its unit
EDITED = "edited"  # how the search of an edited plan ended: by hand


def edited_bundle(
    board: Board, state: State, geometry: Sequence[BaseGeometry] | None = None
) -> PlanBundle:
    """The plan in that state, as its files have it; `geometry` (n) of polygon units."""
    edited = _measured(board, state)
    shapes = _shapes(board, state, geometry)
    drawn = [
        feature(territory["id"], shape, territory)
        for territory, shape in zip(edited.document["territories"], shapes, strict=True)
    ]
    return replace(edited, outlines=feature_collection(drawn))


def edited_document(board: Board, state: State) -> Mapping[str, Any]:
    """The plan.json of that state, without the outlines being drawn."""
    return _measured(board, state).document


def _measured(board: Board, state: State) -> PlanBundle:
    """The plan in that state, but with the outlines as they were."""
    base, labels = board.bundle, state.labels
    owner = [board.territories[k] for k in labels.tolist()]
    units = base.units.assign(territory_id=owner)
    assignments = _assignments(board, state)
    problem = _problem(board)
    certificate = certify(problem, labels)
    document = deepcopy(dict(base.document))
    document["territories"] = measures.territories(board, state)
    counts = _accounts(board, state, assignments).tolist()
    for territory, count, (lat, lng) in zip(
        document["territories"], counts, certificate.centers.tolist(), strict=True
    ):
        territory |= {"accounts": int(count), "center": {"lat": lat, "lng": lng}}
    document["overrides"] = _overrides(board, state)
    document["summary"] = measures.summary(
        board, state, document["territories"], certificate.centers
    )
    document["certificate"]["compactness"] = {
        "measure": board.measures[0],
        "band": certificate.band,
        "prices_km2": certificate.prices.tolist(),
        "inertia": certificate.inertia,
        "bound": certificate.inertia_bound,
        "gap": measures.tidy(certificate.gap) if np.isfinite(certificate.gap) else None,
    }
    document["certificate"].pop("exact", None)  # that was of the plan before
    document.pop("tradeoffs", None)
    document["violations"] = measures.breaches(
        board, state, document["territories"], document["summary"]
    )
    document["provenance"] |= {
        "stop_reason": EDITED,
        "edited_from": base.document["provenance"]["fingerprint"],
    }
    document["provenance"]["fingerprint"] = fingerprint(
        document, assignments, units, base.bridges, base.incumbent, base.barriers
    )
    return replace(base, document=document, units=units, assignments=assignments)


def _problem(board: Board) -> DesignProblem:
    tolerance = board.bundle.document["tolerance"]
    targets = np.where(
        np.isnan(board.targets),
        board.activity.sum(axis=0) / len(board.territories),
        board.targets,
    )
    return DesignProblem(
        board.lat.copy(), board.lng.copy(), board.activity.copy(), board.measures, board.graph,
        targets, np.array([tolerance.get(m, np.nan) for m in board.measures]),
    )  # fmt: skip


def _assignments(board: Board, state: State) -> pd.DataFrame:
    table = board.bundle.assignments.copy()
    unit = board.unit_of_row
    reps = {t["id"]: t["rep"] for t in board.bundle.document["territories"]}
    names = np.array([*board.territories, ""], dtype=object)
    owner = np.where(unit >= 0, state.labels[np.maximum(unit, 0)], -1)
    rule = table["rule"].where(table["rule"] != OVERRIDE, "cell").to_numpy(dtype=object, copy=True)
    for account, territory in state.overrides.items():
        owner[board.row_at[account]] = territory
        rule[board.row_at[account]] = OVERRIDE
    table["territory_id"] = names[owner]
    table["rep"] = [reps.get(name, "") for name in table["territory_id"]]
    table["rule"] = rule
    return table


def _accounts(board: Board, state: State, assignments: pd.DataFrame) -> Int:
    """Accounts of each territory; without a table of them, counted as the base plan does."""
    p = len(board.territories)
    if len(assignments):
        at = pd.Index(board.territories).get_indexer(pd.Index(assignments["territory_id"]))
        return np.bincount(at[at >= 0], minlength=p)
    base, before = board.bundle, pd.Index(board.territories)
    was = before.get_indexer(pd.Index(base.units["territory_id"]))
    said = [t["accounts"] for t in base.document["territories"]]
    ways: list[Float] = [
        np.rint(board.activity[:, j])
        for j, m in enumerate(board.measures)
        if "account" in m.casefold()
    ]
    ways += [(board.activity.sum(axis=1) > 0).astype(np.float64), np.ones(len(board.ids))]
    for way in ways:
        if np.bincount(was, way, p).astype(int).tolist() == said:
            return np.bincount(state.labels, way, p).astype(np.int64)
    return np.zeros(p, dtype=np.int64)


def _overrides(board: Board, state: State) -> list[dict[str, Any]]:
    found = []
    for account, territory in sorted(state.overrides.items()):
        row = board.row_at[account]
        found.append(
            {
                "account_id": account,
                "unit": board.ids[board.unit_of_row[row]],
                "territory": board.territories[territory],
                "measures": {m: float(board.worth[row, j]) for j, m in enumerate(board.measures)},
            }
        )
    return found


def _shapes(
    board: Board, state: State, geometry: Sequence[BaseGeometry] | None
) -> list[BaseGeometry]:
    labels, p = state.labels, len(board.territories)
    if board.bundle.document["units"] == "cells":
        cells = hex_to_cell(list(board.ids))
        order = np.argsort(cells)
        return list(outlines(cells[order], labels[order], p))
    if geometry is not None:
        return dissolve(geometry, labels, p)
    places = np.stack([board.lng, board.lat], axis=1)
    return [MultiPoint(places[labels == k]) for k in range(p)]
