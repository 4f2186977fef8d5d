"""The map that is judged: the plan itself, or an alignment laid over the same cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from geo.arrays import Bool, Float, Int, Int32
from geo.cells.graph import CellGraph
from geo.errors import InputError
from sales.ensemble.valid import ACCOUNTS, Field
from sales.rules.alignment import Alignment, Held, keys_of


@dataclass(frozen=True, eq=False)
class Today:
    """K territories: who has each account, and each unit.

    `labels` int32 (n): a unit is whose who has most of its first measure, an empty one that of the
    nearest unit with accounts; `load`, `targets` (K, q); `book` (K, n) the share of each unit's
    accounts' worth that a territory has. `split` accounts that are not with their unit's owner,
    `pieces` territories that do not hang together, `unknown` accounts of the plan that nobody has,
    `left` those of reps who are not among the plan's.
    """

    names: tuple[str, ...]
    reps: tuple[str, ...]
    labels: Int32
    load: Float
    targets: Float
    book: Float
    split: int
    pieces: int
    unknown: int
    left: int
    source: str


def today_of(field: Field) -> Today:
    """The plan itself."""
    board, p = field.board, len(field.board.territories)
    own = np.zeros((p, len(field.start)))
    own[field.start, np.arange(len(field.start))] = 1.0
    territories = board.bundle.document["territories"]
    return Today(
        tuple(t["name"] for t in territories), tuple(t["rep"] for t in territories), field.start,
        own @ field.activity, field.targets, own, 0, 0, 0, 0, "the plan",
    )  # fmt: skip


def today_from(field: Field, alignment: Alignment, worth: Float | None = None) -> Today:
    """An alignment on the plan's cells, matched by account, or by unit where it names units only.

    `worth` (accounts, q of the plan's measures) of the rows of the assignments; without it the
    first measure is as the plan's files say, and an even share of the unit for the others. Raises
    InputError where hardly anything matches.
    """
    board, n, all_of_them = field.board, len(field.start), len(alignment.territories)
    q = len(field.measures)
    if len(board.bundle.assignments) and alignment.accounts:
        unit, had, weight = _by_account(field, alignment, worth)
    else:
        unit = np.arange(n)
        had = np.array([alignment.units.get(name, -1) for name in board.ids], dtype=np.int64)
        weight = field.activity
    stays = _on_the_roster(field, alignment)
    kept = np.flatnonzero(stays)
    left = int(((had >= 0) & ~stays[had]).sum())
    renumbered = np.full(all_of_them + 1, -1)
    renumbered[kept] = np.arange(len(kept))
    had, k = renumbered[had], len(kept)
    territories = [alignment.territories[i] for i in kept.tolist()]
    known = (had >= 0) & (unit >= 0)
    if known.sum() < max(1, 0.1 * len(had)):
        raise InputError(
            f"{alignment.source} names {int(known.sum())} of the plan's {len(had)} accounts",
            hint="The ids must be those of the plan; name their column with --column.",
        )
    unit, had, weight = unit[known], had[known], weight[known]
    load = np.zeros((k, q))
    np.add.at(load, had, weight)
    held = np.zeros((k, n))
    np.add.at(held, (had, unit), weight[:, 0] + 1e-9 * max(float(weight[:, 0].max()), 1.0))
    owned = held.sum(axis=0) > 0
    labels = _spread(board.graph, np.where(owned, held.argmax(axis=0), -1))
    book = held / np.where(owned, held.sum(axis=0), 1.0)
    return Today(
        tuple(h.name or h.territory_id or f"{at}" for at, h in enumerate(territories, 1)),
        tuple(_rep(h) for h in territories), labels, load, _targets(field, territories), book,
        int((labels[unit] != had).sum()),
        _broken(board.graph, labels, k), int((~known).sum()) - left, left,
        alignment.source,
    )  # fmt: skip


def _by_account(field: Field, alignment: Alignment, worth: Float | None) -> tuple[Int, Int, Float]:
    board = field.board
    keys = keys_of(board.bundle.assignments["account_id"].tolist())
    had = np.array([alignment.accounts.get(key, -1) for key in keys], dtype=np.int64)
    weight = board.worth.copy() if worth is None else worth.copy()
    postcodes = board.bundle.postcodes
    if worth is None and postcodes is not None:
        weight[:, 0] = np.nan_to_num(postcodes["weight"].to_numpy(np.float64))
    if field.measures[-1] == ACCOUNTS and ACCOUNTS not in board.measures:
        weight = np.column_stack([weight, np.ones(len(weight))])
    return board.unit_of_row, had, weight


def _rep(held: Held) -> str:
    return held.rep.rep_id if held.rep else ""


def _capacities(field: Field) -> dict[str, float]:
    return {r["rep_id"]: float(r["capacity"]) for r in field.board.bundle.document["reps"]}


def _on_the_roster(field: Field, alignment: Alignment) -> Bool:
    """Territories whose rep is among the plan's; all, where most are not (other names are used)."""
    roster = _capacities(field)
    there = np.array([_rep(h) in roster for h in alignment.territories], dtype=np.bool_)
    return there if there.mean() > 0.5 else np.ones(len(there), np.bool_)


def _targets(field: Field, territories: Sequence[Held]) -> Float:
    """In proportion to the capacities of the plan's reps, or equal where they do not fit."""
    capacity = _capacities(field)
    reps = [_rep(h) for h in territories]
    share = np.ones(len(reps))
    if all(rep in capacity for rep in reps) and len(set(reps)) == len(reps):
        share = np.array([capacity[rep] for rep in reps])
    return np.outer(share / share.sum(), field.activity.sum(axis=0))


def _spread(graph: CellGraph, labels: Int) -> Int32:
    """Units without an owner (-1) get that of the nearest unit that has one, step by step."""
    spread: Int32 = labels.astype(np.int32)
    rows = graph.rows
    while (spread < 0).any():
        reach = (spread[rows] < 0) & (spread[graph.indices] >= 0)
        if not reach.any():
            break
        # the last of several neighbours counts, always the same one
        spread[rows[reach]] = spread[graph.indices[reach]]
    return spread


def _broken(graph: CellGraph, labels: Int32, k: int) -> int:
    """Territories in more than one piece."""
    count = 0
    for territory in range(k):
        own = np.flatnonzero(labels == territory)
        if len(own):
            inner = graph.matrix()[own][:, own]
            count += int(connected_components(inner, directed=False)[0]) > 1
    return count


def rep_homes(field: Field) -> tuple[list[dict[str, Any]], Int, Bool]:
    """The plan's reps whose home is known, the unit it lies in (or the nearest), and if it does."""
    reps = [r for r in field.board.bundle.document["reps"] if r["lat"] is not None]
    found = [_unit_at(field, float(r["lat"]), float(r["lng"])) for r in reps]
    return (
        reps,
        np.array([unit for unit, _ in found], dtype=np.int64),
        np.array([inside for _, inside in found], dtype=np.bool_),
    )


def _unit_at(field: Field, lat: float, lng: float) -> tuple[int, bool]:
    import h3

    from geo.sphere import distance_km

    board = field.board
    if board.bundle.document["units"] == "cells":
        for level in _levels(board.ids):
            unit = board.unit_at.get(h3.latlng_to_cell(lat, lng, level))
            if unit is not None:
                return unit, True
    return int(np.argmin(distance_km(board.lat, board.lng, np.array(lat), np.array(lng)))), False


def _levels(ids: Sequence[str]) -> list[int]:
    return sorted({int(name[1], 16) for name in ids}, reverse=True)
