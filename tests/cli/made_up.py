"""Small inputs of every kind, and the command run as its user runs it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pandas as pd

Row = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """How a run of the command ended and what it said."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Ran]


def some_accounts(count: int = 80, seed: int = 1) -> list[Row]:
    """Accounts around Munich, with coordinates and potential."""
    rng = np.random.default_rng(seed)
    return [
        {
            "Account ID": f"A{i:03d}",
            "Name": f"Firm {i}",
            "City": ("München", "Dachau", "Freising")[i % 3],
            "Latitude": round(48.15 + rng.normal(0, 0.15), 6),
            "Longitude": round(11.6 + rng.normal(0, 0.25), 6),
            "Annual Potential": int(rng.integers(5, 60)),
            "Visits": int(rng.integers(1, 12)),
        }
        for i in range(count)
    ]


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def squares(side: int) -> dict[str, Any]:
    """A grid of square polygons of 0.1°, side by side in each direction."""
    features = []
    for i in range(side * side):
        west, south = i % side, i // side
        ring = [
            [(100 + west + a) / 10, (500 + south + b) / 10]
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        ]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"district": f"D{i}", "potential": 10 + i % 4},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def disk(lat: float, lng: float, resolution: int, rings: int) -> list[str]:
    return sorted(h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), rings))


def plan_of(directory: Path) -> Any:
    return json.loads((directory / "plan.json").read_text(encoding="utf-8"))
