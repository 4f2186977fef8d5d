"""The independent checker: every claim of a plan, derived anew from cells, labels and prices.

It shares no code with the solver, not even the adjacency: what both got wrong in the same way
would be found by neither. Plain and slow on purpose, but near-linear.
"""

from collections.abc import Iterable, Mapping, Sequence, Set

import h3
import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int

EARTH_KM = 6371.0088


def neighbour_pairs(cells: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of cells that touch, also where resolutions differ; each pair once."""
    index = {cell: i for i, cell in enumerate(cells)}
    coarsest = min((h3.get_resolution(cell) for cell in cells), default=0)
    pairs: set[tuple[int, int]] = set()
    for cell, i in index.items():
        for other in h3.grid_disk(cell, 1):
            found = index.get(other)
            level = h3.get_resolution(cell) - 1
            # A finer cell finds the coarser one that holds its neighbour.
            while found is None and level >= coarsest:
                found = index.get(h3.cell_to_parent(other, level))
                level -= 1
            if found is not None and found != i:
                pairs.add((min(i, found), max(i, found)))
    return sorted(pairs)


def nested_cells(cells: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs (ancestor, descendant) of cells that cover the same ground twice."""
    there = set(cells)
    coarsest = min((h3.get_resolution(cell) for cell in cells), default=0)
    return [
        (parent, cell)
        for cell in cells
        for level in range(coarsest, h3.get_resolution(cell))
        if (parent := h3.cell_to_parent(cell, level)) in there
    ]


def replaced_cells(cells: Sequence[str]) -> set[str]:
    """The ancestors of cells, no coarser than the coarsest of them: finer ones stand for them."""
    coarsest = min((h3.get_resolution(cell) for cell in cells), default=0)
    found: set[str] = set()
    for cell in cells:
        for level in range(h3.get_resolution(cell) - 1, coarsest - 1, -1):
            parent = h3.cell_to_parent(cell, level)
            if parent in found:
                break
            found.add(parent)
    return found


def holding_cell(
    lat: float, lng: float, cells: Set[str], replaced: Set[str], levels: range
) -> str | None:
    """The one of `cells`, of resolutions in `levels`, that a position belongs to, or None.

    The finest in which it lies. Where that has been `replaced`, and the position is in none of
    what replaced it: the cell of the neighbour whose children reach in, at the market's edge the
    nearest of its own.
    """
    for level in reversed(levels):
        cell: str = h3.latlng_to_cell(lat, lng, level)
        if cell in cells:
            return cell
        if cell in replaced:
            child = h3.latlng_to_cell(lat, lng, level + 1)
            for up in range(level, levels.start - 1, -1):
                parent: str = h3.cell_to_parent(child, up)
                if parent in cells:
                    return parent
                if parent in replaced:
                    return None
            return _nearest_inside(lat, lng, cell, cells, replaced)
    return None


def _nearest_inside(lat: float, lng: float, cell: str, cells: Set[str], replaced: Set[str]) -> str:
    while cell not in cells:
        children = [c for c in h3.cell_to_children(cell) if c in cells or c in replaced]
        cell = min(
            children,
            key=lambda child: h3.great_circle_distance((lat, lng), h3.cell_to_latlng(child)),
        )
    return cell


def components(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The component of each of `count` things that `pairs` join, numbered from 0."""
    root = list(range(count))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        root[find(a)] = find(b)
    number: dict[int, int] = {}
    return [number.setdefault(find(i), len(number)) for i in range(count)]


def pieces(count: int, pairs: Iterable[tuple[int, int]], owner: Sequence[str]) -> dict[str, int]:
    """Connected pieces of each territory over `count` units; `owner` names each unit's."""
    component = components(count, ((a, b) for a, b in pairs if owner[a] == owner[b]))
    heads: dict[str, set[int]] = {}
    for i in range(count):
        heads.setdefault(owner[i], set()).add(component[i])
    return {territory: len(found) for territory, found in heads.items()}


def centers_of_cells(cells: Sequence[str]) -> tuple[Float, Float]:
    """Latitude and longitude of the cells' centres."""
    points = np.array([h3.cell_to_latlng(cell) for cell in cells]).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def _on_sphere(lat: Float, lng: Float) -> Float:
    phi, theta = np.deg2rad(lat), np.deg2rad(lng)
    unit = [np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)]
    return EARTH_KM * np.column_stack(unit)


def inertia(lat: Float, lng: Float, weight: Float, owner: Int, centers: Float) -> float:
    """Σ w·d², d the straight line in km from each unit to its own of `centers` (p, 2)."""
    offset = _on_sphere(lat, lng) - _on_sphere(centers[:, 0], centers[:, 1])[owner]
    return float((weight * (offset * offset).sum(axis=1)).sum())


def hess_inertia(lat: Float, lng: Float, weight: Float, owner: Int) -> float:
    """Σ w·d² with d in km, the geodesic on WGS-84 to the unit that is best for its territory."""
    wgs84 = Geod(ellps="WGS84")
    total = 0.0
    for territory in np.unique(owner).tolist():
        own = np.flatnonzero(owner == territory)
        moments = []
        for center in own.tolist():
            here = np.full(len(own), lng[center]), np.full(len(own), lat[center])
            km = np.asarray(wgs84.inv(*here, lng[own], lat[own])[2]) / 1000.0
            moments.append(float((weight[own] * km * km).sum()))
        total += min(moments)
    return total


def inertia_bound(
    lat: Float, lng: Float, weight: Float, centers: Float, prices: Float, low: Float, high: Float
) -> float:
    """Σ w·min_k(d² - μ_k) + Σ_k min(low_k·μ_k, high_k·μ_k): see geo.design.certificate."""
    points = _on_sphere(lat, lng)
    places = _on_sphere(centers[:, 0], centers[:, 1])
    total = float(np.minimum(low * prices, high * prices).sum())
    for start in range(0, len(points), 4096):
        block = slice(start, start + 4096)
        squared = (
            (points[block] ** 2).sum(axis=1)[:, None]
            - 2 * points[block] @ places.T
            + (places**2).sum(axis=1)[None, :]
        )
        total += float(weight[block] @ (squared - prices).min(axis=1))
    return total


def disruption_bound(
    activity: Float,
    kept: Iterable[tuple[int, int, float]],
    prices: Float,
    low: Float,
    high: Float,
) -> float:
    """Σ kept - Σ_u max_k (kept_uk + π_k·a_u) + Σ_kj min(low·π, high·π): see geo.design.disruption.

    `activity` (n, q), `kept` of (unit, territory, weight), the others (p, q); a limit may be ±inf
    where its price has not the sign to need it.
    """
    most = np.full(len(activity), -np.inf)
    for price in prices:
        most = np.maximum(most, (activity * price).sum(axis=1))
    total = 0.0
    for unit, territory, weight in kept:
        total += weight
        most[unit] = max(most[unit], weight + float((activity[unit] * prices[territory]).sum()))
    for price, least, greatest in zip(prices.flat, low.flat, high.flat, strict=True):
        if price:
            total += float(price * (least if price > 0 else greatest))
    return total - float(most.sum())


def least_other(
    first: Float, second: Float, unit: int, targets: Iterable[tuple[float, float]], tolerance: float
) -> float:
    """The least deviation in `second` of whoever holds `unit` within `tolerance` in `first`.

    Two fractional knapsacks, see geo.design.conflict; inf where nobody can hold it so.
    """
    others = [i for i in range(len(first)) if i != unit]
    giving = sorted((i for i in others if first[i] > 0), key=lambda i: second[i] / first[i])
    for_nothing = sum(float(second[i]) for i in others if first[i] <= 0)

    def brought(order: Sequence[int], amount: float) -> float:
        total = 0.0
        for i in order:
            if amount <= 0:
                break
            total += float(second[i]) * min(1.0, amount / float(first[i]))
            amount -= float(first[i])
        return total

    best = np.inf
    for wanted, other in targets:
        if (1 + tolerance) * wanted >= first[unit]:
            least = float(second[unit]) + brought(
                giving, (1 - tolerance) * wanted - float(first[unit])
            )
            most = (
                float(second[unit])
                + for_nothing
                + brought(giving[::-1], (1 + tolerance) * wanted - float(first[unit]))
            )
            best = min(best, max(0.0, least / other - 1, 1 - most / other))
    return float(best)


def crossing(
    lat: Float, lng: Float, pairs: Iterable[tuple[int, int]], lines: Sequence[BaseGeometry]
) -> list[tuple[int, int]]:
    """Pairs of units whose segment, straight in degrees and the short way round, meets a line."""
    tree = shapely.STRtree(list(lines))
    found = []
    for a, b in pairs:
        east = lng[a] + (lng[b] - lng[a] + 180) % 360 - 180
        for turn in (0, 360, -360):
            segment = shapely.LineString([(lng[a] + turn, lat[a]), (east + turn, lat[b])])
            if len(tree.query(segment, predicate="intersects")):
                found.append((a, b))
                break
    return found


def rms_km(lat: Float, lng: Float, weight: Float, owner: Int, centers: Float) -> float:
    """sqrt(Σ w·d² / Σ w), d the great-circle distance to the own centre (spherical cosine law)."""
    a, b = _on_sphere(lat, lng), _on_sphere(centers[:, 0], centers[:, 1])[owner]
    cross = np.linalg.norm(np.cross(a, b), axis=1)
    arc = EARTH_KM * np.arctan2(cross, (a * b).sum(axis=1))
    return float(np.sqrt((weight * arc**2).sum() / weight.sum()))


def overlapping(shapes: Mapping[str, BaseGeometry], sliver: float = 1e-9) -> list[tuple[str, str]]:
    """Pairs of territories whose outlines share an area of more than `sliver` square degrees."""
    names = list(shapes)
    areas = np.array([shapes[name] for name in names], dtype=object)
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(areas[first], areas[second]))
    return [
        (names[a], names[b])
        for a, b in zip(first[shared > sliver], second[shared > sliver], strict=True)
    ]


def misplaced(
    shapes: Mapping[str, BaseGeometry], lat: Float, lng: Float, owner: Sequence[str]
) -> Int:
    """Units whose centre is not in the outline of their own territory, as indices."""
    inside = np.zeros(len(lat), dtype=bool)
    names = np.array(owner, dtype=object)
    for name, shape in shapes.items():
        own = np.flatnonzero(names == name)
        shapely.prepare(shape)
        # At ±180° the same meridian has two names.
        own_lng = lng[own]
        inside[own] = shapely.intersects_xy(shape, own_lng, lat[own])
        for turn in (-360.0, 360.0):
            inside[own] |= shapely.intersects_xy(shape, own_lng + turn, lat[own])
    return np.flatnonzero(~inside)
