"""Markets to measure on: made with a seed, or brought as .npz files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.arrays import Float
from geo.cells.adjacency import contiguity_graph
from geo.cells.fill import cells_over
from geo.cells.graph import SHARED_BORDER, CellGraph
from geo.cells.index import cell_centers
from geo.cells.land import USA, land_of
from geo.design.problem import DesignProblem, targets_by_share
from geo.sphere import to_xyz


@dataclass(frozen=True, eq=False)
class Instance:
    """A named problem with one measure, potential."""

    name: str
    problem: DesignProblem


def contiguous_us(name: str, resolution: int, territories: int, seed: int) -> Instance:
    """The largest piece of the United States at `resolution`, with 300 cities of Zipf sizes."""
    cells = np.sort(cells_over(land_of(USA), resolution))
    graph = contiguity_graph(cells)
    _, piece = graph.components()
    cells = cells[piece == np.bincount(piece).argmax()]
    lat, lng = cell_centers(cells)
    south = lat < 50  # without Alaska, should it hang together with the rest
    cells, lat, lng = cells[south], lat[south], lng[south]
    graph = contiguity_graph(cells)
    rng = np.random.default_rng(seed)
    potential = _potential(to_xyz(lat, lng), rng)
    heaviest = 0.4 * potential.sum() / territories  # above a target nothing can be balanced
    potential = np.minimum(potential, heaviest)
    return Instance(name, _problem(lat, lng, potential, graph, territories))


def from_file(path: Path) -> Instance:
    """An instance with `lat`, `lng`, `w`, `indptr`, `indices` and `K` (territories)."""
    held = np.load(path)
    indices = held["indices"].astype(np.int32)
    kind = np.full(len(indices), SHARED_BORDER, dtype=np.uint8)
    graph = CellGraph(held["indptr"].astype(np.int32), indices, kind)
    potential = held["w"].astype(np.float64)
    problem = _problem(held["lat"], held["lng"], potential, graph, int(held["K"]))
    return Instance(path.stem, problem)


def _potential(xyz: Float, rng: np.random.Generator) -> Float:
    cities = xyz[rng.choice(len(xyz), 300, replace=False)]
    size = 1.0 / np.arange(1, 301)
    width = rng.uniform(8, 40, 300)
    density = np.full(len(xyz), 0.2 * size.sum() / len(xyz))
    for city, weight, km in zip(cities, size, width, strict=True):
        pull = np.exp(-((xyz - city) ** 2).sum(axis=1) / (2 * km**2))
        density += 0.8 * weight * pull / pull.sum()
    return density * rng.lognormal(0.0, 1.2, len(xyz)) * 1e6


def _problem(
    lat: Float, lng: Float, potential: Float, graph: CellGraph, territories: int
) -> DesignProblem:
    activity = potential[:, None].copy()
    return DesignProblem(
        np.array(lat, dtype=np.float64),
        np.array(lng, dtype=np.float64),
        activity,
        ("potential",),
        graph,
        targets_by_share(activity, np.ones(territories)),
        np.array([0.05]),
    )
