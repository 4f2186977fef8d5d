"""Where an account lies in a plan: its cell and territory, and how far the borders are."""

import json
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float
from geo.sphere import EARTH_RADIUS_KM
from sales.ownership.delta import Weighed


@dataclass(frozen=True, slots=True)
class Border:
    """A territory beside the account's, and how far off its ground is; `cells` of it touch the
    account's cell, `steps` cells lie on the way (1: it touches, −1: out of reach)."""

    territory: str
    km: float
    cells: int
    steps: int


@dataclass(frozen=True)
class Place:
    """`unit` is the cell (or polygon unit), `territory` of the account and `ground` of its cell,
    which differ where it was moved by hand. `borders` nearest first."""

    unit: str
    territory: str
    ground: str
    lat: float | None
    lng: float | None
    precision: str
    in_cell: int
    borders: tuple[Border, ...]

    @property
    def nearest(self) -> Border | None:
        """The nearest other territory."""
        return self.borders[0] if self.borders else None


def place_of(weighed: Weighed, row: int, among: Collection[str] | None = None) -> Place | None:
    """Where the account of that row lies; None where it has no place on the map.

    Borders of all territories, or only `among` these.
    """
    board, state = weighed.board, weighed.state
    unit = int(board.unit_of_row[row])
    if unit < 0:
        return None
    line = board.bundle.assignments.iloc[row]
    lat, lng = float(line["lat"]), float(line["lng"])
    known = np.isfinite(lat) and np.isfinite(lng)
    here = (lat, lng) if known else (float(board.lat[unit]), float(board.lng[unit]))
    ground = int(state.labels[unit])
    graph = board.graph
    beside = state.labels[graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]]
    steps = weighed.hops(unit)
    shapes = outlines_of(weighed)
    borders = [
        Border(name, km_to(shapes[name], *here), int((beside == k).sum()), int(steps[k]))
        for k, name in enumerate(board.territories)
        if k != ground and name in shapes and (among is None or name in among)
    ]
    return Place(
        board.ids[unit], board.territories[weighed.owner_of(row)], board.territories[ground],
        lat if known else None, lng if known else None, str(line["precision"]),
        int((board.unit_of_row == unit).sum()),
        tuple(sorted(borders, key=lambda border: (border.km, border.territory))),
    )  # fmt: skip


def outlines_of(weighed: Weighed) -> dict[str, BaseGeometry]:
    """The outline of each territory in the state, as far as there are any."""
    board, state = weighed.board, weighed.state
    if board.bundle.document["units"] == "cells":
        from geo.cells.index import hex_to_cell
        from geo.cells.outlines import outlines

        cells = hex_to_cell(list(board.ids))
        order = np.argsort(cells)
        shapes = outlines(cells[order], state.labels[order], len(board.territories))
        return dict(zip(board.territories, shapes, strict=True))
    return {
        str(feature["id"]): shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in board.bundle.outlines["features"]
    }


def km_to(shape: BaseGeometry, lat: float, lng: float) -> float:
    """Kilometres from a position to a shape, 0 inside it.

    Measured in the azimuthal equidistant projection about the position, in which every distance
    from there is true; between two corners of an outline the edge is taken as straight in it.
    """
    projected = shapely.transform(shape, lambda points: _about(points, lat, lng))
    return float(shapely.distance(shapely.Point(0.0, 0.0), projected))


def _about(points: Float, lat: float, lng: float) -> Float:
    """Longitude and latitude (n, 2) as km east and north of the position."""
    phi, theta = np.radians(points[:, 1]), np.radians(points[:, 0] - lng)
    phi0 = np.radians(lat)
    east = np.cos(phi) * np.sin(theta)
    north = np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(theta)
    up = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(theta)
    flat = np.hypot(east, north)
    arc = np.arctan2(flat, up) * EARTH_RADIUS_KM
    scale = np.where(flat > 0, arc / np.where(flat > 0, flat, 1.0), EARTH_RADIUS_KM)
    return np.stack([east * scale, north * scale], axis=1)
