"""What the search minimises: shape + border + imbalance, kept up to date flip by flip.

    E = p·I/I₀  +  border·p·C/C₀  +  Σ_kj (deviation_kj / τ_j)²

I is the moment of inertia of the territories about their own centroids, C the number of cut edges,
I₀ and C₀ their values in the starting diagram, so that every term counts per territory.
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int, Int32
from geo.cells.graph import CellGraph
from geo.design.local import contact_masks
from geo.design.problem import DesignProblem
from geo.jit import kernel
from geo.measures.balance import loads
from geo.measures.compactness import cut_edges


@dataclass(frozen=True, eq=False)
class Terms:
    """Constants of the objective for one problem.

    `xyz` (n, 3) km about the market's centre; `mass` (n) pull on the centroid; `activity` (n, q)
    the balanced measures as fractions of the mean target; `targets` (p, q) likewise; `strength`
    (q) 1/τ²; `shape` and `border` the factors of I and C.
    """

    xyz: Float
    mass: Float
    activity: Float
    targets: Float
    strength: Float
    shape: float
    border: float


@dataclass(eq=False)
class Sums:
    """Per territory: loads (p, q), first moments of mass (p, 4: x, y, z, 1), units (p)."""

    load: Float
    moment: Float
    units: Int


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The contiguity graph as the kernels read it."""

    indptr: Int32
    indices: Int32
    masks: Int


def neighbours(graph: CellGraph) -> Neighbours:
    """Prepare a graph for the kernels."""
    return Neighbours(graph.indptr, graph.indices, contact_masks(graph.indptr, graph.indices))


def sums_of(terms: Terms, labels: Int32) -> Sums:
    """Recompute the per-territory sums from scratch."""
    p = len(terms.targets)
    load = loads(terms.activity, labels, p)
    moment = np.stack(
        [np.bincount(labels, terms.mass * terms.xyz[:, a], p) for a in range(3)]
        + [np.bincount(labels, terms.mass, p)],
        axis=1,
    ).astype(np.float64)
    return Sums(load, moment, np.bincount(labels, minlength=p))


def inertia(terms: Terms, labels: Int32) -> float:
    """Moment of inertia of all territories about their own centroids, mass·km²."""
    moment = sums_of(terms, labels).moment
    centroid = moment[:, :3] / np.maximum(moment[:, 3:], 1e-300)
    return float(terms.mass @ ((terms.xyz - centroid[labels]) ** 2).sum(axis=1))


def make_terms(
    problem: DesignProblem, labels: Int32, mass: Float, aim: Float, border: float
) -> Terms:
    """Scale the objective by the starting plan `labels`; `aim` (q) is τ, NaN where not balanced."""
    balanced = np.isfinite(aim)
    mean = problem.targets.mean(axis=0)[balanced]
    xyz = problem.xyz()
    xyz = xyz - xyz.mean(axis=0)
    p = problem.territories
    plain = Terms(
        np.ascontiguousarray(xyz),
        np.ascontiguousarray(mass),
        np.ascontiguousarray(problem.activity[:, balanced] / mean),
        np.ascontiguousarray(problem.targets[:, balanced] / mean),
        1.0 / aim[balanced] ** 2,
        1.0,
        1.0,
    )
    return Terms(
        plain.xyz, plain.mass, plain.activity, plain.targets, plain.strength,
        p / max(inertia(plain, labels), 1e-300),
        border * p / max(cut_edges(problem.graph, labels), 1),
    )  # fmt: skip


@kernel
def imbalance(load, targets, strength, k):
    """Σ_j (deviation_kj / τ_j)² of territory k."""
    total = 0.0
    for j in range(load.shape[1]):
        deviation = (load[k, j] - targets[k, j]) / targets[k, j]
        total += strength[j] * deviation * deviation
    return total


@kernel
def flip_balance(i, a, b, load, activity, targets, strength):
    """Change of the imbalance if unit i goes from territory a to b."""
    change = 0.0
    for j in range(load.shape[1]):
        w = activity[i, j]
        before_a = (load[a, j] - targets[a, j]) / targets[a, j]
        after_a = before_a - w / targets[a, j]
        before_b = (load[b, j] - targets[b, j]) / targets[b, j]
        after_b = before_b + w / targets[b, j]
        change += strength[j] * (
            after_a * after_a - before_a * before_a + after_b * after_b - before_b * before_b
        )
    return change


@kernel
def flip_inertia(i, a, b, moment, xyz, mass):
    """Change of the inertia if unit i goes from a to b (König–Huygens, centroids move along)."""
    v = mass[i]
    rest = moment[a, 3] - v
    from_a = 0.0
    to_b = 0.0
    for d in range(3):
        from_a += (xyz[i, d] - moment[a, d] / moment[a, 3]) ** 2
        to_b += (xyz[i, d] - moment[b, d] / moment[b, 3]) ** 2
    gain = v * to_b * moment[b, 3] / (moment[b, 3] + v)
    if rest > 1e-12 * moment[a, 3]:
        gain -= v * from_a * moment[a, 3] / rest
    return gain


@kernel
def apply_flip(i, a, b, labels, load, moment, units, activity, xyz, mass):
    """Move unit i from a to b and keep the sums."""
    labels[i] = b
    for j in range(load.shape[1]):
        load[a, j] -= activity[i, j]
        load[b, j] += activity[i, j]
    for d in range(3):
        moment[a, d] -= mass[i] * xyz[i, d]
        moment[b, d] += mass[i] * xyz[i, d]
    moment[a, 3] -= mass[i]
    moment[b, 3] += mass[i]
    units[a] -= 1
    units[b] += 1
