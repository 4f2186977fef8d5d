"""First centres: recursive bisection of a coarsened market, balanced from the outset.

Kalcsics, Nickel, Schröder 2005 (recursive partitioning). Centres by k-means++ were tried: dense
cores then begin with far too few of them, and the prices must carry centres across the country.
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int

_SAMPLED = 10  # units to a point


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Weighted points: `xyz` (m, 3) km, `weight` (m) ≥ 0, and each unit's point, `member` (n)."""

    xyz: Float
    weight: Float
    member: Int


def coarsen(xyz: Float, weight: Float, points: int, heaviest: float) -> PointCloud:
    """Merge units that share a cube into weighted centroids, about `points` of them.

    Cubes that hold more than `heaviest` are halved until they do not, or are single units.
    """
    n = len(xyz)
    if n <= points:
        return PointCloud(xyz, weight, np.arange(n))
    # A regular sample tells well enough how many cubes of an edge hold anything.
    sample = xyz[:: max(n // (_SAMPLED * points), 1)]
    low, high = 1e-3, float(np.ptp(xyz, axis=0).max()) + 1.0
    for _ in range(12):
        edge = float(np.sqrt(low * high))
        if len(np.unique(_cube(sample, edge))) > points:
            low = edge
        else:
            high = edge
    _, member = np.unique(_cube(xyz, high), return_inverse=True)
    for _ in range(12):
        high /= 2
        heavy = (np.bincount(member, weight) > heaviest)[member]
        heavy &= (np.bincount(member) > 1)[member]
        if not heavy.any():
            break
        _, finer = np.unique(np.where(heavy, _cube(xyz, high), -1), return_inverse=True)
        _, member = np.unique(member * n + finer, return_inverse=True)
    m = int(member.max()) + 1
    total = np.bincount(member, weight, m).astype(np.float64)
    # A cube without weight still has a place: its plain centroid.
    mass = weight + 1e-12 * weight.sum() / n
    centroid = np.stack([np.bincount(member, mass * xyz[:, d], m) for d in range(3)], axis=1)
    return PointCloud(centroid / np.bincount(member, mass, m)[:, None], total, member)


def _cube(xyz: Float, edge: float) -> Int:
    index = np.floor((xyz - xyz.min(axis=0)) / edge).astype(np.int64)
    return np.asarray((index[:, 0] << 42) + (index[:, 1] << 21) + index[:, 2])


def first_centers(
    cloud: PointCloud, targets: Float, homes: Float, rng: np.random.Generator
) -> Float:
    """One centre per target, by recursive bisection of the weighted points, shape (p, 3).

    Each cut is across the (slightly turned, at random) principal axis, at the share of the targets
    on its side; `homes` (p, 3) km, rows of NaN where unknown, decide which targets go to which
    side, so that a rep's territory grows where the rep lives.
    """
    p = len(targets)
    known = np.isfinite(homes.sum(axis=1))
    stand_in = cloud.xyz[rng.choice(len(cloud.xyz), size=p, p=cloud.weight / cloud.weight.sum())]
    places = np.where(known[:, None], homes, stand_in)
    centers = np.empty((p, 3))
    stack = [(np.arange(len(cloud.xyz)), np.arange(p))]
    while stack:
        points, wanted = stack.pop()
        weight = cloud.weight[points] + 1e-12
        middle = weight @ cloud.xyz[points] / weight.sum()
        if len(wanted) == 1 or len(points) == 1:
            # Fewer places than territories: the prices will tell coinciding centres apart.
            centers[wanted] = middle + 1e-3 * rng.standard_normal((len(wanted), 3))
            continue
        axis = _principal_axis(cloud.xyz[points] - middle, weight)
        axis = axis + 0.25 * rng.standard_normal(3)
        wanted = wanted[np.argsort(places[wanted] @ axis, kind="stable")]
        half = len(wanted) // 2
        order = points[np.argsort(cloud.xyz[points] @ axis, kind="stable")]
        filled = np.cumsum(cloud.weight[order] + 1e-12)
        share = targets[wanted[:half]].sum() / targets[wanted].sum()
        cut = int(np.searchsorted(filled, share * filled[-1])) + 1
        cut = min(max(cut, 1), len(order) - 1)
        stack.append((order[:cut], wanted[:half]))
        stack.append((order[cut:], wanted[half:]))
    return centers


def _principal_axis(offset: Float, weight: Float) -> Float:
    _, vectors = np.linalg.eigh((offset * weight[:, None]).T @ offset)
    return np.asarray(vectors[:, -1])
