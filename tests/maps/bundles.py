"""Plans made up for the map's tests: real geography, invented accounts, nearest centres."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import antimeridian
import h3
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from geo.cells.index import hex_to_cell
from geo.cells.outlines import outlines
from geo.sphere import to_xyz
from sales.plan import ASSIGNMENT_COLUMNS, BRIDGE_COLUMNS, REVIEW_COLUMNS, PlanBundle

HOSTILE = (
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "<!--<script>",
    "${window.pwned=1}",
    "`${window.pwned=1}`",
    "'-(window.pwned=1)-'",
    '"onmouseover="window.pwned=1',
    "{{ 7*7 }}{% raw %}{# x #}",
    "javascript:window.pwned=1",
    "&lt;b&gt;&amp;#60;",
    "\\u003cimg src=x onerror=window.pwned=1>\\",
    "line\u2028separator\u2029end",
    "right\u202eto left",
    "Zoë 株式会社 🦊 " + "long " * 80,
    "\ud83d alone",
    "nul\x00bell\x07",
    "__proto__",
    "constructor",
    " ",
)

# The contiguous United States, roughly.
CONTIGUOUS_US = (
    (48.9, -123.0), (48.9, -95.0), (46.6, -90.5), (46.4, -84.8), (43.2, -82.6), (41.6, -83.2),
    (43.3, -79.0), (45.0, -74.8), (47.2, -68.5), (44.8, -67.2), (41.6, -70.2), (40.6, -73.9),
    (35.3, -75.8), (32.0, -81.0), (25.4, -80.4), (27.0, -82.4), (30.0, -84.2), (29.3, -90.0),
    (29.4, -94.8), (26.0, -97.3), (29.2, -102.8), (31.6, -106.4), (31.4, -111.0), (32.6, -117.1),
    (34.5, -120.5), (40.3, -124.2), (46.3, -123.9),
)  # fmt: skip
HAWAII = {
    "Kauaʻi": (22.05, -159.55, 3),
    "Oʻahu": (21.48, -158.0, 4),
    "Maui": (20.8, -156.35, 4),
    "Hawaiʻi": (19.6, -155.5, 9),
}


def disk(lat: float, lng: float, resolution: int, rings: int) -> list[str]:
    """The cells within `rings` of a place."""
    return sorted(h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), rings))


def country(resolution: int = 5, most: int | None = None) -> list[str]:
    """Cells of the contiguous United States, the most easterly ones when `most` is given."""
    cells = list(h3.polygon_to_cells(h3.LatLngPoly(CONTIGUOUS_US), resolution))
    cells.sort(key=lambda cell: -h3.cell_to_latlng(cell)[1])
    return sorted(cells[:most])


def city_bundle(**changes: Any) -> PlanBundle:
    """Four territories around Denver with 60 accounts."""
    return bundle(disk(39.74, -104.99, 7, 12), 4, 60, **changes)


def islands_bundle() -> PlanBundle:
    """Hawaii: two territories, islands joined by bridges from middle to middle."""
    homes = [disk(lat, lng, 6, rings) for lat, lng, rings in HAWAII.values()]
    middles = [h3.latlng_to_cell(lat, lng, 6) for lat, lng, _ in HAWAII.values()]
    pairs = list(pairwise(middles))
    cells = sorted(cell for home in homes for cell in home)
    return bundle(cells, 2, 40, bridges=pairs)


def fiji_bundle() -> PlanBundle:
    """Three territories on either side of ±180°."""
    return bundle(disk(-17.0, 179.7, 6, 14), 3, 50)


def bundle(
    cells: Sequence[str],
    territories: int,
    accounts: int,
    *,
    seed: int = 0,
    names: Sequence[str] = (),
    bridges: Sequence[tuple[str, str]] = (),
    review: int = 5,
) -> PlanBundle:
    """A plan over `cells`. `names` go round among territories, reps, accounts and review lines."""
    rng = np.random.default_rng(seed)
    where = np.array([h3.cell_to_latlng(cell) for cell in cells])
    points = to_xyz(where[:, 0], where[:, 1])
    centre_of = _centres(points, territories, rng)
    owner = np.argmin(
        np.stack([((points - points[c]) ** 2).sum(axis=1) for c in centre_of], axis=1), axis=1
    )

    def name(number: int, otherwise: str) -> str:
        return names[number % len(names)] if names else otherwise

    at = rng.integers(0, len(cells), accounts)
    worth = np.round(rng.lognormal(9, 1.2, accounts), 2)
    potential = np.bincount(at, weights=worth, minlength=len(cells))
    workload = np.bincount(at, minlength=len(cells)) * 12.0
    totals = np.bincount(owner, weights=potential, minlength=territories)
    hours = np.bincount(owner, weights=workload, minlength=territories)
    target = float(totals.mean())
    ids = [f"T{t + 1:02d}" for t in range(territories)]
    reps = [
        {
            "rep_id": f"R{t + 1:02d}",
            "name": name(t + 1, f"Rep {t + 1} Lindqvist"),
            "capacity": 1.0,
            "lat": float(where[centre_of[t], 0]) if t % 3 else None,
            "lng": float(where[centre_of[t], 1]) if t % 3 else None,
            "territory": ids[t],
        }
        for t in range(territories)
    ]
    rows = [
        {
            "id": ids[t],
            "name": name(t, f"Territory {t + 1}"),
            "rep": f"R{t + 1:02d}",
            "target": round(target, 2),
            "potential": round(float(totals[t]), 2),
            "workload": float(hours[t]),
            "deviations": {"workload": float(hours[t] / hours.mean() - 1)},
            "deviation": (float(totals[t]) - target) / target,
            "accounts": int((owner[at] == t).sum()),
            "cells": int((owner == t).sum()),
            "contiguous": True,
            "center": {
                "lat": float(where[centre_of[t], 0]),
                "lng": float(where[centre_of[t], 1]),
            },
        }
        for t in range(territories)
    ]
    assignments = pd.DataFrame(
        {
            "account_id": [f"A{k:06d}" for k in range(accounts)],
            "territory_id": [ids[owner[i]] for i in at],
            "rep": [f"R{owner[i] + 1:02d}" for i in at],
            "segment": "all",
            "cell": [cells[i] for i in at],
            "lat": np.round(where[at, 0] + rng.normal(0, 0.004, accounts), 6),
            "lng": np.round(where[at, 1] + rng.normal(0, 0.004, accounts), 6),
            "precision": rng.choice(["given", "street", "postcode", "city"], accounts),
            "rule": "geography",
        }
    )
    # The last `review` accounts belong to nobody; every other one has no position either.
    for k in range(accounts - review, accounts):
        assignments.loc[k, ["territory_id", "rep", "cell"]] = ""
        if k % 2:
            assignments.loc[k, ["lat", "lng"]] = np.nan
            assignments.loc[k, "precision"] = "none"
    lines = [
        (
            k + 2,
            f"A{k:06d}",
            "postal_code",
            "not_located" if k >= accounts - review else "doubtful_value",
            _utf8(name(k, "Neither address nor position was understood")),
            _utf8(name(k + 1, "give a latitude and longitude, or a complete address")),
        )
        for k in [*range(min(3, accounts - review)), *range(accounts - review, accounts)]
    ]
    return PlanBundle(
        document={
            "format": "bailiwick-plan/1",
            "territories": rows,
            "summary": {
                "territories": territories,
                "accounts": accounts,
                "assigned": accounts - review,
                "review": len(lines),
                "max_deviation": max(abs(row["deviation"]) for row in rows),  # type: ignore[arg-type]
                "bridges": len(bridges),
            },
            "violations": [],
            "measures": ["potential", "workload"],
            "reps": reps,
            "units": "cells",
            "tolerance": {"potential": 0.05},
        },
        assignments=assignments[list(ASSIGNMENT_COLUMNS)],
        units=pd.DataFrame(
            {
                "cell": list(cells),
                "territory_id": [ids[t] for t in owner],
                "potential": potential,
                "workload": workload,
            }
        ),
        bridges=pd.DataFrame([(a, b, 40.0) for a, b in bridges], columns=list(BRIDGE_COLUMNS)),
        review=pd.DataFrame(lines, columns=list(REVIEW_COLUMNS)),
        outlines={
            "type": "FeatureCollection",
            "features": [
                _feature(ids[t], [cells[int(i)] for i in np.flatnonzero(owner == t)])
                for t in range(territories)
            ],
        },
        names=tuple(name(k, f"Account {k} Ltd") for k in range(accounts)),
    )


def units_bundle(*, outlined: bool = True, names: Sequence[str] = ()) -> PlanBundle:
    """36 square units in three columns of two, as a user's own polygons or points."""
    ids = [f"unit-{k}" for k in range(36)]
    lat, lng = 50.0 + np.arange(36) // 6 * 0.5, 8.0 + np.arange(36) % 6 * 0.5
    owner = np.arange(36) % 6 // 2
    worth = 100.0 + np.arange(36)
    made = city_bundle(names=names)
    squares = [shapely.box(x, y, x + 0.5, y + 0.5) for x, y in zip(lng, lat, strict=True)]
    features = [
        {
            "type": "Feature",
            "id": f"T{t + 1:02d}",
            "properties": {},
            "geometry": mapping(shapely.union_all([squares[i] for i in np.flatnonzero(owner == t)]))
            if outlined
            else None,
        }
        for t in range(3)
    ]
    territories = [
        row | {"center": {"lat": 51.0, "lng": 8.5 + t}}
        for t, row in enumerate(made.document["territories"][:3])
    ]
    return PlanBundle(
        document={**made.document, "territories": territories, "units": "units"},
        assignments=made.assignments.iloc[:0],
        units=pd.DataFrame(
            {
                "unit_id": ids,
                "territory_id": [f"T{t + 1:02d}" for t in owner],
                "potential": worth,
                "workload": 1.0,
            }
        ),
        bridges=pd.DataFrame([("unit-0", "unit-35", 120.0)], columns=list(BRIDGE_COLUMNS)),
        review=pd.DataFrame([], columns=list(REVIEW_COLUMNS)),
        outlines={"type": "FeatureCollection", "features": features},
        places=pd.DataFrame({"unit_id": ids, "lat": lat + 0.25, "lng": lng + 0.25}),
    )


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # a table cannot hold half a surrogate pair


def _centres(points: Any, count: int, rng: np.random.Generator) -> list[int]:
    """Centres spread out: each the furthest of 30 tries from those before it."""
    chosen = [int(rng.integers(len(points)))]
    while len(chosen) < count:
        tries = rng.integers(0, len(points), 30)
        gaps = np.min([((points[tries] - points[c]) ** 2).sum(axis=1) for c in chosen], axis=0)
        chosen.append(int(tries[np.argmax(gaps)]))
    return chosen


def _feature(territory: str, cells: list[str]) -> dict[str, Any]:
    if len({h3.get_resolution(cell) for cell in cells}) > 1:
        (drawn,) = outlines(hex_to_cell(cells), np.zeros(len(cells), dtype=np.int32), 1)
        return {"type": "Feature", "id": territory, "properties": {}, "geometry": mapping(drawn)}
    geometry = shape(h3.cells_to_geo(cells, tight=True))
    west, _, east, _ = geometry.bounds
    if east - west > 180:
        geometry = shape(antimeridian.fix_shape(mapping(geometry)))
    return {"type": "Feature", "id": territory, "properties": {}, "geometry": mapping(geometry)}
