"""Pricing: the one territory that is worth most at given prizes of the units, proven.

x_i = 1 where unit i is in, z_e = 1 where edge e is cut:

    min ½ Σ z_e - Σ prize_i·x_i    z_e ≥ |x_a - x_b|    low ≤ Σ w_i·x_i ≤ high

Without the limits this is a minimum cut, so the relaxation is tight. Of contiguity the model
learns from solutions in pieces: a piece C too light to be a territory of its own must go on,
x_a ≤ Σ_{s around C} x_s for each a in C. Where it is not too light, two units of two pieces need
a unit of the separator between them.
"""

from dataclasses import dataclass, field

import highspy
import numpy as np

from geo.arrays import Bool, Float, Int
from geo.exact.connect import around, pieces_of, separator
from geo.exact.highs import (
    INF,
    Clock,
    Rows,
    add_row,
    make_integer,
    make_model,
    solve_mip,
    stack,
)
from geo.exact.instance import Instance

Decision = tuple[int, int, bool]  # units a and b: in the same territory, or in different ones
_Row = tuple[float, float, list[int], list[float]]


@dataclass(eq=False)
class Pricer:
    """The model of one kind of territory; `learned` are its rows of contiguity, true everywhere."""

    instance: Instance
    kind: int
    seed: int
    learned: list[_Row] = field(default_factory=list)

    def price(
        self, prize: Float, decisions: tuple[Decision, ...], enough: float,
        clock: Clock,
    ) -> tuple[float, list[Bool]]:  # fmt: skip
        """A lower bound of the value of every territory, and some of value below `enough`.

        It ends when the bound reaches `enough`, or when it has found such a territory.
        """
        n = len(self.instance)
        model = self._model(prize, decisions)
        bound = -np.inf
        while not clock.over():
            fresh: list[_Row] = []
            found: list[Bool] = []

            def look(values: Float, objective: float) -> bool:
                inside = values[:n] > 0.5
                rows = self._wrong(inside)
                fresh.extend(rows)  # noqa: B023
                useful = not rows and objective < enough
                if useful:
                    found.append(inside)  # noqa: B023
                return (bool(rows) and objective < enough) or useful

            answer = solve_mip(model, clock, enough=enough, reject=look)
            if answer.status == "infeasible":
                return np.inf, []
            bound = max(bound, answer.bound)
            if answer.status == "optimal" and answer.value < enough and not (fresh or found):
                look(answer.values, answer.value)
            for low, high, columns, values in fresh:
                add_row(model, low, high, np.array(columns), np.array(values))
            self.learned.extend(fresh)
            if found or bound >= enough or not fresh:
                return bound, found
        return bound, []

    def _model(self, prize: Float, decisions: tuple[Decision, ...]) -> highspy.Highs:
        instance, n = self.instance, len(self.instance)
        a, b, _ = instance.graph.edges()
        m = len(a)
        parts = [_edge_rows(a.astype(np.int64), b.astype(np.int64), n)]
        for load, low, high in zip(
            instance.activity.T, instance.low[self.kind], instance.high[self.kind], strict=True
        ):
            parts.append(
                Rows(np.zeros(n, np.int64), np.arange(n), load, np.array([low]), np.array([high]))
            )
        cost = np.concatenate([-prize, np.full(m, 0.5)])
        upper = np.concatenate([instance.allowed[:, self.kind].astype(np.float64), np.ones(m)])
        model = make_model(cost, upper, stack(parts), seed=self.seed)
        make_integer(model, np.arange(n))
        for one, other, together in decisions:
            pair = np.array([one, other])
            if together:
                add_row(model, 0.0, 0.0, pair, np.array([1.0, -1.0]))
            else:
                add_row(model, -INF, 1.0, pair, np.ones(2))
        for low, high, columns, values in self.learned:
            add_row(model, low, high, np.array(columns), np.array(values))
        return model

    def _wrong(self, inside: Bool) -> list[_Row]:
        """Rows that forbid the units `inside`, and no territory; none if they are one."""
        instance, graph = self.instance, self.instance.graph
        load = instance.load(inside)
        own, others = np.flatnonzero(inside).tolist(), np.flatnonzero(~inside).tolist()
        if (load > instance.high[self.kind]).any():
            return [(-INF, len(own) - 1.0, own, [1.0] * len(own))]
        if (load < instance.low[self.kind]).any():
            return [(1.0, INF, others, [1.0] * len(others))]
        pieces = pieces_of(graph, inside)
        if len(pieces) == 1:
            return []
        rows: list[_Row] = []
        for piece in pieces:
            if (instance.load(piece) < instance.low[self.kind]).any():
                ring = np.flatnonzero(around(graph, piece)).tolist()
                for unit in np.flatnonzero(piece).tolist():
                    rows.append((0.0, INF, [*ring, unit], [*([1.0] * len(ring)), -1.0]))
        if not rows:
            first, second = (int(np.flatnonzero(piece)[0]) for piece in pieces[:2])
            way = separator(graph, pieces[0], second).tolist()
            rows.append((-1.0, INF, [*way, first, second], [*([1.0] * len(way)), -1.0, -1.0]))
        return rows


def _edge_rows(a: Int, b: Int, n: int) -> Rows:
    m = len(a)
    row = np.tile(np.arange(2 * m), 3)
    column = np.concatenate([a, b, b, a, n + np.arange(m), n + np.arange(m)])
    value = np.concatenate([np.ones(2 * m), -np.ones(2 * m), -np.ones(2 * m)])
    return Rows(row, column, value, np.full(2 * m, -INF), np.zeros(2 * m))
