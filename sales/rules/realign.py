"""The alignment laid over the new market's units, and what is kept or lost account by account."""

from dataclasses import dataclass
from typing import Literal

import h3
import numpy as np

from geo.arrays import Float, Int
from geo.design.disruption import Kept
from geo.design.problem import Incumbent
from sales.ground import Ground, account_measures
from sales.rules.alignment import Alignment
from sales.rules.identity import Identity
from sales.rules.places import Places, account_owners

_COUNT = 1e-9  # what an account without any weight counts beside the largest


@dataclass(frozen=True, eq=False)
class Holdings:
    """Who had what: one entry for each account of the input, or for each unit where there are none.

    `had` the alignment's territory, -1 none; `weight` ≥ 0 of `measure`; `unit` -1 for an account
    without a place.
    """

    had: Int
    weight: Float
    unit: Int
    measure: str

    def worth(self, territories: int) -> Float:
        """The weight that each of the alignment's territories has in this market, (K)."""
        here = (self.had >= 0) & (self.unit >= 0)
        total = np.bincount(self.had[here], self.weight[here], territories)
        return np.asarray(total, dtype=np.float64)


def holdings(
    alignment: Alignment,
    places: Places,
    measure: str,
    by: Literal["potential", "accounts"] = "potential",
) -> Holdings:
    """Look every account (or unit) up in the alignment; `measure` is that of cells and units.

    Accounts are weighed `by` potential, or each the same.
    """
    ground = places.ground
    if ground.located is None:
        had = np.array([alignment.units.get(name, -1) for name in ground.ids], dtype=np.int64)
        if ground.cells is not None and alignment.exact:
            had = np.where(had >= 0, had, _by_cell(ground, alignment))
        weight = ground.activity[:, ground.measures.index(measure)].copy()
        return Holdings(had, weight, np.arange(len(had)), measure)
    had = account_owners(places, dict(alignment.accounts))
    weight = account_measures(ground.located.accounts)[by]
    return Holdings(had, np.round(weight, 6), ground.account_unit, by)


@dataclass(frozen=True, eq=False)
class Realignment:
    """What the solver starts from, and `kept`, what is disrupted account by account."""

    incumbent: Incumbent
    kept: Kept


def realignment(
    places: Places,
    alignment: Alignment,
    held: Holdings,
    identity: Identity,
    max_disruption: float | None,
) -> Realignment:
    """A unit's incumbent is the territory that holds most of its weight, among those that live on.

    Units that several territories share lose the others' weight whatever is done: it comes off the
    budget, so that `max_disruption` (a fraction of all accounts' weight) is kept by account.
    """
    ground = places.ground
    n, p = len(ground.ids), len(identity.ids)
    living = identity.living(len(alignment.territories))
    here = (held.had >= 0) & (held.unit >= 0)
    unit, had, weight = held.unit[here], held.had[here], held.weight[here]
    tiny = _COUNT * max(float(weight.max(initial=0.0)), 1.0)
    label = _majority(unit, had, weight + tiny, n, len(alignment.territories))
    label = _everywhere(ground, alignment, label)
    labels = np.where(label >= 0, living[np.maximum(label, 0)], -1).astype(np.int32)
    now = living[had]
    stays = now >= 0
    key, at = np.unique(unit[stays] * p + now[stays], return_inverse=True)
    kept = Kept(key // p, key % p, np.bincount(at, weight[stays], len(key)).astype(np.float64))
    own = labels[kept.unit] == kept.territory
    base = np.zeros(n)
    base[kept.unit[own]] = kept.weight[own]
    budget = np.inf
    if max_disruption is not None:
        lost = kept.total - float(base.sum())
        budget = max(0.0, (max_disruption * kept.total - lost) / max(float(base.sum()), 1e-300))
    return Realignment(
        Incumbent(labels, base, min(budget, 1.0) if budget < np.inf else budget), kept
    )


def _majority(unit: Int, had: Int, weight: Float, n: int, territories: int) -> Int:
    """The territory with most weight in each unit, -1 where none has any, (n)."""
    key, at = np.unique(unit * territories + had, return_inverse=True)
    total = np.bincount(at, weight, len(key))
    order = np.lexsort((key, -total, key // territories))
    first = order[np.unique((key // territories)[order], return_index=True)[1]]
    label = np.full(n, -1, dtype=np.int64)
    label[key[first] // territories] = key[first] % territories
    return label


def _everywhere(ground: Ground, alignment: Alignment, label: Int) -> Int:
    """Units without accounts: by the plan's own cells or units, else as the nearest unit has it."""
    if alignment.units:
        own = np.array([alignment.units.get(name, -1) for name in ground.ids], dtype=np.int64)
        label = np.where(label >= 0, label, own)
        if ground.cells is not None and (label < 0).any():
            label = np.where(label >= 0, label, _by_cell(ground, alignment))
    known = np.flatnonzero(label >= 0)
    if len(known) in (0, len(label)):
        return label
    return label[_nearest(ground, known)]


def _by_cell(ground: Ground, alignment: Alignment) -> Int:
    """Where the resolution differs: by the old cell around the new one, or most of those in it."""
    cells = [name for name in alignment.units if h3.is_valid_cell(name)]
    levels = {h3.get_resolution(name) for name in cells}
    votes: dict[str, dict[int, int]] = {}
    own = {h3.get_resolution(name) for name in ground.ids}
    for name in cells:
        for level in own:
            if level < h3.get_resolution(name):
                vote = votes.setdefault(h3.cell_to_parent(name, level), {})
                vote[alignment.units[name]] = vote.get(alignment.units[name], 0) + 1
    found = np.full(len(ground.ids), -1, dtype=np.int64)
    for at, name in enumerate(ground.ids):
        for level in levels:
            if level < h3.get_resolution(name):
                found[at] = max(found[at], alignment.units.get(h3.cell_to_parent(name, level), -1))
        if found[at] < 0 and name in votes:
            found[at] = max(votes[name].items(), key=lambda item: (item[1], -item[0]))[0]
    return found


def _nearest(ground: Ground, known: Int) -> Int:
    """For each unit one of `known` that is fewest steps away in the graph, (n)."""
    rows, columns = ground.graph.rows, ground.graph.indices
    source = np.full(len(ground.ids), -1, dtype=np.int64)
    source[known] = known
    while (source < 0).any():
        step = (source[rows] >= 0) & (source[columns] < 0)
        reached = np.full(len(source), len(source), dtype=np.int64)
        np.minimum.at(reached, columns[step], source[rows[step]])
        new = reached < len(source)
        source[new] = reached[new]
    return source
