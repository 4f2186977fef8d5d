"""Make zips.parquet and zip_cities.parquet: US ZIP codes, and the post office's cities by key.

    python -m scripts.make_zips_table geo/geocode/data

Source: the package `zipcodes` (MIT). Its JSON and the keys of 70,000 names take over a second.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zipcodes

from geo.geocode.position import is_position
from geo.geocode.text import keys_of_name
from geo.sphere import to_lat_lng, to_xyz


def main(target: Path) -> None:
    rows = [
        (row["zip_code"], (row["city"], *row["acceptable_cities"]), row["state"],
         float(row["lat"]), float(row["long"]))
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if is_position(float(row["lat"]), float(row["long"]))
    ]  # fmt: skip
    code, names, state, lat, lng = (list(column) for column in zip(*rows, strict=True))
    zips = {"code": code, "cities": ["|".join(n) for n in names], "state": state}
    _write(target / "zips.parquet", zips | {"lat": lat, "lng": lng})
    _write(target / "zip_cities.parquet", cities(names, state, np.array(lat), np.array(lng)))


def cities(
    names: list[tuple[str, ...]], state: list[str], lat: np.ndarray, lng: np.ndarray
) -> dict[str, Any]:
    """Each city of a state by key, at the mean of its ZIP codes, named as the first one has it."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    first: dict[tuple[str, str], str] = {}
    for row, cities_of_zip in enumerate(names):
        keys = {key: name for name in reversed(cities_of_zip) for key in keys_of_name(name)}
        for key, name in keys.items():
            found[state[row], key].append(row)
            first.setdefault((state[row], key), name)
    order = sorted(found)
    middle = [
        to_lat_lng(to_xyz(lat[found[where]], lng[found[where]]).mean(axis=0)) for where in order
    ]
    return {
        "state": [where[0] for where in order],
        "key": [where[1] for where in order],
        "name": [first[where] for where in order],
        "lat": [float(lat) for lat, _ in middle],
        "lng": [float(lng) for _, lng in middle],
    }


def _write(target: Path, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), target, compression="zstd", compression_level=19)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
