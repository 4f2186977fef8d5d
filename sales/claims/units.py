"""Claims about units: a partition, connected as stated, over bridges that are short."""

from collections.abc import Iterator

import h3
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import KDTree

from geo import check
from geo.arrays import Float, Int
from geo.sphere import chord_to_arc_km, distance_km, to_xyz
from sales.claims.facts import Facts, same

_FEW = 64  # units of an island that are compared one by one, without a tree
_ROUNDING_KM = 0.002  # bridges are written with three decimals
_ON_CIRCLE = 1e-8  # of a radius


def partition(plan: Facts) -> Iterator[str]:
    """Every unit is listed once, is one, lies somewhere, and belongs to a territory."""
    yield from _twice(plan.ids, "unit")
    if not plan.polygons:
        yield from (f"{unit!r} is not an H3 cell" for unit in plan.ids if not _is_cell(unit))
        for parent, child in check.nested_cells(plan.ids):
            yield f"cell {child} lies within cell {parent}, which is listed too"
    names = set(plan.names)
    for unit, name in zip(plan.ids, plan.owner, strict=True):
        if name not in names:
            yield f"unit {unit} belongs to {name!r}, which is no territory of plan.json"
    for name in sorted(names - set(plan.owner)):
        yield f"territory {name} has no units"
    for name in plan.measures:
        bad = np.flatnonzero(~(np.isfinite(plan.measure(name)) & (plan.measure(name) >= 0)))
        for i in bad[:1]:
            yield f"unit {plan.ids[i]} has {plan.measure(name)[i]} of {name}"
    if not plan.weight.sum() > 0:
        yield f"no unit has any {plan.measures[0]}"
    levels = set() if plan.polygons else {h3.get_resolution(u) for u in plan.ids if _is_cell(u)}
    if (levels.pop() if len(levels) == 1 else None) != plan.document["resolution"]:
        yield f"the resolution of the cells is not {plan.document['resolution']}"
    yield from _ends(plan)


def _is_cell(text: str) -> bool:
    # As it is written, so that one cell has one name.
    return bool(h3.is_valid_cell(text) and h3.int_to_str(h3.str_to_int(text)) == text)


def _twice(names: list[str], what: str) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} is listed twice"
        seen.add(name)


def _ends(plan: Facts) -> Iterator[str]:
    """Bridges and edges join units of the plan, and every unit of the user's has a place."""
    known = set(plan.ids)
    ends = [("a bridge", plan.bundle.bridges, ("cell_a", "cell_b"))]
    if plan.polygons:
        assert plan.bundle.edges is not None
        assert plan.bundle.places is not None
        ends.append(("an edge", plan.bundle.edges, ("unit_a", "unit_b")))
        places = plan.bundle.places
        yield from _twice(places["unit_id"].tolist(), "the place of unit")
        if set(places["unit_id"]) != known:
            yield "places.csv and units.csv list different units"
        on_earth = (places["lat"].abs() <= 90) & (places["lng"].abs() <= 180)
        for unit in places["unit_id"][~on_earth]:
            yield f"unit {unit} is not on Earth"
    for what, table, (first, second) in ends:
        for a, b in zip(table[first], table[second], strict=True):
            for end in (a, b):
                if end not in known:
                    yield f"{what} ends at {end!r}, which is no unit of the plan"
            if a == b:
                yield f"{what} joins {a} to itself"


def contiguity(plan: Facts) -> Iterator[str]:
    """Each territory is in one piece, or stated not to be; bridges count as borders."""
    parts = check.pieces(len(plan.ids), [*plan.borders, *plan.bridges], plan.owner)
    for territory in plan.territories:
        count = parts[territory["id"]]
        if (count == 1) != territory["contiguous"]:
            yield (
                f"{territory['id']} is in {count} pieces, and plan.json says"
                f" contiguous: {territory['contiguous']}"
            )
    broken = sum(count > 1 for count in parts.values())
    if broken != plan.document["summary"]["noncontiguous"]:
        yield f"{broken} territories are in pieces, not {plan.document['summary']['noncontiguous']}"
    said = {
        v["territory"]: v["value"] for v in plan.document["violations"] if v["kind"] == "contiguity"
    }
    if said != {name: count for name, count in parts.items() if count > 1}:
        yield "the violations do not list the territories that are in pieces"


def bridges(plan: Facts) -> Iterator[str]:
    """Bridges are as long as stated, join islands, have nothing in between, and are the shortest.

    One at most joins two islands, and no unit lies in the circle over it; the shortest bridges
    that connect all islands are among them.
    """
    table, count = plan.bundle.bridges, len(plan.bundle.bridges)
    if count != plan.document["summary"]["bridges"]:
        yield f"there are {count} bridges, not {plan.document['summary']['bridges']}"
    lat, lng = plan.positions
    place = {unit: i for i, unit in enumerate(plan.ids)}
    a = np.array([place[end] for end in table["cell_a"]], dtype=np.int64)
    b = np.array([place[end] for end in table["cell_b"]], dtype=np.int64)
    km = distance_km(lat[a], lng[a], lat[b], lng[b])
    for i in np.flatnonzero(~(np.abs(km - table["km"].to_numpy()) <= _ROUNDING_KM))[:1]:
        yield f"the bridge from {plan.ids[a[i]]} to {plan.ids[b[i]]} is {km[i]:.3f} km long"
    component = np.array(check.components(len(plan.ids), plan.borders), dtype=np.int64)
    one, other = component[a], component[b]
    islands = int(component.max()) + 1
    joined = check.components(islands, zip(one.tolist(), other.tolist(), strict=True))
    if max(joined) > 0:
        yield f"the units hang together in {max(joined) + 1} parts, bridges counted"
        return
    for i in np.flatnonzero(one == other)[:1]:
        yield f"the bridge from {plan.ids[a[i]]} to {plan.ids[b[i]]} joins an island to itself"
    if len(set(zip(np.minimum(one, other), np.maximum(one, other), strict=True))) < count:
        yield "two islands are joined by more than one bridge"
    if not count:
        return
    xyz = to_xyz(lat, lng)
    clear = np.asarray(KDTree(xyz).query((xyz[a] + xyz[b]) / 2)[0])
    radius = np.linalg.norm(xyz[a] - xyz[b], axis=1) / 2
    for i in np.flatnonzero(clear < radius * (1 - _ON_CIRCLE))[:1]:
        yield f"a unit lies between {plan.ids[a[i]]} and {plan.ids[b[i]]}, which a bridge joins"
    least = _least_bridges_km(xyz, component)
    tree = float(minimum_spanning_tree(_lengths(one, other, km, islands)).sum())
    if tree > least * (1 + 1e-6) + count * _ROUNDING_KM:
        yield f"the islands are joined by {tree:.1f} km of bridges, {least:.1f} km are enough"


def _lengths(a: Int, b: Int, km: Float, islands: int) -> csr_matrix:
    """The islands' bridges as a matrix; a length of 0 would be none."""
    return csr_matrix((np.maximum(km, 1e-9), (a, b)), shape=(islands, islands))


def _least_bridges_km(xyz: Float, component: Int) -> float:
    """Length of the shortest bridges that join all components (Prim 1957, on islands)."""
    largest = int(np.bincount(component).argmax())
    left = np.flatnonzero(component != largest)
    gap = np.asarray(KDTree(xyz[component == largest]).query(xyz[left])[0])
    total = 0.0
    while len(left):
        nearest = int(np.argmin(gap))
        total += float(chord_to_arc_km(gap[nearest]))
        own = component[left] == component[left[nearest]]
        island, left, gap = xyz[left[own]], left[~own], gap[~own]
        if len(island) > _FEW:
            closer = np.asarray(KDTree(island).query(xyz[left])[0]) if len(left) else gap
            gap = np.minimum(gap, closer)
            continue
        for point in island:
            gap = np.minimum(gap, np.linalg.norm(xyz[left] - point, axis=1))
    return total


def totals(plan: Facts) -> Iterator[str]:
    """What each territory holds of each measure, and how many units."""
    for measure in plan.measures:
        for territory, load in zip(plan.territories, plan.load(measure).tolist(), strict=True):
            if not same(load, territory[measure]):
                yield f"{territory['id']} holds {load} of {measure}, not {territory[measure]}"
    counts = np.bincount(plan.labels, minlength=len(plan.names)).tolist()
    for territory, count in zip(plan.territories, counts, strict=True):
        if count != territory["cells"]:
            yield f"{territory['id']} has {count} units, not {territory['cells']}"
    if len(plan.names) != plan.document["summary"]["territories"]:
        said = plan.document["summary"]["territories"]
        yield f"there are {len(plan.names)} territories, not {said}"
