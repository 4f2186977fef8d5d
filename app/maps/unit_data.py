"""The plan's units for the page: cells packed by territory, or points; and the bridges."""

from collections.abc import Mapping, Sequence
from typing import Any

import h3
import numpy as np
import pandas as pd

from app.maps.cell_codes import cell_ids, cell_resolutions, pack_cells
from geo.arrays import Float, Int
from sales.plan import PlanBundle

Positions = Mapping[str, tuple[float, float]]  # unit id → lat, lng


def territory_index(territory_id: pd.Series, index: Mapping[str, int]) -> Int:
    """Index of each row's territory, -1 for none, shape (n)."""
    return np.asarray(territory_id.map(index).fillna(-1), dtype=np.int64)


def cell_groups(
    bundle: PlanBundle, index: Mapping[str, int], measures: Sequence[str]
) -> list[dict[str, Any]]:
    """Cells by territory and resolution, ascending by id: packed ids, accounts, and measures."""
    units = bundle.units
    ids = cell_ids(units["cell"].tolist())
    resolution = cell_resolutions(ids)
    owner = territory_index(units["territory_id"], index)
    counts = bundle.assignments["cell"].value_counts()
    accounts = units["cell"].map(counts).fillna(0).to_numpy(dtype=np.int64)
    values = {name: units[name].to_numpy(dtype=np.float64) for name in measures if name in units}
    order = np.lexsort((ids, resolution, owner))
    starts = np.flatnonzero(
        np.diff(owner[order], prepend=-2) | np.diff(resolution[order], prepend=-1)
    )
    return [
        {
            "t": int(owner[group[0]]),
            "r": int(resolution[group[0]]),
            "ids": pack_cells(ids[group], int(resolution[group[0]])),
            "accounts": _short(accounts[group].astype(np.float64)),
            "values": {name: _short(value[group]) for name, value in values.items()},
        }
        for group in np.split(order, starts[1:])
        if len(group)
    ]


def point_columns(
    bundle: PlanBundle, positions: Positions, index: Mapping[str, int], measures: Sequence[str]
) -> dict[str, Any]:
    """Units that are not cells, as points, by column; without position they are left out."""
    units = bundle.units
    placed = units[units["unit_id"].isin(list(positions))]
    places = [positions[unit] for unit in placed["unit_id"]]
    return {
        "id": placed["unit_id"].tolist(),
        "t": territory_index(placed["territory_id"], index).tolist(),
        "lat": [round(lat, 5) for lat, _ in places],
        "lng": [round(lng, 5) for _, lng in places],
        "values": {
            name: _short(placed[name].to_numpy(dtype=np.float64))
            for name in measures
            if name in placed
        },
    }


def unit_positions(bundle: PlanBundle) -> Positions:
    """Where the units are that are not cells; empty for cells, whose ids say it."""
    if bundle.places is None:
        return {}
    rows = bundle.places[["unit_id", "lat", "lng"]].itertuples(index=False)
    return {str(unit): (float(lat), float(lng)) for unit, lat, lng in rows}


def owned_points(bundle: PlanBundle) -> pd.DataFrame:
    """Something of each territory as points: `territory_id`, `lat`, `lng`."""
    if bundle.places is not None:
        return bundle.places.merge(bundle.units[["unit_id", "territory_id"]], on="unit_id")
    rows = bundle.assignments.dropna(subset=["lat", "lng"])
    return rows[rows["territory_id"] != ""]


def cell_position(cell: str, positions: Positions) -> tuple[float, float] | None:
    """Latitude and longitude of a cell or unit; None where nobody knows."""
    if cell in positions:
        return positions[cell]
    return h3.cell_to_latlng(cell) if h3.is_valid_cell(cell) else None


def bridge_rows(bundle: PlanBundle, positions: Positions) -> list[list[float]]:
    """Each bridge as [lat, lng, lat, lng, km]."""
    rows = []
    for a, b, km in bundle.bridges[["cell_a", "cell_b", "km"]].itertuples(index=False):
        start, end = cell_position(a, positions), cell_position(b, positions)
        if start and end:
            rows.append([*(round(x, 5) for x in (*start, *end)), round(float(km), 1)])
    return rows


def bridged_territories(bundle: PlanBundle, index: Mapping[str, int]) -> list[tuple[int, int]]:
    """Pairs of territories that a bridge joins: they should not share a colour either."""
    column = "cell" if "cell" in bundle.units else "unit_id"
    owner = dict(
        zip(bundle.units[column], bundle.units["territory_id"].map(index).fillna(-1), strict=True)
    )
    ends = zip(bundle.bridges["cell_a"], bundle.bridges["cell_b"], strict=True)
    pairs = {(int(owner.get(a, -1)), int(owner.get(b, -1))) for a, b in ends}
    return sorted((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1] and min(pair) >= 0)


def _short(values: Float) -> list[float]:
    """Four significant digits, whole numbers without a point; empty where all are zero."""
    if not values.any():
        return []
    return [int(x) if x == int(x) else x for x in (float(f"{v:.4g}") for v in values.tolist())]
