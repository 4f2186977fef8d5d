"""Polygons as users bring them: corners that nearly meet, and neighbours across a corner."""

import numpy as np
import pytest
from shapely import Polygon, box
from shapely.geometry import shape

from geo.formats.geojson import feature
from geo.polygons import border_edges, dissolve


def grid(noise: float) -> list[Polygon]:
    """Nine squares of a tenth of a degree, their corners off by up to `noise`."""
    rng = np.random.default_rng(1)

    def off() -> float:
        return float(rng.uniform(-noise, noise))

    return [
        box(
            8 + 0.1 * x + off(), 50 + 0.1 * y + off(), 8.1 + 0.1 * x + off(), 50.1 + 0.1 * y + off()
        )
        for y in range(3)
        for x in range(3)
    ]


@pytest.mark.parametrize("noise", [0.0, 1e-12])
def test_a_shared_side_joins_and_a_corner_does_not(noise: float) -> None:
    pairs = {tuple(pair) for pair in border_edges(grid(noise)).tolist()}
    assert (0, 1) in pairs
    assert (0, 3) in pairs
    assert (0, 4) not in pairs
    assert len(pairs) == 12


@pytest.mark.parametrize("noise", [0.0, 1e-15, 1e-12])
def test_outlines_of_corners_off_in_the_last_digit_are_valid_and_apart(noise: float) -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=np.int32)
    written = [
        shape(feature(k, outline, {})["geometry"])
        for k, outline in enumerate(dissolve(grid(noise), labels, 2))
    ]
    assert all(outline.is_valid and outline.geom_type == "Polygon" for outline in written)
    assert written[0].intersection(written[1]).area == 0
    assert sum(outline.area for outline in written) == pytest.approx(0.09)
