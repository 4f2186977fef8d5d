"""Make data/basemap/land.parquet: the basemap's countries as valid polygons, and the US states.

    python -m scripts.make_land_table

Read from TopoJSON and mended anew, the land takes half a second of each plan.
"""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.cells.dateline import crosses_dateline, cut_at_dateline, unrolled
from geo.cells.land import BASEMAP, USA, Country

LAST_STATE = 56  # FIPS codes beyond are territories, which the world map has as countries


def main() -> None:
    found = drawn_countries()
    table = pa.table(
        {
            "iso": [country.iso for country in found],
            "name": [country.name for country in found],
            "land": [shapely.to_wkb(country.land) for country in found],
            "regions": [[shapely.to_wkb(r) for r in country.regions] for country in found],
        }
    )
    pq.write_table(table, BASEMAP / "land.parquet", compression="zstd", compression_level=19)


def drawn_countries() -> list[Country]:
    """All countries in the order of `countries-50m.json`."""
    states = tuple(
        land for fips, _, land in layer("states-10m.json", "states") if int(fips) <= LAST_STATE
    )
    found = []
    for iso, name, land in layer("countries-50m.json", "countries"):
        if iso == USA:  # the Census map is more exact, and leaves the Great Lakes out
            union = shapely.union_all(np.array(states, dtype=object))
            found.append(Country(iso, name, union, states))
        else:
            found.append(Country(iso, name, land))
    return found


def layer(file: str, name: str) -> list[tuple[str, str, BaseGeometry]]:
    """Code, name and land of each feature."""
    frame = pyogrio.read_dataframe(BASEMAP / file, layer=name)
    lands = [mended(land) for land in frame.geometry]
    codes = [code if isinstance(code, str) else "" for code in frame["id"]]
    return list(zip(codes, map(str, frame["name"]), lands, strict=True))


def mended(land: BaseGeometry) -> BaseGeometry:
    """The land with polygons across ±180° cut there and crossing rings parted."""
    if land.is_valid:
        return land
    parts: list[Polygon] = []
    for part in shapely.get_parts(land):
        flat = unrolled(part) if crosses_dateline(part) else None
        parts.extend([part] if flat is None else cut_at_dateline(flat))
    union = shapely.union_all(shapely.make_valid(parts))
    return MultiPolygon([part for part in shapely.get_parts(union) if isinstance(part, Polygon)])


if __name__ == "__main__":
    main()
