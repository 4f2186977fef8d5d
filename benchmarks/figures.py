"""The figures of one plan, as docs/benchmarks.md defines them."""

import numpy as np
import shapely

from benchmarks.instances.types import Instance
from geo.arrays import Float, Int32
from geo.cells.graph import SHARED_BORDER, CellGraph
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges, rms_km, weighted_centers
from geo.measures.contiguity import pieces
from geo.sphere import EARTH_RADIUS_KM

NEAR = 0.005  # a territory this close to its target counts as balanced exactly

Figures = dict[str, float]


def figures_of(instance: Instance, labels: Int32) -> Figures:
    """Balance, contiguity and shape of the plan `labels` (n)."""
    problem, p = instance.problem, instance.problem.territories
    weight, even = problem.activity[:, 0], np.ones(len(problem))
    off = np.abs(deviations(loads(problem.activity, labels, p), problem.targets))[:, 0]
    parts = pieces(problem.graph, labels, p)
    found: Figures = {
        "max_deviation": float(off.max()),
        "mean_deviation": float(off.mean()),
        "within_half_percent": float((off <= NEAR).mean()),
        "noncontiguous": float((parts > 1).sum()),
        "empty": float((parts == 0).sum()),
    }
    for name, mass in (("rms_km", weight), ("rms_cells_km", even)):
        centers = weighted_centers(problem.lat, problem.lng, mass, labels, p)
        found[name] = rms_km(problem.lat, problem.lng, mass, labels, centers)
    found["cut_edges"] = float(cut_edges(problem.graph, labels))
    found["pp"] = float(np.nanmean(polsby_popper(instance, labels)))
    return found


def polsby_popper(instance: Instance, labels: Int32) -> Float:
    """4πA/P² of each territory, shape (p), NaN where it is empty. Polsby & Popper 1991."""
    p = instance.problem.territories
    if instance.outlines:
        area, border = _of_polygons(instance.outlines, labels, p)
    else:
        area, border = _of_hexagons(instance.problem.graph, labels, p)
    used = np.bincount(labels, minlength=p) > 0
    score = 4 * np.pi * area / np.where(used, border, 1.0) ** 2
    return np.where(used, score, np.nan)


def _of_hexagons(graph: CellGraph, labels: Int32, p: int) -> tuple[Float, Float]:
    """Area and border length of territories of equal hexagons with sides of length 1."""
    border = graph.kind == SHARED_BORDER  # a bridge hides no side
    owner, other = labels[graph.rows[border]], labels[graph.indices[border]]
    hidden = np.bincount(owner[owner == other], minlength=p)
    units = np.bincount(labels, minlength=p)
    return np.asarray(1.5 * np.sqrt(3) * units), np.asarray(6.0 * units - hidden)


def _of_polygons(outlines: tuple[bytes, ...], labels: Int32, p: int) -> tuple[Float, Float]:
    """Area in km² and border length in km, on Lambert's equal-area cylinder through the middle."""
    shapes = shapely.from_wkb(list(outlines))
    middle = np.radians(shapely.total_bounds(shapes)[[1, 3]].mean())
    scale = np.array([np.cos(middle), 1 / np.cos(middle)]) * EARTH_RADIUS_KM

    def flat(xy: Float) -> Float:
        return np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))]) * scale

    whole = [shapely.union_all(shapes[labels == k], grid_size=1e-7) for k in range(p)]
    projected = shapely.transform(np.array(whole, dtype=object), flat)
    return shapely.area(projected), shapely.length(projected)
