"""A map of territories as shapes on paper: SVG and PDF draw the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.basemap import shows_states
from app.maps.colours import territory_colours
from app.maps.outlines import (
    centre_longitude,
    label_point,
    make_outline,
    near_longitude,
    read_geometries,
)
from app.reports.borders import lines_in
from geo.arrays import Float
from sales.plan import PlanBundle

WIDTH = 640.0
_TALLEST = 460.0
_MARGIN = 0.06  # of the box, around what is shown
_FINE = 0.4  # pixels that an outline may be off
_CLOSE = 13.0  # pixels within which numbers share a mark
_ENOUGH, _FAR_OUT = 100, 0.01  # accounts, and the fraction of them that a plan's map may leave out


@dataclass(frozen=True)
class Area:
    """One territory: its rings, how it is filled, and whether it is the one in question."""

    rings: tuple[Float, ...]
    fill: str
    own: bool
    title: str


@dataclass(frozen=True)
class Mark:
    """Words, or a numbered or plain dot, at a place."""

    x: float
    y: float
    text: str
    kind: str  # label, number, dot


@dataclass(frozen=True)
class Drawing:
    """All of it in pixels, y downwards."""

    width: float
    height: float
    areas: tuple[Area, ...]
    lines: tuple[Float, ...]
    marks: tuple[Mark, ...]
    words: str  # for who cannot see it
    cropped: bool = False  # whether some of it lies beyond the edge


@dataclass(frozen=True)
class _Frame:
    west: float
    north: float
    across: float  # pixels a degree
    down: float

    def at(self, points: Float) -> Float:
        return np.column_stack(
            [(points[:, 0] - self.west) * self.across, (self.north - points[:, 1]) * self.down]
        )


def plan_drawing(bundle: PlanBundle) -> Drawing | None:
    """All territories of the bundle; None where it has no outlines."""
    shapes = _shapes(bundle)
    if not shapes:
        return None
    words = f"Map of {len(shapes)} territories with their ids."
    return _draw(bundle, shapes, None, (), words)


def territory_drawing(
    bundle: PlanBundle, territory: str, numbered: Sequence[tuple[float, float]]
) -> Drawing | None:
    """One territory among those around it that are in the bundle; its accounts as dots.

    `numbered` are the positions (lat, lng) of the accounts that the report lists.
    """
    shapes = _shapes(bundle)
    if territory not in shapes:
        return None
    words = f"Map of territory {territory} and those beside it, with the places of its accounts."
    return _draw(bundle, shapes, territory, numbered, words)


def _shapes(bundle: PlanBundle) -> dict[str, BaseGeometry]:
    ids = [str(t["id"]) for t in bundle.document["territories"]]
    polygons = read_geometries(bundle.outlines, ids)
    every = [p for parts in polygons.values() for p in parts]
    if not every:
        return {}
    longitudes = np.concatenate([np.array(p.exterior.coords)[:, 0] for p in every])
    centre = centre_longitude(longitudes)
    return {i: make_outline(parts, centre).geometry for i, parts in polygons.items() if parts}


def _draw(
    bundle: PlanBundle,
    shapes: Mapping[str, BaseGeometry],
    own: str | None,
    numbered: Sequence[tuple[float, float]],
    words: str,
) -> Drawing:
    shown = list(shapes.values()) if own is None else [shapes[own]]
    bounds = shapely.total_bounds(shown)
    west, south, east, north = _middle_of(bundle, bounds) if own is None else bounds
    frame, width, height = _frame(west, south, east, north)
    box = (
        frame.west, frame.north - height / frame.down, frame.west + width / frame.across,
        frame.north,
    )  # fmt: skip
    names = {str(t["id"]): str(t["name"]) for t in bundle.document["territories"]}
    colours = _colours(shapes)
    areas: list[Area] = []
    labels: list[tuple[float, Mark]] = []
    for territory, shape in shapes.items():
        part = shapely.clip_by_rect(shape, *box)
        if part.is_empty:
            continue
        fill = colours[territory] if own is None else ("#0072b2" if territory == own else "#dddddd")
        rings = _rings(part, frame)
        areas.append(Area(rings, fill, territory == own, f"{territory} {names[territory]}"))
        point = label_point(part)
        if point is not None and shapely.get_parts(part).size:
            (x, y) = frame.at(np.array([[point[1], point[0]]]))[0]
            if territory != own and 12 < x < width - 12 and 8 < y < height - 8:
                labels.append((part.area, Mark(float(x), float(y), territory, "label")))
    areas.sort(key=lambda area: area.own)  # its own border on top
    lines = [
        frame.at(line) for line in lines_in(*box, shows_states(box[1], box[0], box[3], box[2]))
    ]
    marks: list[Mark] = []
    if own is not None:
        numbers = _numbers(numbered, frame, (west + east) / 2)
        marks = [*_dots(bundle, own, frame, (west + east) / 2), *numbers]
    marks += _apart(labels)
    thin = [_thinned(line) for line in lines]
    cropped = own is None and bool(
        bounds[0] < box[0] or bounds[1] < box[1] or bounds[2] > box[2] or bounds[3] > box[3]
    )
    return Drawing(width, height, tuple(areas), tuple(thin), tuple(marks), words, cropped)


def _frame(west: float, south: float, east: float, north: float) -> tuple[_Frame, float, float]:
    """A box a little larger, in which a kilometre is as long either way in the middle."""
    squeeze = max(np.cos(np.radians((south + north) / 2)), 0.05)
    wide = max((east - west) * squeeze, 1e-3)
    tall = max(north - south, 1e-3)
    wide, tall = wide * (1 + 2 * _MARGIN), tall * (1 + 2 * _MARGIN)
    if tall / wide > _TALLEST / WIDTH:  # taller than the paper: show more to the sides
        scale = _TALLEST / tall
        wide = WIDTH / scale
    else:
        scale = WIDTH / wide
        tall = max(tall, wide * 0.45)
    middle_lng, middle_lat = (west + east) / 2, (south + north) / 2
    frame = _Frame(middle_lng - wide / squeeze / 2, middle_lat + tall / 2, scale * squeeze, scale)
    return frame, WIDTH, round(tall * scale, 1)


def _colours(shapes: Mapping[str, BaseGeometry]) -> dict[str, str]:
    ids = list(shapes)
    tree = shapely.STRtree(list(shapes.values()))
    pairs = tree.query(list(shapes.values()), predicate="dwithin", distance=1e-6).T.tolist()
    return dict(zip(ids, territory_colours(len(ids), [(a, b) for a, b in pairs]), strict=True))


def _rings(shape: BaseGeometry, frame: _Frame) -> tuple[Float, ...]:
    found = []
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            for ring in (part.exterior, *part.interiors):
                line = _thinned(frame.at(np.asarray(ring.coords)))
                if len(line) > 3:
                    found.append(line)
    return tuple(found)


def _thinned(line: Float) -> Float:
    return np.asarray(shapely.LineString(line).simplify(_FINE, preserve_topology=False).coords)


def _dots(bundle: PlanBundle, own: str, frame: _Frame, middle: float) -> list[Mark]:
    table = bundle.assignments
    here = table[(table["territory_id"] == own) & table["lat"].notna()]
    places = here[["lng", "lat"]].drop_duplicates().to_numpy(np.float64, copy=True)
    if not len(places):
        return []
    places[:, 0] = near_longitude(places[:, 0], middle)
    return [Mark(float(x), float(y), "", "dot") for x, y in frame.at(places)]


def _numbers(places: Sequence[tuple[float, float]], frame: _Frame, middle: float) -> list[Mark]:
    """The numbers of the listed accounts; those close together share a mark."""
    groups: list[tuple[float, float, list[int]]] = []
    for number, (lat, lng) in enumerate(places, 1):
        if not np.isfinite([lat, lng]).all():
            continue
        (x, y) = frame.at(np.array([[near_longitude(np.array(lng), middle), lat]]))[0].tolist()
        near = next((g for g in groups if abs(g[0] - x) < _CLOSE and abs(g[1] - y) < _CLOSE), None)
        if near is None:
            groups.append((x, y, [number]))
        else:
            near[2].append(number)
    return [Mark(x, y, ", ".join(map(str, numbers)), "number") for x, y, numbers in groups]


def _apart(labels: list[tuple[float, Mark]]) -> list[Mark]:
    """The labels of the larger areas, as far as they do not stand on each other."""
    kept: list[Mark] = []
    for _, mark in sorted(labels, key=lambda found: (-found[0], found[1].text)):
        half = 3.4 * len(mark.text)
        if all(
            abs(mark.x - k.x) > half + 3.4 * len(k.text) or abs(mark.y - k.y) > 11 for k in kept
        ):
            kept.append(mark)
    return kept


def _middle_of(bundle: PlanBundle, bounds: Float) -> tuple[float, float, float, float]:
    """The bounds, or where nearly all accounts are if that is much less (Alaska left out)."""
    west, south, east, north = (float(v) for v in bounds)
    places = bundle.assignments[["lng", "lat"]].dropna().to_numpy(np.float64, copy=True)
    if len(places) < _ENOUGH:
        return west, south, east, north
    places[:, 0] = near_longitude(places[:, 0], (west + east) / 2)
    (w, s), (e, n) = np.quantile(places, [_FAR_OUT, 1 - _FAR_OUT], axis=0).tolist()
    if (e - w) * (n - s) > 0.6 * (east - west) * (north - south):
        return west, south, east, north
    wide, tall = 0.05 * (e - w), 0.05 * (n - s)
    return max(w - wide, west), max(s - tall, south), min(e + wide, east), min(n + tall, north)
