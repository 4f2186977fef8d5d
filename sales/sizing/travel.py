"""Travel by continuous approximation: from where accounts lie, without planning a single tour.

A tour of m stops in a district at distance r from home, among δ accounts per km², drives about

    2 r + m · k / √δ,   k = 0.7124

so a visit costs 2 r / m + k / √δ (Daganzo 1984, Transportation Science 18:331–350; the constant of
the shortest tour √(nA) · k by Beardwood, Halton & Hammersley 1959, in the value of Johnson, McGeoch
& Rothberg 1996). Neighbouring accounts are taken to be visited on the same tour.

δ is local, so that empty country within a territory costs nothing but the way there: at an account
with its j-th nearest account at distance d, δ = (j − 1) / (π d²), which is unbiased where accounts
lie at random (Thompson 1956).
"""

from typing import Final

import numpy as np

from geo.arrays import Float, Int
from geo.sphere import chord_to_arc_km, distance_km, to_lat_lng, to_xyz
from sales.sizing.model import Travel

TOUR_CONSTANT: Final = 0.7124
NEIGHBOURS: Final = 8
_LEAST_DENSITY: Final = 1e-6  # accounts per km²: one per million


def local_density(lat: Float, lng: Float) -> Float:
    """Accounts per km² around each account (n) of one territory; ∞ where many share a point
    or there is but one."""
    from scipy.spatial import cKDTree

    n = len(lat)
    if n < 3:
        return np.full(n, np.inf if n < 2 else _pair_density(lat, lng))
    j = min(NEIGHBOURS, n - 1)
    xyz = to_xyz(lat, lng)
    distance = np.asarray(cKDTree(xyz).query(xyz, k=[j + 1])[0], dtype=np.float64)
    km = chord_to_arc_km(distance[:, 0])
    with np.errstate(divide="ignore"):
        return np.maximum((j - 1) / (np.pi * km**2), _LEAST_DENSITY)


def _pair_density(lat: Float, lng: Float) -> float:
    km = float(distance_km(lat[:1], lng[:1], lat[1:], lng[1:])[0])
    return max(1.0 / (np.pi * km**2), _LEAST_DENSITY) if km > 0.0 else float("inf")


def km_per_visit(distance: Float, density: Float, travel: Travel) -> Float:
    """Kilometres for one visit: the way to the district shared by the tour, and between stops."""
    between = np.maximum(TOUR_CONSTANT / np.sqrt(density), travel.least_km)
    return np.asarray(
        travel.road_factor * (2.0 * distance / travel.stops + between), dtype=np.float64
    )


def center_of(lat: Float, lng: Float, weight: Float) -> tuple[float, float]:
    """The weighted middle of points on the globe."""
    weight = weight if weight.sum() > 0.0 else np.ones(len(lat))
    middle = (to_xyz(lat, lng) * weight[:, None]).sum(axis=0, keepdims=True)
    at_lat, at_lng = to_lat_lng(middle)
    return float(at_lat[0]), float(at_lng[0])


def visit_km(lat: Float, lng: Float, territory: Int, base: Float, travel: Travel) -> Float:
    """Kilometres per visit of each account (n).

    `territory` (n) indices into `base` (p, 2), latitude and longitude from which each is worked.
    """
    km = np.zeros(len(lat))
    for each in np.unique(territory):
        mine = np.flatnonzero(territory == each)
        away = distance_km(lat[mine], lng[mine], base[each, 0], base[each, 1])
        km[mine] = km_per_visit(away, local_density(lat[mine], lng[mine]), travel)
    return km
