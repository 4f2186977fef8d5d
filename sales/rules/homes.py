"""`--homes hard`: the unit in which a rep lives belongs to the rep's territory."""

from collections.abc import Sequence

import h3
import numpy as np
import shapely

from geo.sphere import distance_km
from sales.accounts.codes import WHOLE_FILE
from sales.accounts.types import RowIssue
from sales.ground import Ground
from sales.roster import Rep
from sales.rules.locks import Lock

HOME = "home"


def home_locks(ground: Ground, reps: Sequence[Rep]) -> tuple[tuple[Lock, ...], list[RowIssue]]:
    """A lock for each home that lies in the market, and a remark on each that does not."""
    locks: list[Lock] = []
    issues: list[RowIssue] = []
    for k, rep in enumerate(reps):
        if rep.lat is None or rep.lng is None:
            continue
        unit = _unit_at(ground, rep.lat, rep.lng)
        if unit is not None:
            locks.append(Lock(unit, k, "", HOME))
            continue
        message = f"The home of {rep.rep_id} lies outside the market, so it is not locked"
        hint = "Correct the home, or widen the market with --market."
        issues.append(RowIssue(WHOLE_FILE, rep.rep_id, "home", "home_outside", message, hint))
    return tuple(locks), issues


def _unit_at(ground: Ground, lat: float, lng: float) -> int | None:
    if ground.cells is not None:
        place = {name: at for at, name in enumerate(ground.ids)}
        for level in sorted({h3.get_resolution(name) for name in ground.ids}, reverse=True):
            found = place.get(h3.latlng_to_cell(lat, lng, level))
            if found is not None:
                return found
        return None
    if ground.geometry is not None:
        inside = np.flatnonzero(shapely.intersects_xy(np.array(ground.geometry), lng, lat))
        return int(inside[0]) if len(inside) else None
    return int(np.argmin(distance_km(ground.lat, ground.lng, np.array(lat), np.array(lng))))
