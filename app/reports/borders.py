"""Coasts, countries and state lines of the basemap as plain lines."""

import json
from functools import cache

import numpy as np
import shapely

from app.maps.basemap import states_topology, world_topology
from geo.arrays import Float


def lines_in(west: float, south: float, east: float, north: float, states: bool) -> list[Float]:
    """The border lines that cross the box (longitudes may run on beyond ±180°), clipped to it."""
    found: list[Float] = []
    for line in _arcs("states" if states else "world"):
        middle = (line[:, 0].min() + line[:, 0].max()) / 2
        turn = 360.0 * round(((west + east) / 2 - middle) / 360.0)
        low, high = line.min(axis=0), line.max(axis=0)
        if low[0] + turn > east or high[0] + turn < west or low[1] > north or high[1] < south:
            continue
        shape = shapely.LineString(line + np.array([turn, 0.0]))
        clipped = shapely.clip_by_rect(shape, west, south, east, north)
        found += [
            np.asarray(part.coords)
            for part in shapely.get_parts(clipped)
            if isinstance(part, shapely.LineString)
        ]
    return found


@cache
def _arcs(which: str) -> tuple[Float, ...]:
    """All arcs of a TopoJSON in degrees; those that jump across ±180° are cut there."""
    topology = json.loads(states_topology() if which == "states" else world_topology())
    scale, offset = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Float] = []
    for arc in topology["arcs"]:
        points = np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + offset
        cuts = np.flatnonzero(np.abs(np.diff(points[:, 0])) > 180.0) + 1
        arcs += [part for part in np.split(points, cuts) if len(part) > 1]
    return tuple(arcs)
