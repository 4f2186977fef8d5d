"""Made markets are the same each time, connected, and as heavy as they say."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.instances import CATALOGUE, SCALING, Instance, from_file
from benchmarks.instances.hexagons import contiguous_us, country
from benchmarks.instances.polygons import voronoi
from benchmarks.instances.potential import account_potential, with_hot_spot
from geo.cells.graph import BRIDGE

US = partial(contiguous_us, "us", "", resolution=2, territories=4, accounts=500)
GREECE = partial(
    country, "greece", "", iso="300", resolution=4, territories=3, accounts=500, dense=0.4
)
POLYGONS = partial(voronoi, "polygons", "", iso="250", units=60, territories=4, accounts=500)


@pytest.mark.parametrize("make", [US, GREECE, POLYGONS])
def test_the_seed_decides_all(make: Callable[..., Instance]) -> None:
    one, same, other = make(seed=1), make(seed=1), make(seed=2)
    for name in ("lat", "lng", "activity", "targets"):
        first, second = getattr(one.problem, name), getattr(same.problem, name)
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(one.problem.graph.indices, same.problem.graph.indices)
    assert one.outlines == same.outlines
    assert not np.array_equal(one.problem.activity, other.problem.activity)


def test_the_lower_48_are_one_piece_without_bridges() -> None:
    problem = US(seed=1).problem
    assert (problem.graph.kind != BRIDGE).all()
    assert problem.lat.max() < 52
    assert problem.lat.min() > 22


def test_islands_are_joined() -> None:
    assert (GREECE(seed=1).problem.graph.kind == BRIDGE).any()


def test_every_polygon_is_a_unit() -> None:
    made = POLYGONS(seed=1)
    assert len(made.problem) == len(made.outlines) == 60


def test_a_hot_spot_holds_the_share_it_was_given() -> None:
    hot = with_hot_spot(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), territories=4, share=1.4)
    np.testing.assert_allclose(hot[4], 1.4 * hot.sum() / 4)
    np.testing.assert_array_equal(hot[:4], [1, 2, 3, 4])


def test_denser_cities_have_heavier_centres() -> None:
    lat, lng = map(np.ravel, np.meshgrid(np.arange(30, 45, 0.2), np.arange(-120, -80, 0.2)))
    heaviest = [
        account_potential(
            lat, lng, np.random.default_rng(3), accounts=20_000, area_km2=8.1e6, dense=dense
        ).max()
        for dense in (1.0, 8.0)
    ]
    assert heaviest[1] > heaviest[0]


def test_names_are_unique_and_the_sizes_are_there() -> None:
    assert set(SCALING) <= set(CATALOGUE)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    problem = US(seed=1).problem
    path = tmp_path / "mine.npz"
    np.savez(
        path, lat=problem.lat, lng=problem.lng, w=problem.activity[:, 0],
        indptr=problem.graph.indptr, indices=problem.graph.indices, K=problem.territories,
    )  # fmt: skip
    read = from_file(path)
    assert read.name == "mine"
    assert read.problem.territories == 4
    np.testing.assert_array_equal(read.problem.activity, problem.activity)
