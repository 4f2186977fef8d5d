"""How close together a territory lies, and how long its border is."""

import numpy as np

from geo.arrays import Float, Int32
from geo.cells.graph import CellGraph
from geo.sphere import chord_to_arc_km, to_lat_lng, to_xyz


def weighted_centers(lat: Float, lng: Float, weight: Float, labels: Int32, p: int) -> Float:
    """Weighted centroid of each territory on the sphere, (p, 2) latitude and longitude.

    A territory without weight has its plain centroid; an empty one NaN.
    """
    xyz = to_xyz(lat, lng)
    total = np.bincount(labels, weight, p)
    mass = np.where(total[labels] > 0, weight, 1.0)
    sums = np.stack([np.bincount(labels, mass * xyz[:, a], p) for a in range(3)], axis=1)
    center_lat, center_lng = to_lat_lng(sums.astype(np.float64))
    empty = np.bincount(labels, minlength=p) == 0
    return np.where(empty[:, None], np.nan, np.stack([center_lat, center_lng], axis=1))


def rms_km(lat: Float, lng: Float, weight: Float, labels: Int32, centers: Float) -> float:
    """sqrt(Σ w·d² / Σ w), d the great-circle distance in km to the own of `centers` (p, 2)."""
    own = centers[labels]
    chord = np.linalg.norm(to_xyz(lat, lng) - to_xyz(own[:, 0], own[:, 1]), axis=1)
    return float(np.sqrt(weight @ chord_to_arc_km(chord) ** 2 / weight.sum()))


def cut_edges(graph: CellGraph, labels: Int32) -> int:
    """Pairs of neighbouring units in different territories."""
    return int((labels[graph.rows] != labels[graph.indices]).sum() // 2)


def polsby_popper(graph: CellGraph, labels: Int32, territories: int) -> Float:
    """4πA/P² of each territory of equal hexagons, from unit counts and border edges, shape (p).

    A border that is no unit's (the coast) counts. A large disc of hexagons tops out at 0.680, a
    single hexagon has 0.907. Polsby & Popper 1991.
    """
    rows = graph.rows
    inner = np.bincount(labels[rows][labels[rows] == labels[graph.indices]], minlength=territories)
    units = np.bincount(labels, minlength=territories)
    border = np.maximum(6 * units - inner, 1)
    area = 1.5 * np.sqrt(3) * units  # of hexagons with edges of length 1
    return np.asarray(4 * np.pi * area / border**2)
