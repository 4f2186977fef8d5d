from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from app.maps.colours import PALETTE, territory_colours

# Viénot, Brettel & Mollon (1999): what a colour-blind eye sees, in linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]
    ),
    "deuteranopia": np.array(
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]
    ),
}


@given(st.integers(4, 60), st.integers(0, 2**32 - 1))
def test_neighbours_differ_and_a_planar_map_needs_no_more_than_the_palette(
    count: int, seed: int
) -> None:
    corners = Delaunay(np.random.default_rng(seed).random((count, 2))).simplices
    pairs = {(int(a), int(b)) for corner in corners for a, b in combinations(sorted(corner), 2)}
    colours = territory_colours(count, pairs)
    assert all(colours[a] != colours[b] for a, b in pairs)
    assert len(set(colours)) <= 6


def test_a_tangle_that_needs_more_colours_than_there_are_still_gets_some() -> None:
    everyone = list(nx.complete_graph(12).edges)
    assert set(territory_colours(12, everyone)) == set(PALETTE)


@pytest.mark.parametrize("sight", SIGHT)
def test_the_first_six_colours_can_be_told_apart(sight: str) -> None:
    seen = [_lab(SIGHT[sight] @ _linear(colour)) for colour in PALETTE[:6]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 10


def _linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.clip(np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089], 0, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
