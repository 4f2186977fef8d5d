"""Whole plans that keep what is fixed: locked units where they belong, closed territories alone."""

from collections import deque

import numpy as np

from geo.arrays import Bool, Float, Int32
from geo.cells.graph import CellGraph
from geo.design.carve import carve
from geo.design.problem import DesignProblem
from geo.design.repair import repair


def whole_plan(problem: DesignProblem, labels: Int32, cost: Float, near: Int32) -> Int32:
    """From any labels (n), -1 for none, to a complete plan with every territory in one piece.

    A territory without a unit is carved out of the fullest one. Locked units are in their territory
    and joined to it by a shortest way that crosses nothing locked to another; where there is none,
    the territory stays in pieces. `cost`, `near` (n, c) see
    `geo.design.repair.repair`.
    """
    p = problem.territories
    held, closed = held_units(problem), np.zeros(p, dtype=bool)
    if problem.closed is not None:
        closed = problem.closed
    if problem.locked is not None or closed.any():
        labels = np.where(held >= 0, held, labels).astype(np.int32)
        held = _joined(problem.graph, labels, held, closed)
        labels = np.where(held >= 0, held, labels).astype(np.int32)
    for territory in np.flatnonzero(np.bincount(labels[labels >= 0], minlength=p) == 0).tolist():
        labels = labels.copy()
        carve(problem, labels, territory, held)
    weight = problem.activity[:, 0]
    return repair(problem.graph, labels, weight, cost, near, p, held >= 0, closed)


def held_units(problem: DesignProblem) -> Int32:
    """The territory that each unit must belong to, by lock or closed territory; -1 if free."""
    held = np.full(len(problem), -1, np.int32)
    if problem.locked is not None:
        held = problem.locked.copy()
    if problem.closed is not None and problem.incumbent is not None:
        before = problem.incumbent.labels
        closed = (before >= 0) & problem.closed[np.maximum(before, 0)]
        held[closed] = before[closed]
    return held


def _joined(graph: CellGraph, labels: Int32, held: Int32, closed: Bool) -> Int32:
    """`held`, and the units on the ways that join each open territory's held units."""
    held = held.copy()
    for territory in np.unique(held[held >= 0]).tolist():
        own = np.flatnonzero(held == territory)
        if closed[territory]:
            continue
        reached = {int(own[0])}
        for unit in own[1:].tolist():
            if unit not in reached:
                held[list(_way(graph, labels, held, territory, unit, reached))] = territory
    return held


def _way(
    graph: CellGraph, labels: Int32, held: Int32, territory: int, unit: int, reached: set[int]
) -> set[int]:
    """Units of a shortest way from `unit` to `reached`, which grows by it; empty if none.

    Units that the territory has anyway are passed first.
    """
    before = {unit: unit}
    queue = deque([unit])
    while queue:
        here = queue.popleft()
        if here in reached:
            way = {here}
            while before[here] != here:
                here = before[here]
                way.add(here)
            reached |= way
            return way
        for other in graph.indices[graph.indptr[here] : graph.indptr[here + 1]].tolist():
            if other not in before and held[other] in (-1, territory):
                before[other] = here
                (queue.appendleft if labels[other] == territory else queue.append)(other)
    return set()
