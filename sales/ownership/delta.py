"""What it does to a plan to give one account, or its whole cell, to another territory: exactly.

Only the two territories that are touched are measured anew; the tests compare with measuring all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse.csgraph import breadth_first_order, connected_components

from geo.arrays import Float, Int
from geo.measures.balance import deviations
from geo.measures.compactness import cut_edges
from geo.sphere import chord_to_arc_km, to_lat_lng, to_xyz
from sales.edits.board import Board, State


@dataclass(frozen=True)
class Change:
    """A plan after the gift, and the figures that tell it from before.

    `load` (p, q) and `off` (p, q) the deviations after, NaN where a measure is not balanced;
    `rms_km` of the plan and `rms_of` the two territories (giving, taking) after; `pieces` likewise;
    `cut_edges` of the plan. `accounts` rows of the assignments that change hands, `worth` (q) what
    goes over.
    """

    way: str
    was: int
    to: int
    accounts: Int
    worth: Float
    load: Float
    off: Float
    rms_km: float
    rms_of: tuple[float, float]
    pieces: tuple[int, int]
    cut_edges: int


class Weighed:
    """A plan in one state, measured once so that many gifts can be compared."""

    def __init__(self, board: Board, state: State) -> None:
        """Weigh each territory: its accounts that left their cell count where they belong."""
        self.board, self.state = board, state
        self.xyz = to_xyz(board.lat, board.lng)
        self.cut_edges = cut_edges(board.graph, state.labels)
        self.off = self._off(state.load)
        p = len(board.territories)
        self._moment = np.array([self._second_moment(k, *self._points(k)) for k in range(p)])

    @cached_property
    def rms_km(self) -> float:
        """Typical distance from the centre of the own territory, weighted by the first measure."""
        return self._rms(self._moment.sum(), float(self.board.activity[:, 0].sum()))

    def rms_of(self, k: int) -> float:
        """The same of one territory."""
        return self._rms(float(self._moment[k]), float(self.state.load[k, 0]))

    def give_account(self, row: int, to: int) -> Change:
        """Give one account away by itself; its cell stays."""
        board, state = self.board, self.state
        unit = int(board.unit_of_row[row])
        was = self.owner_of(row)
        worth = board.worth[row]
        load = state.load.copy()
        load[was] -= worth
        load[to] += worth
        weight = float(worth[0])
        giving, taking = self._points(was), self._points(to)
        both = (
            self._second_moment(was, *_plus(giving, self.xyz[unit], -weight)),
            self._second_moment(to, *_plus(taking, self.xyz[unit], weight)),
        )
        return self._change(
            "account", was, to, np.array([row]), worth, load, both,
            (int(state.pieces[was]), int(state.pieces[to])), self.cut_edges,
        )  # fmt: skip

    def give_unit(self, unit: int, to: int) -> Change:
        """Give a cell away with all its accounts but those that left it before."""
        board, state = self.board, self.state
        was = int(state.labels[unit])
        strays = {board.row_at[name] for name in state.overrides}
        rows = np.flatnonzero(board.unit_of_row == unit)
        rows = np.array([row for row in rows.tolist() if row not in strays], dtype=np.int64)
        left = [r for r in strays if board.unit_of_row[r] == unit]
        worth = board.activity[unit] - board.worth[left].sum(axis=0)
        load = state.load.copy()
        load[was] -= worth
        load[to] += worth
        labels = state.labels.copy()
        labels[unit] = to
        neighbours = board.graph.indices[board.graph.indptr[unit] : board.graph.indptr[unit + 1]]
        others = state.labels[neighbours]
        cut = self.cut_edges - int((others != was).sum()) + int((others != to).sum())
        weight = float(worth[0])
        both = (
            self._second_moment(was, *_plus(self._points(was), self.xyz[unit], -weight)),
            self._second_moment(to, *_plus(self._points(to), self.xyz[unit], weight)),
        )
        pieces = (self._pieces(np.flatnonzero(labels == was)),
                  self._pieces(np.flatnonzero(labels == to)))  # fmt: skip
        return self._change("cell", was, to, rows, worth, load, both, pieces, cut)

    def owner_of(self, row: int) -> int:
        """The territory of a row of the assignments, −1 for none."""
        board = self.board
        return self.state.owner(board, str(board.bundle.assignments["account_id"].iloc[row]))

    def hops(self, unit: int) -> Int:
        """Cells to step over from `unit` to the nearest of each territory (p); −1 out of reach."""
        graph = self.board.graph.matrix()
        order, before = breadth_first_order(graph, unit, directed=False)
        far = np.full(len(self.board.ids), -1, dtype=np.int64)
        far[unit] = 0
        for at in order[1:].tolist():
            far[at] = far[before[at]] + 1
        found = np.full(len(self.board.territories), -1, dtype=np.int64)
        for at in order[::-1].tolist():
            found[self.state.labels[at]] = far[at]
        return found

    def neighbours(self, k: int) -> list[int]:
        """The territories that share a border (or bridge) with this one."""
        graph, labels = self.board.graph, self.state.labels
        found = np.unique(labels[graph.indices[labels[graph.rows] == k]])
        return [int(other) for other in found if other != k]

    def _off(self, load: Float) -> Float:
        targets = self.board.targets
        off = deviations(load, np.where(np.isnan(targets), 1.0, targets))
        return np.where(np.isnan(targets), np.nan, off)

    def _points(self, k: int) -> tuple[Float, Float]:
        """Where the weight of a territory lies: vectors (m, 3) and weights (m)."""
        board, state = self.board, self.state
        own = np.flatnonzero(state.labels == k)
        weight = board.activity[own, 0].copy()
        at = {unit: i for i, unit in enumerate(own.tolist())}
        points, more = [self.xyz[own]], [weight]
        for name, owner in state.overrides.items():
            row = board.row_at[name]
            unit = int(board.unit_of_row[row])
            if unit in at:
                weight[at[unit]] -= board.worth[row, 0]
            if owner == k:
                points.append(self.xyz[unit : unit + 1])
                more.append(board.worth[row, :1])
        return np.concatenate(points), np.concatenate(more)

    @staticmethod
    def _second_moment(_k: int, points: Float, weight: Float) -> float:
        """Σ w·d² to the weighted centre, d in km along the Earth's surface."""
        total = weight @ points if weight.sum() > 0 else points.sum(axis=0)
        if not np.linalg.norm(total):
            return 0.0
        center = to_xyz(*to_lat_lng(total))
        arc = chord_to_arc_km(np.linalg.norm(points - center, axis=1))
        return float(weight @ arc**2)

    @staticmethod
    def _rms(moment: float, weight: float) -> float:
        return float(np.sqrt(max(moment, 0.0) / weight)) if weight > 0 else 0.0

    def _pieces(self, own: Int) -> int:
        if not len(own):
            return 0
        graph = self.board.graph.matrix()
        return int(connected_components(graph[own][:, own], directed=False)[0])

    def _change(
        self, way: str, was: int, to: int, rows: Int, worth: Float, load: Float,
        moments: tuple[float, float], pieces: tuple[int, int], cut: int,
    ) -> Change:  # fmt: skip
        moment = self._moment.sum() - self._moment[was] - self._moment[to] + sum(moments)
        return Change(
            way, was, to, rows, worth, load, self._off(load),
            self._rms(float(moment), float(self.board.activity[:, 0].sum())),
            (self._rms(moments[0], float(load[was, 0])), self._rms(moments[1], float(load[to, 0]))),
            pieces, cut,
        )  # fmt: skip


def _plus(points: tuple[Float, Float], place: Float, weight: float) -> tuple[Float, Float]:
    """The points with a weight more (or less) at one place."""
    where, weights = points
    return np.vstack([where, place]), np.append(weights, weight)


def largest(off: Float, among: Sequence[int] | None = None) -> float:
    """The largest absolute deviation in the first measure, of all territories or of some."""
    column = off[:, 0] if among is None else off[list(among), 0]
    if np.isnan(column).all():
        column = np.nanmax(np.abs(off), axis=1)
    return float(np.abs(column).max()) if len(column) else 0.0
