"""Which rep gets which territory: near home, and of the size that the rep can carry."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.arrays import Float, Int
from geo.sphere import distance_km
from sales.roster import Rep


def homes_of(reps: Sequence[Rep]) -> Float:
    """Latitude and longitude of each rep's home, (p, 2), NaN where unknown."""
    return np.array(
        [(np.nan if r.lat is None else r.lat, np.nan if r.lng is None else r.lng) for r in reps],
        dtype=np.float64,
    ).reshape(len(reps), 2)


def match_reps(reps: Sequence[Rep], centers: Float) -> Int:
    """The territory of each rep, (p): least total distance from home to `centers` (p, 2).

    Territory k was made for rep k's capacity, so reps trade places only with equals; a rep whose
    home is unknown takes what is left.
    """
    homes = homes_of(reps)
    capacity = np.array([rep.capacity for rep in reps])
    territory = np.arange(len(reps))
    for size in np.unique(capacity):
        group = np.flatnonzero(capacity == size)
        home = homes[group][:, None, :]
        place = centers[group][None, :, :]
        km = distance_km(home[..., 0], home[..., 1], place[..., 0], place[..., 1])
        rows, columns = linear_sum_assignment(np.nan_to_num(km, nan=0.0))
        territory[group[rows]] = group[columns]
    return territory
