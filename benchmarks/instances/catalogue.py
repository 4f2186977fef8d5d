"""The markets of the suite by name; each is made when asked for, the same one each time."""

from collections.abc import Callable, Mapping
from functools import partial

from benchmarks.instances.hexagons import contiguous_us, country
from benchmarks.instances.polygons import voronoi
from benchmarks.instances.types import Instance

_MAKERS: tuple[partial[Instance], ...] = (
    partial(
        contiguous_us, "US-S", "lower 48, H3 resolution 4",
        resolution=4, territories=20, accounts=100_000, seed=1,
    ),
    partial(
        contiguous_us, "US-M", "lower 48, H3 resolution 5",
        resolution=5, territories=100, accounts=200_000, seed=2,
    ),
    partial(
        contiguous_us, "US-L", "lower 48, H3 resolution 6",
        resolution=6, territories=300, accounts=1_000_000, seed=3,
    ),
    partial(
        contiguous_us, "US-XL", "lower 48, H3 resolution 7",
        resolution=7, territories=1000, accounts=5_000_000, seed=4,
    ),
    partial(
        contiguous_us, "US-hot", "as US-M, but one cell holds 140 % of a target",
        resolution=5, territories=100, accounts=200_000, seed=5, dense=2.0, hottest=1.4,
    ),
    partial(
        contiguous_us, "US-sparse", "as US-M, but nine cells in ten are empty",
        resolution=5, territories=50, accounts=4_000, seed=6,
    ),
    partial(
        country, "Germany", "H3 resolution 6", iso="276",
        resolution=6, territories=80, accounts=100_000, seed=7, dense=0.4,
    ),
    partial(
        country, "Brazil", "H3 resolution 5, a third of the cells empty", iso="076",
        resolution=5, territories=60, accounts=150_000, seed=8, dense=1.0,
    ),
    partial(
        country, "Greece", "islands joined by bridges, H3 resolution 6", iso="300",
        resolution=6, territories=25, accounts=50_000, seed=9, dense=0.4,
    ),
    partial(
        country, "Indonesia", "islands joined by bridges, H3 resolution 5", iso="360",
        resolution=5, territories=40, accounts=100_000, seed=10, dense=0.6,
    ),
    partial(
        country, "Philippines", "islands joined by bridges, H3 resolution 6", iso="608",
        resolution=6, territories=30, accounts=100_000, seed=11, dense=0.6,
    ),
    partial(
        voronoi, "France-polygons", "Voronoi polygons that share borders", iso="250",
        units=3000, territories=30, accounts=60_000, seed=12,
    ),
)  # fmt: skip

CATALOGUE: Mapping[str, Callable[[], Instance]] = {maker.args[0]: maker for maker in _MAKERS}

SCALING = ("US-S", "US-M", "US-L", "US-XL")
QUICK = SCALING[:2]


def make(name: str) -> Instance:
    """The market of that name."""
    return CATALOGUE[name]()
