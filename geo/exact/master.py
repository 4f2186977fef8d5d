"""The pool of known territories, and the linear program that covers the market with them.

    min Σ ½·cut(S)·λ_S    Σ_{S with i} λ_S = 1 for each unit    Σ_{S of kind k} λ_S = count_k

Each cut edge counts half in either territory (set partitioning after Garfinkel, Nemhauser 1970).
"""

from dataclasses import dataclass, field

import numpy as np

from geo.arrays import Bool, Float, Int
from geo.exact.highs import Clock, Rows, make_integer, make_model, solve_lp, solve_mip
from geo.exact.instance import Instance
from geo.exact.pricing import Decision

_NODES = 300  # of the search for a plan among known territories


@dataclass(frozen=True, eq=False)
class Cover:
    """A solved master: `value`, duals `prize` (n) and `base` (K), `weight` of columns `column`."""

    value: float
    prize: Float
    base: Float
    column: Int
    weight: Float


@dataclass(eq=False)
class Pool:
    """Territories found so far: masks (n), kinds, and half the number of their cut edges."""

    instance: Instance
    masks: list[Bool] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    known: set[tuple[bytes, int]] = field(default_factory=set)

    def add(self, inside: Bool) -> int:
        """Take a connected territory up, once for each kind that it fits; how often."""
        rows, indices = self.instance.graph.rows, self.instance.graph.indices
        new = 0
        for kind in range(len(self.instance.count)):
            key = inside.tobytes(), kind
            if key in self.known or not self.instance.fits(inside, kind):
                continue
            self.known.add(key)
            self.masks.append(inside.copy())
            self.kinds.append(kind)
            self.costs.append(int((inside[rows] != inside[indices]).sum()) / 4.0)
            new += 1
        return new

    def reduced_costs(self, prize: Float, base: Float) -> Float:
        """Of all territories known."""
        if not self.masks:
            return np.empty(0)
        covered = np.array(self.masks, dtype=np.float64) @ prize
        return np.asarray(np.array(self.costs) - covered - base[np.array(self.kinds)])

    def permitted(self, decisions: tuple[Decision, ...]) -> Int:
        """Indices of the territories that obey the decisions."""
        good = np.ones(len(self.masks), dtype=bool)
        masks = np.array(self.masks).reshape(len(self.masks), len(self.instance))
        for a, b, together in decisions:
            one, other = masks[:, a], masks[:, b]
            good &= (one == other) if together else ~(one & other)
        return np.flatnonzero(good)

    def cover(
        self, decisions: tuple[Decision, ...], dear: float, clock: Clock, *, whole: bool = False
    ) -> Cover | None:
        """Solve the master, `whole` in whole numbers for a plan; None where time is over.

        What no territory covers is covered at the price `dear`, so that there is a solution.
        """
        n, kinds = len(self.instance), len(self.instance.count)
        column = self.permitted(decisions)
        count = len(column)
        masks = np.array(self.masks).reshape(len(self.masks), n)[column]
        at, unit = np.nonzero(masks)
        kind = np.array(self.kinds, dtype=np.int64)[column]
        spare = count + np.arange(n + kinds)
        need = np.concatenate([np.ones(n), self.instance.count])
        rows = Rows(
            np.concatenate([unit, n + kind, np.arange(n + kinds)]),
            np.concatenate([at, np.arange(count), spare]),
            np.ones(len(at) + count + n + kinds),
            need,
            need,
        )
        cost = np.concatenate([np.array(self.costs)[column], np.full(n + kinds, dear)])
        model = make_model(cost, np.full(len(cost), np.inf), rows, seed=0)
        if whole:
            make_integer(model, np.arange(len(cost)))
            model.setOptionValue("mip_max_nodes", _NODES)
            answer = solve_mip(model, clock)
        else:
            answer = solve_lp(model, clock)
        if not len(answer.values):
            return None
        dual = np.zeros(n + kinds)
        if not whole:
            dual = np.array(model.getSolution().row_dual, dtype=np.float64)
        return Cover(answer.value, dual[:n], dual[n:], column, answer.values[:count])
