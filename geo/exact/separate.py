"""What a solution of the Hess model gets wrong, as rows that forbid it to all but no plan."""

from collections.abc import Iterator

import numpy as np

from geo.arrays import Bool, Float
from geo.exact.connect import around, pieces_of, separator
from geo.exact.hess import HessModel
from geo.exact.highs import INF, add_row
from geo.exact.instance import Instance

_VIOLATED = 0.01
Cut = tuple[float, list[int], list[float]]  # low, columns, values: low ≤ Σ value·x


def add_cuts(hess: HessModel, cuts: list[Cut]) -> int:
    """Add the rows; how many there were."""
    for low, columns, values in cuts:
        add_row(hess.model, low, INF, np.array(columns), np.array(values))
    return len(cuts)


def cuts_of_whole(instance: Instance, hess: HessModel, x: Float, y: Float) -> list[Cut]:
    """Rows that a solution in whole numbers violates; none if it is a plan."""
    cuts: list[Cut] = []
    center = x.argmax(axis=1)
    for j in np.unique(center).tolist():
        inside = center == j
        for piece in pieces_of(instance.graph, inside):
            if not piece[j]:
                cuts += _apart(instance, hess, piece)
        cuts += _overfull(instance, hess, inside, j, int(y[j].argmax()))
    return cuts


def _apart(instance: Instance, hess: HessModel, piece: Bool) -> Iterator[Cut]:
    """The piece stays away from every centre outside, unless something leads there."""
    ring = around(instance.graph, piece)
    centers = np.flatnonzero((np.diag(hess.column) >= 0) & ~piece & ~ring)
    for j in centers.tolist():
        between = separator(instance.graph, piece, j)
        way = [c for c in hess.column[between, j].tolist() if c >= 0]
        for column in hess.column[piece, j].tolist():
            if column >= 0:
                yield 0.0, [column, *way], [-1.0, *([1.0] * len(way))]


def _overfull(
    instance: Instance, hess: HessModel, inside: Bool, j: int, kind: int
) -> Iterator[Cut]:
    """Loads that the program's tolerances let pass, and that are yet beyond a limit."""
    load = instance.load(inside)
    if (load > instance.high.max(axis=0)).any():
        columns = hess.column[inside, j].tolist()
        yield 1.0 - len(columns), columns, [-1.0] * len(columns)
    elif (load < instance.low.min(axis=0)).any():
        columns = [c for c in hess.column[~inside, j].tolist() if c >= 0]
        yield 0.0, [*columns, int(hess.column[j, j])], [*([1.0] * len(columns)), -1.0]
    elif not instance.fits(inside, kind):
        # Of several kinds: neither these units, nor more or fewer of them, prove anything.
        own = [c for c in hess.column[inside, j].tolist() if c >= 0]
        others = [c for c in hess.column[~inside, j].tolist() if c >= 0]
        kinds = len(instance.count)
        choice = len(hess.unit) + j * kinds + kind
        yield (
            -float(len(own)),
            [*own, *others, choice],
            [*([-1.0] * len(own)), *([1.0] * len(others)), -1.0],
        )


def cuts_of_fraction(instance: Instance, hess: HessModel, x: Float) -> list[Cut]:
    """Violated separators of a fractional solution, found among its supports at three levels."""
    cuts: dict[tuple[int, ...], Cut] = {}
    for j in np.flatnonzero(np.diag(x) > 1e-6).tolist():
        for level in (1e-6, 0.2 * x[j, j], 0.5 * x[j, j]):
            for piece in pieces_of(instance.graph, x[:, j] > level):
                ring = around(instance.graph, piece)
                if piece[j] or ring[j]:
                    continue
                between = separator(instance.graph, piece, j)
                passing = float(x[between, j].sum())
                way = [c for c in hess.column[between, j].tolist() if c >= 0]
                for unit in np.flatnonzero(piece & (x[:, j] > passing + _VIOLATED)).tolist():
                    columns = [int(hess.column[unit, j]), *way]
                    cuts[tuple(columns)] = 0.0, columns, [-1.0, *([1.0] * len(way))]
    return list(cuts.values())
