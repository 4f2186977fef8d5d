"""Land, borders and state lines without a network: TopoJSON of Natural Earth and the Census.

The files are those of the npm packages `world-atlas` and `us-atlas`; the page draws them.
"""

from functools import cache
from pathlib import Path

from geo.errors import NotFoundError

FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "basemap"
ATTRIBUTION = "Natural Earth, U.S. Census Bureau"
_US_BOXES = (  # south, west, north, east: the contiguous states, Alaska in two parts, Hawaii
    (24.0, -125.5, 50.0, -66.0),
    (51.0, -190.0, 72.0, -129.0),
    (51.0, 170.0, 72.0, 190.0),
    (18.0, -161.0, 23.0, -154.0),
)


@cache
def world_topology() -> str:
    """Countries at 1:50 million, as JSON text."""
    return _read("countries-50m.json")


@cache
def states_topology() -> str:
    """States of the USA at 1:10 million, as JSON text."""
    return _read("states-10m.json")


def shows_states(south: float, west: float, north: float, east: float) -> bool:
    """Whether a map of these bounds needs the state lines of the USA (longitudes may run on)."""
    return any(
        south < top and north > bottom and west + turn < right and east + turn > left
        for bottom, left, top, right in _US_BOXES
        for turn in (-360.0, 0.0, 360.0)
    )


def _read(name: str) -> str:
    file = FOLDER / name
    if not file.is_file():
        raise NotFoundError(
            f"the basemap file {name} is missing",
            hint="reinstall Bailiwick: the file belongs to it, under data/basemap",
        )
    return file.read_text(encoding="utf-8")
