"""Laws of the search's parts: what is kept up to date equals what is computed anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.design.flips import anneal
from geo.design.local import contact_masks, may_leave
from geo.design.recombine import recombine
from geo.design.repair import heaviest_pieces
from geo.design.score import inertia, make_terms, neighbours, sums_of
from geo.design.start import round_diagram, start_diagram
from geo.measures.compactness import cut_edges, polsby_popper
from tests.design.markets import connected_everywhere, disc, path


def started(seed: int, rings: int = 10, territories: int = 8):
    problem = disc(rings, territories, seed=seed)
    labels = round_diagram(problem, start_diagram(problem, np.random.default_rng(seed)))
    mass = np.full(len(problem), territories / len(problem))
    terms = make_terms(problem, labels, mass, np.array([0.01]), 5.0)
    return problem, labels, terms, sums_of(terms, labels)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), hot=st.floats(0.01, 30))
def test_moves_keep_the_sums_the_pieces_and_the_units(seed: int, hot: float) -> None:
    problem, labels, terms, sums = started(seed % 7)
    graph = neighbours(problem.graph)
    state = np.array([seed], dtype=np.uint64)
    everywhere = np.ones(len(problem), dtype=bool)
    anneal(
        terms, graph, labels, sums, everywhere, proposals=3000, hot=hot, cold=hot / 9, state=state
    )
    active = np.arange(8, dtype=np.int32)
    recombine(
        terms, graph, labels, sums, active,
        rounds=30, trees=2, most=300, hot=hot, cold=hot / 9, state=state,
    )  # fmt: skip
    assert connected_everywhere(problem.graph, labels, 8)
    anew = sums_of(terms, labels)
    assert sums.load == pytest.approx(anew.load, abs=1e-9)
    assert sums.moment == pytest.approx(anew.moment, abs=1e-6)
    assert np.array_equal(sums.units, anew.units)


def test_units_that_may_not_move_stay() -> None:
    problem, labels, terms, sums = started(1)
    before = labels.copy()
    movable = before < 4
    anneal(
        terms, neighbours(problem.graph), labels, sums, movable,
        proposals=5000, hot=5.0, cold=1.0, state=np.array([3], dtype=np.uint64),
    )  # fmt: skip
    assert np.array_equal(labels[~movable], before[~movable])
    assert not np.array_equal(labels, before)


def test_cold_annealing_never_makes_it_worse() -> None:
    problem, labels, terms, sums = started(2)

    def energy() -> float:
        off = ((sums.load - terms.targets) / terms.targets) ** 2
        shape = terms.shape * inertia(terms, labels)
        border = terms.border * cut_edges(problem.graph, labels)
        return float(shape + border + (terms.strength * off).sum())

    before = energy()
    anneal(
        terms, neighbours(problem.graph), labels, sums, np.ones(len(problem), dtype=bool),
        proposals=20_000, hot=1e-9, cold=1e-12, state=np.array([3], dtype=np.uint64),
    )  # fmt: skip
    assert energy() < before


def test_middle_of_a_row_may_not_leave_and_its_end_may() -> None:
    graph = path([1, 1, 1, 1], 2).graph
    masks = contact_masks(graph.indptr, graph.indices)
    labels = np.array([0, 0, 0, 1], dtype=np.int32)
    may = [may_leave(i, labels, graph.indptr, graph.indices, masks) for i in range(4)]
    assert may == [True, False, True, False]


def test_heaviest_piece_is_kept_and_a_whole_plan_stays_as_it_is() -> None:
    problem = path([1, 5, 1, 1, 1], 2)
    labels = np.array([0, 0, 1, 0, 1], dtype=np.int32)
    kept = heaviest_pieces(problem.graph, labels, problem.activity[:, 0])
    assert kept.tolist() == [True, True, True, False, False]
    whole = np.array([0, 0, 1, 1, 1], dtype=np.int32)
    assert heaviest_pieces(problem.graph, whole, problem.activity[:, 0]).all()


def test_polsby_popper_of_one_hexagon_and_of_a_disc() -> None:
    problem = disc(30, 2)
    alone = np.zeros(len(problem), dtype=np.int32)
    disc_value = polsby_popper(problem.graph, alone, 1)[0]
    assert 0.65 < disc_value <= 0.69
    alone[100] = 1
    assert polsby_popper(problem.graph, alone, 2)[1] == pytest.approx(0.9069, abs=1e-4)
