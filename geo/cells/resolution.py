"""How fine the cells should be.

The rule: at least 150 cells for each territory, so that borders can move; then finer while a cell
holds more than 5 % of a territory's target and finer cells would part what it holds, up to 60,000
cells. Accounts piled on one position (geocoded to a city's centre) stay together in cells of any
size, so a cell that holds little beside its heaviest position is no reason to refine. Where 150
cells for each territory need more than 60,000, they are made, up to 200,000.
"""

from collections.abc import Mapping
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Float, Int
from geo.cells.ground import derived_ground, given_ground
from geo.cells.hierarchy import parents
from geo.cells.index import FINEST_RESOLUTION, cells_at

CELLS_PER_TERRITORY = 150
USUAL_CELLS = 60_000
MOST_CELLS = 200_000
HEAVIEST_CELL = 0.05  # of a territory's target
_WORTH_PARTING = 0.01  # of a target: what a cell holds beside its heaviest position
_AS_GOOD = 1.05


def choose_resolution(
    lat: Float,
    lng: Float,
    weight: Float,
    territories: int,
    *,
    boundary: Mapping[str, Any] | None = None,
) -> int:
    """The H3 resolution for a market of accounts at these positions, by the rule above.

    `lat`, `lng` degrees, `weight` ≥ 0, each of shape (n); `boundary` GeoJSON polygons, or None for
    the ground that the accounts cover. Raises GeometryError for an unusable boundary.
    """
    ground = derived_ground(lat, lng) if boundary is None else given_ground(boundary)
    return resolution_for(lat, lng, weight, territories, ground.area_km2)


def resolution_for(lat: Float, lng: Float, weight: Float, territories: int, area_km2: float) -> int:
    """The same for ground of a known area."""
    counts = [area_km2 / h3.average_hexagon_area(r) for r in range(FINEST_RESOLUTION + 1)]
    affordable = _finest_within(counts, MOST_CELLS)
    wanted = CELLS_PER_TERRITORY * territories
    coarsest = next((r for r in range(affordable) if counts[r] >= wanted), affordable)
    candidates = range(coarsest, max(coarsest, _finest_within(counts, USUAL_CELLS)) + 1)
    if len(candidates) == 1 or not weight.sum() > 0:
        return coarsest
    loads = _heaviest(lat, lng, weight * (territories / weight.sum()), candidates)
    good = max(HEAVIEST_CELL, _AS_GOOD * loads.min())
    return candidates[int(np.flatnonzero(loads <= good)[0])]


def _finest_within(counts: list[float], most: float) -> int:
    return max((r for r, count in enumerate(counts) if count <= most), default=0)


def _heaviest(lat: Float, lng: Float, share: Float, resolutions: range) -> Float:
    """At each resolution the heaviest cell among those that finer cells would part.

    `share` is each account's weight as a fraction of a territory's target.
    """
    rounded = np.round(np.column_stack([lat, lng]), 6)
    which = np.unique(rounded, axis=0, return_inverse=True)[1].ravel()
    weight = np.bincount(which, weights=share).astype(np.float64)
    one = np.unique(which, return_index=True)[1]
    finest = cells_at(lat[one], lng[one], resolutions[-1])
    return np.array([_partable_load(parents(finest, r), weight) for r in resolutions])


def _partable_load(cell_of: Int, weight: Float) -> float:
    cell = np.unique(cell_of, return_inverse=True)[1].ravel()
    total = np.bincount(cell, weights=weight)
    heaviest = np.zeros(len(total))
    np.maximum.at(heaviest, cell, weight)
    partable = total[total - heaviest > _WORTH_PARTING]
    return float(partable.max(initial=0.0))
